#define _GNU_SOURCE
#include "watch.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stddef.h>
#include <stdlib.h>

static _Thread_local int watching;
static _Thread_local Watch counts;

void watch_begin(void) { watching = 1; }
void watch_end(void) { watching = 0; }
Watch watch_counts(void) { return counts; }

#ifdef __SANITIZE_ADDRESS__
int watch_works(void) { return 0; }
int watch_is_found(void) { return 0; }
#else
int watch_works(void) { return 1; }

/* The program's own malloc and so on stand before those of the C library, for every library of the process. */
extern void *__libc_malloc(size_t bytes);
extern void *__libc_calloc(size_t count, size_t bytes);
extern void *__libc_realloc(void *memory, size_t bytes);
extern void *__libc_memalign(size_t alignment, size_t bytes);
extern void __libc_free(void *memory);

void *malloc(size_t bytes) {
  counts.allocations += (unsigned long)watching;
  return __libc_malloc(bytes);
}

void *calloc(size_t count, size_t bytes) {
  counts.allocations += (unsigned long)watching;
  return __libc_calloc(count, bytes);
}

void *realloc(void *memory, size_t bytes) {
  counts.allocations += (unsigned long)watching;
  return __libc_realloc(memory, bytes);
}

void *aligned_alloc(size_t alignment, size_t bytes) {
  counts.allocations += (unsigned long)watching;
  return __libc_memalign(alignment, bytes);
}

void free(void *memory) {
  counts.frees += (unsigned long)watching;
  __libc_free(memory);
}

static int lock_count(void) {
  counts.locks += (unsigned long)watching;
  return 0;
}

int pthread_mutex_lock(pthread_mutex_t *mutex) {
  static int (*real)(pthread_mutex_t *);
  if (!real) {
    *(void **)&real = dlsym(RTLD_NEXT, "pthread_mutex_lock");
  }
  lock_count();
  return real(mutex);
}

int pthread_cond_wait(pthread_cond_t *condition, pthread_mutex_t *mutex) {
  static int (*real)(pthread_cond_t *, pthread_mutex_t *);
  if (!real) {
    *(void **)&real = dlsym(RTLD_NEXT, "pthread_cond_wait");
  }
  lock_count();
  return real(condition, mutex);
}

int watch_is_found(void) {
  return dlsym(RTLD_DEFAULT, "malloc") == (void *)malloc && dlsym(RTLD_DEFAULT, "free") == (void *)free &&
         dlsym(RTLD_DEFAULT, "pthread_mutex_lock") == (void *)pthread_mutex_lock &&
         dlsym(RTLD_DEFAULT, "pthread_cond_wait") == (void *)pthread_cond_wait;
}
#endif
