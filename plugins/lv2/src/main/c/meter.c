#define _GNU_SOURCE
#include "meter.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static int64_t now(clockid_t clock) {
  struct timespec time;
  clock_gettime(clock, &time);
  return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

void meter_start(Meter *meter) {
  const char *wish = getenv("MAMBA_AUDIO_LV2_STATS");
  memset(meter, 0, sizeof *meter);
  meter->on = wish && *wish && strcmp(wish, "0") != 0;
  meter->least_frames = UINT32_MAX;
}

void meter_enter(Meter *meter) {
  if (meter->on) {
    meter->before.cpu_ns = now(CLOCK_THREAD_CPUTIME_ID);
    meter->before.wall_ns = now(CLOCK_MONOTONIC);
  }
}

static void add(int64_t *sum, int64_t *worst, int64_t ns) {
  *sum += ns;
  *worst = ns > *worst ? ns : *worst;
}

void meter_leave(Meter *meter, uint32_t frames) {
  if (!meter->on) {
    return;
  }
  int64_t wall = now(CLOCK_MONOTONIC) - meter->before.wall_ns;
  add(&meter->sum.wall_ns, &meter->worst.wall_ns, wall);
  add(&meter->sum.cpu_ns, &meter->worst.cpu_ns, now(CLOCK_THREAD_CPUTIME_ID) - meter->before.cpu_ns);
  meter->calls++;
  meter->late += wall > LIMIT_NS;
  meter->least_frames = frames < meter->least_frames ? frames : meter->least_frames;
  meter->most_frames = frames > meter->most_frames ? frames : meter->most_frames;
}

void meter_say(const Meter *meter, char *line, uint32_t bytes) {
  double calls = meter->calls ? (double)meter->calls : 1;
  snprintf(line, bytes,
           "run: calls=%" PRIu64 " frames=%" PRIu32 "..%" PRIu32 " mean_us=%.3f worst_ms=%.4f worst_cpu_ms=%.4f over_0.5_ms=%" PRIu64,
           meter->calls, meter->calls ? meter->least_frames : 0, meter->most_frames, (double)meter->sum.wall_ns / calls / 1e3,
           (double)meter->worst.wall_ns / 1e6, (double)meter->worst.cpu_ns / 1e6, meter->late);
}
