#define _GNU_SOURCE
#include "jvm.h"

#include "findjvm.h"

#include <dlfcn.h>
#include <fenv.h>
#include <glob.h>
#include <limits.h>
#include <locale.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STACK_BYTES = 2 << 20, LOCAL_REFERENCES = 32 };

typedef enum { NEW, STARTING, RUNNING, FAILED } State;

static struct {
  pthread_mutex_t lock;
  pthread_cond_t changed;
  State state;
  Line failure;
  char class_path[32 * 1024];
  char libjvm[PATH_MAX];
  void (*job)(JNIEnv *, void *); /* NULL: the thread is free */
  void *data;
} jvm = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

void line_say(Line *line, const char *format, ...) {
  va_list values;
  va_start(values, format);
  vsnprintf(line->text, sizeof line->text, format, values);
  va_end(values);
}

#ifdef __SANITIZE_ADDRESS__ /* which has the addresses that ZGC wants */
#define COLLECTOR "-XX:+UseSerialGC"
#else
#define COLLECTOR "-XX:+UseZGC"
#endif

/* -Djava.class.path= and every jar of the bundle. The class path and not the module path, because a JVM that does not find a module
 * exits, and the host with it. */
static int gather_jars(const char *bundle, Line *why_not) {
  char pattern[PATH_MAX];
  glob_t jars;
  size_t length = (size_t)snprintf(jvm.class_path, sizeof jvm.class_path, "-Djava.class.path=");
  snprintf(pattern, sizeof pattern, "%slib/*.jar", bundle);
  if (glob(pattern, 0, NULL, &jars)) {
    line_say(why_not, "%slib has no jars; build the bundle again", bundle);
    globfree(&jars);
    return 0;
  }
  for (size_t i = 0; i < jars.gl_pathc && length < sizeof jvm.class_path; i++) {
    length += (size_t)snprintf(jvm.class_path + length, sizeof jvm.class_path - length, "%s%s", i ? ":" : "", jars.gl_pathv[i]);
  }
  globfree(&jars);
  if (length >= sizeof jvm.class_path || strchr(bundle, ':')) {
    line_say(why_not, "%s cannot stand in a class path; move the bundle to a shorter name without a colon",
             bundle);
    return 0;
  }
  return 1;
}

/* Creates the JVM in this thread. The JVM sets the process's locale to the user's, which would change how a host writes numbers. */
static JNIEnv *create(Line *why_not) {
  JavaVMOption options[] = {
      {.optionString = jvm.class_path},
      {.optionString = "--add-modules=jdk.incubator.vector"},
      {.optionString = COLLECTOR},
      {.optionString = "-Xms32m"},
      {.optionString = "-Xmx1g"},
      {.optionString = "-XX:SoftMaxHeapSize=96m"},
      {.optionString = "-Xrs"}, /* signals are the host's */
      {.optionString = "-XX:-UsePerfData"},
      {.optionString = "-XX:CompileCommand=quiet"}, /* kernels are compiled at a tenth of the usual counts */
      {.optionString = "-XX:CompileCommand=CompileThresholdScaling,io.mambaaudio.models.cpu.*::*,0.1"},
      {.optionString = "-Djava.awt.headless=true"},
      {.optionString = "-Djava.util.logging.SimpleFormatter.format=mamba-audio: %4$s: %5$s%6$s%n"},
  };
  JavaVMInitArgs args = {.version = JNI_VERSION_10,
                         .nOptions = sizeof options / sizeof *options,
                         .options = options,
                         .ignoreUnrecognized = JNI_TRUE};
  void *library = dlopen(jvm.libjvm, RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    line_say(why_not, "%s does not load (%s)", jvm.libjvm, dlerror());
    return NULL;
  }
  jint (*create_vm)(JavaVM **, void **, void *) = NULL;
  *(void **)&create_vm = dlsym(library, "JNI_CreateJavaVM");
  char *locale = strdup(setlocale(LC_ALL, NULL));
  JavaVM *vm = NULL;
  JNIEnv *env = NULL;
  jint result = create_vm ? create_vm(&vm, (void **)&env, &args) : JNI_ERR;
  setlocale(LC_ALL, locale);
  free(locale);
  if (result != JNI_OK) {
    line_say(why_not, "%s does not start (error %d%s)", jvm.libjvm, (int)result,
             result == JNI_EEXIST ? ": another plugin of this process has a JVM already" : "");
    return NULL;
  }
  return env;
}

static void *serve(void *unused) {
  (void)unused;
  fesetenv(FE_DFL_ENV); /* a host may flush denormals in all its threads; Java's numbers don't bear that */
  Line why_not = {""};
  JNIEnv *env = create(&why_not);
  pthread_mutex_lock(&jvm.lock);
  jvm.state = env ? RUNNING : FAILED;
  jvm.failure = why_not;
  pthread_cond_broadcast(&jvm.changed);
  while (env) {
    while (!jvm.job) {
      pthread_cond_wait(&jvm.changed, &jvm.lock);
    }
    pthread_mutex_unlock(&jvm.lock);
    jvm.job(env, jvm.data);
    pthread_mutex_lock(&jvm.lock);
    jvm.job = NULL;
    pthread_cond_broadcast(&jvm.changed);
  }
  pthread_mutex_unlock(&jvm.lock);
  return NULL;
}

/* An ordinary thread whatever the host's is: no real-time priority (its children would have it too), no signals, a known stack. */
static int start_thread(void) {
  pthread_t thread;
  pthread_attr_t attributes;
  struct sched_param none = {.sched_priority = 0};
  sigset_t all;
  sigset_t before;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, STACK_BYTES);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  pthread_attr_setinheritsched(&attributes, PTHREAD_EXPLICIT_SCHED);
  pthread_attr_setschedpolicy(&attributes, SCHED_OTHER);
  pthread_attr_setschedparam(&attributes, &none);
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  int error = pthread_create(&thread, &attributes, serve, NULL);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  pthread_attr_destroy(&attributes);
  return error;
}

/* What can be wrong before a JVM was asked to start can be put right by the user, so it is looked at anew each time. */
static void try_to_start(const char *bundle, Line *why_not) {
  if (!gather_jars(bundle, why_not) || !find_jvm(jvm.libjvm, sizeof jvm.libjvm, why_not->text, sizeof why_not->text)) {
    return;
  }
  jvm.state = STARTING;
  int error = start_thread();
  if (error) {
    jvm.state = NEW;
    line_say(why_not, "no thread for the JVM (%s)", strerror(error));
  }
}

int jvm_start(const char *bundle, Line *why_not) {
  why_not->text[0] = 0;
  pthread_mutex_lock(&jvm.lock);
  if (jvm.state == NEW) {
    try_to_start(bundle, why_not);
  }
  while (jvm.state == STARTING) {
    pthread_cond_wait(&jvm.changed, &jvm.lock);
  }
  if (jvm.state == FAILED) {
    *why_not = jvm.failure;
  }
  int running = jvm.state == RUNNING;
  pthread_mutex_unlock(&jvm.lock);
  return running;
}

typedef struct {
  void (*job)(JNIEnv *, void *);
  void *data;
  int done;
} Call;

static void call(JNIEnv *env, void *data) {
  Call *made = data;
  if (!(*env)->PushLocalFrame(env, LOCAL_REFERENCES)) {
    made->job(env, made->data);
    (*env)->PopLocalFrame(env, NULL);
  }
  pthread_mutex_lock(&jvm.lock);
  made->done = 1;
  pthread_mutex_unlock(&jvm.lock);
}

void jvm_run(void (*job)(JNIEnv *, void *), void *data) {
  Call made = {job, data, 0};
  pthread_mutex_lock(&jvm.lock);
  while (jvm.job) {
    pthread_cond_wait(&jvm.changed, &jvm.lock);
  }
  jvm.job = call;
  jvm.data = &made;
  pthread_cond_broadcast(&jvm.changed);
  while (!made.done) {
    pthread_cond_wait(&jvm.changed, &jvm.lock);
  }
  pthread_mutex_unlock(&jvm.lock);
}

int jvm_thrown(JNIEnv *env, Line *reason) {
  jthrowable thrown = (*env)->ExceptionOccurred(env);
  if (!thrown) {
    return 0;
  }
  (*env)->ExceptionClear(env);
  line_say(reason, "Java has failed");
  jclass ours = (*env)->FindClass(env, "java/lang/RuntimeException"); /* made for the user: the message says all */
  int plain = ours && (*env)->IsInstanceOf(env, thrown, ours);
  jclass type = (*env)->GetObjectClass(env, thrown);
  jmethodID say = (*env)->GetMethodID(env, type, plain ? "getMessage" : "toString", "()Ljava/lang/String;");
  jstring text = say ? (*env)->CallObjectMethod(env, thrown, say) : NULL;
  const char *chars = text && !(*env)->ExceptionCheck(env) ? (*env)->GetStringUTFChars(env, text, NULL) : NULL;
  if (chars) {
    line_say(reason, "%s", chars);
    (*env)->ReleaseStringUTFChars(env, text, chars);
  }
  (*env)->ExceptionClear(env);
  for (char *c = reason->text; *c; c++) {
    *c = *c == '\n' || *c == '\r' ? ' ' : *c;
  }
  return 1;
}
