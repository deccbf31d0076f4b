#define _GNU_SOURCE
#include "findjvm.h"

#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What the folder of a Java says about itself, in its file release. */
typedef struct {
  int version; /* 0: there is no Java */
  int has_vectors;
} Release;

static Release read_release(const char *home) {
  Release release = {0, 1};
  char path[PATH_MAX];
  char line[8192];
  if (snprintf(path, sizeof path, "%s/release", home) >= (int)sizeof path) {
    return release;
  }
  FILE *file = fopen(path, "re");
  if (!file) {
    return release;
  }
  while (fgets(line, sizeof line, file)) {
    if (!strncmp(line, "JAVA_VERSION=\"", 14)) {
      release.version = atoi(line + 14);
    } else if (!strncmp(line, "MODULES=", 8)) {
      release.has_vectors = strstr(line, "jdk.incubator.vector") != NULL;
    }
  }
  fclose(file);
  return release;
}

/* 1 if home has a JVM that we can use; else 0, and why_not says what is wrong with it, unless it is no Java at all. */
static int fits(const char *home, char *libjvm, size_t libjvm_bytes, char *why_not, size_t why_not_bytes) {
  Release release = read_release(home);
  if (!release.version) {
    return 0;
  }
  int length = snprintf(libjvm, libjvm_bytes, "%s/lib/server/libjvm.so", home);
  if (release.version < LEAST_JAVA) {
    snprintf(why_not, why_not_bytes, "%s is Java %d", home, release.version);
  } else if (!release.has_vectors) {
    snprintf(why_not, why_not_bytes, "%s lacks the module jdk.incubator.vector", home);
  } else if (length >= (int)libjvm_bytes || access(libjvm, R_OK)) {
    snprintf(why_not, why_not_bytes, "%s has no lib/server/libjvm.so", home);
  } else {
    return 1;
  }
  return 0;
}

/* The home of the java that a shell would start: the first on the PATH, links followed. */
static int home_on_path(char *home) {
  const char *at = getenv("PATH");
  while (at && *at) {
    size_t length = strcspn(at, ":");
    char java[PATH_MAX];
    if (snprintf(java, sizeof java, "%.*s/java", (int)length, at) < (int)sizeof java && !access(java, X_OK) &&
        realpath(java, home)) {
      for (int up = 0; up < 2; up++) { /* from HOME/bin/java to HOME */
        char *slash = strrchr(home, '/');
        if (slash) {
          *slash = 0;
        }
      }
      return 1;
    }
    at += length + (at[length] == ':');
  }
  return 0;
}

static const char *const USUAL[] = {"/usr/lib/jvm/*", "/usr/local/lib/jvm/*", "~/.sdkman/candidates/java/*", "~/.jdks/*",
                                    "/opt/java/*",    "/opt/jdk*",            "/opt/*jdk*"};

static int usual_place(char *libjvm, size_t libjvm_bytes, char *why_not, size_t why_not_bytes) {
  int found = 0;
  for (size_t p = 0; p < sizeof USUAL / sizeof *USUAL && !found; p++) {
    glob_t places;
    if (!glob(USUAL[p], GLOB_TILDE, NULL, &places)) {
      for (size_t i = 0; i < places.gl_pathc && !found; i++) {
        found = fits(places.gl_pathv[i], libjvm, libjvm_bytes, why_not, why_not_bytes);
      }
    }
    globfree(&places);
  }
  return found;
}

int find_jvm(char *libjvm, size_t libjvm_bytes, char *why_not, size_t why_not_bytes) {
  static const char remedy[] = "install a JDK 25 (https://adoptium.net) or set MAMBA_AUDIO_JAVA_HOME to one";
  char seen[PATH_MAX + 64] = "";
  char home[PATH_MAX];
  const char *wish = getenv("MAMBA_AUDIO_JAVA_HOME");
  if (wish && *wish) {
    if (fits(wish, libjvm, libjvm_bytes, seen, sizeof seen)) {
      return 1;
    }
    snprintf(why_not, why_not_bytes, "MAMBA_AUDIO_JAVA_HOME=%s has no Java 25 or newer (%s); %s", wish,
             *seen ? seen : "there is no file release", remedy);
    return 0;
  }
  const char *java_home = getenv("JAVA_HOME");
  if ((java_home && *java_home && fits(java_home, libjvm, libjvm_bytes, seen, sizeof seen)) ||
      (home_on_path(home) && fits(home, libjvm, libjvm_bytes, seen, sizeof seen)) ||
      usual_place(libjvm, libjvm_bytes, seen, sizeof seen)) {
    return 1;
  }
  snprintf(why_not, why_not_bytes, "no Java 25 or newer found (JAVA_HOME=%s%s%s); %s", java_home ? java_home : "unset",
           *seen ? ", " : "", seen, remedy);
  return 0;
}
