/* How long the calls of run() take, if MAMBA_AUDIO_LV2_STATS is set: two readings of two clocks a call, no allocation, no lock. */
#ifndef MAMBA_METER_H
#define MAMBA_METER_H

#include <stdint.h>

typedef struct {
  int64_t wall_ns;
  int64_t cpu_ns;
} Moment;

typedef struct {
  int on;
  Moment before;
  Moment sum;
  Moment worst;
  uint64_t calls;
  uint64_t late; /* longer than LIMIT_NS by the clock on the wall */
  uint32_t least_frames;
  uint32_t most_frames;
} Meter;

enum { LIMIT_NS = 500000 };

void meter_start(Meter *meter); /* at activation; reads the environment */
void meter_enter(Meter *meter);
void meter_leave(Meter *meter, uint32_t frames);

/* One line. */
void meter_say(const Meter *meter, char *line, uint32_t bytes);

#endif
