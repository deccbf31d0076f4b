/* Where a Java 25 is on this machine. */
#ifndef MAMBA_FINDJVM_H
#define MAMBA_FINDJVM_H

#include <stddef.h>

enum { LEAST_JAVA = 25 };

/* The home of the first fitting Java: MAMBA_AUDIO_JAVA_HOME, and if that is not set JAVA_HOME, the java on the PATH, the usual places.
 * Gives 1 and the path of its libjvm.so, or 0 and one line that says what was looked for. */
int find_jvm(char *libjvm, size_t libjvm_bytes, char *why_not, size_t why_not_bytes);

#endif
