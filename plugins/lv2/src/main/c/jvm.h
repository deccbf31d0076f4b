/* The one JVM of this process, and the one thread of ours that may call it: the threads of the host never become Java threads. */
#ifndef MAMBA_JVM_H
#define MAMBA_JVM_H

#include <jni.h>
#include <stddef.h>

typedef struct {
  char text[1024];
} Line; /* of a log; empty: all is well */

/* As printf; what is too long is cut. */
void line_say(Line *line, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Starts the JVM, or finds that it runs. bundle: the folder with lib/ and speech/, with a slash at its end.
 * Gives 1, or 0 and the reason. Blocks for the first one; not for the audio thread. */
int jvm_start(const char *bundle, Line *why_not);

/* Runs a job on the thread of the JVM and waits for its end. Only after jvm_start gave 1; not for the audio thread. */
void jvm_run(void (*job)(JNIEnv *env, void *data), void *data);

/* If Java has thrown: forgets that, writes the reason and gives 1. */
int jvm_thrown(JNIEnv *env, Line *reason);

#endif
