/* Counts what an audio thread must not do: memory and locks, by the thread that is between watch_begin and watch_end. */
#ifndef MAMBA_WATCH_H
#define MAMBA_WATCH_H

typedef struct {
  unsigned long allocations;
  unsigned long frees;
  unsigned long locks;
} Watch;

/* 0 where another tool (a sanitizer) has these functions already. */
int watch_works(void);
int watch_is_found(void); /* 1: libraries find the watch, not the C library */
void watch_begin(void);
void watch_end(void);
Watch watch_counts(void); /* of this thread, since it began */

#endif
