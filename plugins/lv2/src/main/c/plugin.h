/* One instance of the plugin, as its two sides know it: transcriber.c, which may block, and run.c, which is the audio thread. */
#ifndef MAMBA_PLUGIN_H
#define MAMBA_PLUGIN_H

#include "meter.h"
#include "peer.h"
#include "shared.h"
#include "uris.h"

#include <lv2/atom/forge.h>
#include <lv2/core/lv2.h>
#include <lv2/log/logger.h>

#include <limits.h>
#include <stdint.h>

/* Behind the audio ports: in, out, or two of each. */
enum { CONTROL, NOTIFY, ENABLED, FREE_WHEEL, TEXT_FILE, LATENCY, LISTENING, LOST, OTHER_PORTS };

typedef struct {
  uint32_t channels;
  double rate_hz;
  const float *in[MAX_CHANNELS];
  float *out[MAX_CHANNELS];
  void *other[OTHER_PORTS];
  Shared *shared;
  Peer *peer; /* NULL: the sound passes, and that is all */
  int active;
  uint64_t lost_frames;
  Meter meter;
  int has_map;
  Uris uris;
  LV2_Atom_Forge forge;
  LV2_Log_Logger log;
  char default_file[PATH_MAX];
  char file[LETTER_BYTES]; /* as the audio thread knows it */
} Plugin;

/* LV2's run. */
void plugin_run(LV2_Handle handle, uint32_t frames);

#endif
