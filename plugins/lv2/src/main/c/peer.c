#define _GNU_SOURCE
#include "peer.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct Peer {
  jobject instance;
};

/* What is the same for all instances. Touched by the JVM's thread alone. */
static struct {
  jobject host; /* SpeechHost; NULL before the first instance, or if there is no model */
  jmethodID instance;
  jmethodID activate;
  jmethodID deactivate;
  jmethodID choose;
  jmethodID chosen;
} java;

/* What one call takes and gives. */
typedef struct {
  Peer *peer;
  const char *bundle;
  Shared *shared;
  const char *file;
  char *answer;
  size_t answer_bytes;
  Line reason;
  int done;
} Args;

static jbyteArray bytes_of(JNIEnv *env, const char *text) {
  jsize length = (jsize)strlen(text);
  jbyteArray bytes = (*env)->NewByteArray(env, length);
  if (bytes) {
    (*env)->SetByteArrayRegion(env, bytes, 0, length, (const jbyte *)text);
  }
  return bytes;
}

static void copy_bytes(JNIEnv *env, jbyteArray bytes, char *to, size_t room) {
  jsize length = bytes ? (*env)->GetArrayLength(env, bytes) : 0;
  length = (size_t)length < room ? length : (jsize)room - 1;
  if (length) {
    (*env)->GetByteArrayRegion(env, bytes, 0, length, (jbyte *)to);
  }
  to[length] = 0;
}

static jclass find_methods(JNIEnv *env, jmethodID *open) {
  jclass host = (*env)->FindClass(env, "io/mambaaudio/lv2/SpeechHost");
  jclass instance = host ? (*env)->FindClass(env, "io/mambaaudio/lv2/SpeechInstance") : NULL;
  if (!instance || !(*open = (*env)->GetStaticMethodID(env, host, "open", "([B)Lio/mambaaudio/lv2/SpeechHost;")) ||
      !(java.instance = (*env)->GetMethodID(env, host, "instance", "(Ljava/nio/ByteBuffer;[B)Lio/mambaaudio/lv2/SpeechInstance;")) ||
      !(java.activate = (*env)->GetMethodID(env, instance, "activate", "()V")) ||
      !(java.deactivate = (*env)->GetMethodID(env, instance, "deactivate", "()[B")) ||
      !(java.choose = (*env)->GetMethodID(env, instance, "choose", "([B)V")) ||
      !(java.chosen = (*env)->GetMethodID(env, instance, "chosen", "()[B"))) {
    return NULL;
  }
  return host;
}

static void open_host(JNIEnv *env, const char *bundle) {
  char model[PATH_MAX];
  const char *wish = getenv("MAMBA_AUDIO_LV2_MODEL");
  int wished = wish && *wish;
  snprintf(model, sizeof model, "%s%s", wished ? "" : bundle, wished ? wish : "speech/model.safetensors");
  jmethodID open;
  jclass type = find_methods(env, &open);
  jbyteArray name = type ? bytes_of(env, model) : NULL;
  jobject host = name ? (*env)->CallStaticObjectMethod(env, type, open, name) : NULL;
  if (!(*env)->ExceptionCheck(env) && host) {
    java.host = (*env)->NewGlobalRef(env, host);
  }
}

static void new_job(JNIEnv *env, void *data) {
  Args *args = data;
  if (!java.host) {
    open_host(env, args->bundle);
  }
  if (java.host) {
    jobject memory = (*env)->NewDirectByteBuffer(env, args->shared, (jlong)shared_bytes(args->shared));
    jbyteArray file = memory ? bytes_of(env, args->file) : NULL;
    jobject made = file ? (*env)->CallObjectMethod(env, java.host, java.instance, memory, file) : NULL;
    if (!(*env)->ExceptionCheck(env) && made) {
      args->peer->instance = (*env)->NewGlobalRef(env, made);
    }
  }
  jvm_thrown(env, &args->reason);
}

Peer *peer_new(const char *bundle, Shared *shared, const char *file, Line *why_not) {
  if (!jvm_start(bundle, why_not)) {
    return NULL;
  }
  Peer *peer = calloc(1, sizeof *peer);
  Args args = {.peer = peer, .bundle = bundle, .shared = shared, .file = file, .reason.text = "no memory is left"};
  if (peer) {
    jvm_run(new_job, &args);
  }
  if (!peer || !peer->instance) {
    *why_not = args.reason;
    free(peer);
    return NULL;
  }
  return peer;
}

static void activate_job(JNIEnv *env, void *data) {
  Args *args = data;
  (*env)->CallVoidMethod(env, args->peer->instance, java.activate);
  args->done = !jvm_thrown(env, &args->reason);
}

int peer_activate(Peer *peer, Line *why_not) {
  Args args = {.peer = peer};
  jvm_run(activate_job, &args);
  *why_not = args.reason;
  return args.done;
}

static void deactivate_job(JNIEnv *env, void *data) {
  Args *args = data;
  jbyteArray reason = (*env)->CallObjectMethod(env, args->peer->instance, java.deactivate);
  if (!jvm_thrown(env, &args->reason)) {
    copy_bytes(env, reason, args->reason.text, sizeof args->reason.text);
    args->done = 1;
  }
}

int peer_deactivate(Peer *peer, Line *reason) {
  Args args = {.peer = peer};
  jvm_run(deactivate_job, &args);
  *reason = args.reason;
  return args.done;
}

static void choose_job(JNIEnv *env, void *data) {
  Args *args = data;
  jbyteArray file = bytes_of(env, args->file);
  if (file) {
    (*env)->CallVoidMethod(env, args->peer->instance, java.choose, file);
  }
  jvm_thrown(env, &args->reason);
}

void peer_choose(Peer *peer, const char *file) {
  Args args = {.peer = peer, .file = file};
  jvm_run(choose_job, &args);
}

static void chosen_job(JNIEnv *env, void *data) {
  Args *args = data;
  jbyteArray file = (*env)->CallObjectMethod(env, args->peer->instance, java.chosen);
  if (!jvm_thrown(env, &args->reason)) {
    copy_bytes(env, file, args->answer, args->answer_bytes);
  }
}

void peer_chosen(Peer *peer, char *file, size_t bytes) {
  Args args = {.peer = peer, .answer = file, .answer_bytes = bytes};
  file[0] = 0;
  jvm_run(chosen_job, &args);
}

static void free_job(JNIEnv *env, void *data) {
  Args *args = data;
  (*env)->DeleteGlobalRef(env, args->peer->instance);
}

void peer_free(Peer *peer) {
  Args args = {.peer = peer};
  jvm_run(free_job, &args);
  free(peer);
}
