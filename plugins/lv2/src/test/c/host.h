/* A host of LV2 plugins that is strict where a DAW is lenient. It ends the process with 1 and a line on standard error at the first promise
 * that is broken, prints texts as "final NAME: ..." and log lines of the plugin as "log: ...". */
#ifndef MAMBA_HOST_H
#define MAMBA_HOST_H

#include "../../main/c/uris.h"

#include <lv2/atom/forge.h>
#include <lv2/core/lv2.h>

#include <limits.h>
#include <stdint.h>

enum { RATE = 48000, MOST_FRAMES = 4096, ATOM_BYTES = 8192 };

/* One instance and its ports. */

typedef union {
  LV2_Atom_Sequence sequence;
  uint8_t bytes[ATOM_BYTES];
  uint64_t align;
} Atoms;

typedef struct {
  const LV2_Descriptor *descriptor;
  LV2_Handle handle;
  uint32_t channels;
  const char *name;
  float in[2][MOST_FRAMES];
  float out[2][MOST_FRAMES];
  Atoms control;
  Atoms notify;
  float enabled, free_wheel, text_file, latency, listening, lost;
  char answer[PATH_MAX];
  unsigned partials;
  unsigned finals;
} Instance;

extern Uris uris;
extern LV2_Atom_Forge forge;
extern int log_lines; /* of the plugin, so far */

void fail(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

/* Loads the plugin. bundle is what it is told, binary where it is. */
void host_open(const char *bundle, const char *binary);

Instance *open_instance(uint32_t channels, const char *name);
void close_instance(Instance *instance);
void clear_control(Instance *instance);

/* Runs one block of sound (NULL: silence) and compares what comes out. In stereo all of it is in the left channel, twice as loud, so
 * that the mixture is the sound itself, bit by bit. In place, the channels are crossed. */
void run_block(Instance *instance, const float *sound, uint32_t frames, int in_place);

#endif
