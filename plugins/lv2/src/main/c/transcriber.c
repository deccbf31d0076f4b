/* Mamba Audio's transcriber as an LV2 plugin. The sound passes unchanged and at once; a copy of it goes through a ring to an engine in
 * a JVM of this process, and what was said comes back through another. Without a JVM the sound passes all the same. */
#define _GNU_SOURCE
#include "meter.h"
#include "peer.h"
#include "shared.h"
#include "uris.h"

#include <lv2/atom/forge.h>
#include <lv2/atom/util.h>
#include <lv2/buf-size/buf-size.h>
#include <lv2/core/lv2.h>
#include <lv2/core/lv2_util.h>
#include <lv2/log/logger.h>
#include <lv2/options/options.h>
#include <lv2/state/state.h>

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Behind the audio ports: in, out, or two of each. */
enum { CONTROL, NOTIFY, ENABLED, FREE_WHEEL, TEXT_FILE, LATENCY, LISTENING, LOST, OTHER_PORTS };

enum {
  RING_SECONDS = 4,
  RING_BLOCKS = 4,        /* at least, of the host's largest */
  FREE_WHEEL_NAP_NS = 100000,
  FREE_WHEEL_NAPS = 100000, /* 10 s without progress: nobody comes any more */
  ATOM_OVERHEAD = 160     /* of a message around its text */
};

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

/* Where text goes if nobody chooses: MAMBA_AUDIO_LV2_FILE, or a folder in the user's data. */
static void default_file(char *name, size_t bytes) {
  const char *wish = getenv("MAMBA_AUDIO_LV2_FILE");
  const char *data = getenv("XDG_DATA_HOME");
  const char *home = getenv("HOME");
  if (wish && *wish) {
    snprintf(name, bytes, "%s", wish);
  } else if (data && *data) {
    snprintf(name, bytes, "%s/mamba-audio/transcripts/", data);
  } else if (home && *home) {
    snprintf(name, bytes, "%s/.local/share/mamba-audio/transcripts/", home);
  } else {
    name[0] = 0;
  }
}

static int32_t largest_block(const Uris *uris, const LV2_Options_Option *option) {
  for (; option && option->key; option++) {
    if (option->key == uris->max_block_length && option->type == uris->integer) {
      return *(const int32_t *)option->value;
    }
  }
  return 0;
}

static void open_peer(Plugin *plugin, const char *bundle, int32_t block_frames) {
  Line why_not = {"no memory is left"};
  char folder[PATH_MAX];
  size_t length = strlen(bundle);
  snprintf(folder, sizeof folder, "%s%s", bundle, length && bundle[length - 1] == '/' ? "" : "/");
  int32_t seconds = (int32_t)(RING_SECONDS * plugin->rate_hz);
  int32_t blocks = block_frames > INT32_MAX / RING_BLOCKS ? INT32_MAX : RING_BLOCKS * block_frames;
  plugin->shared = shared_new((int32_t)lrint(plugin->rate_hz), (int32_t)plugin->channels, seconds > blocks ? seconds : blocks);
  if (plugin->shared) {
    plugin->peer = peer_new(folder, plugin->shared, plugin->default_file, &why_not);
  }
  if (!plugin->peer) {
    lv2_log_error(&plugin->log, "mamba-audio: no transcription, the sound passes: %s\n", why_not.text);
  }
}

static LV2_Handle instantiate(const LV2_Descriptor *descriptor, double rate_hz, const char *bundle, const LV2_Feature *const *features) {
  Plugin *plugin = calloc(1, sizeof *plugin);
  if (!plugin) {
    return NULL;
  }
  LV2_URID_Map *map = NULL;
  LV2_Log_Log *log = NULL;
  const LV2_Options_Option *options = NULL;
  static const LV2_Feature *const none[] = {NULL};
  lv2_features_query(features ? features : none, LV2_URID__map, &map, false, LV2_LOG__log, &log, false, LV2_OPTIONS__options, &options,
                     false, NULL);
  plugin->channels = strcmp(descriptor->URI, URI_STEREO) ? 1 : 2;
  plugin->rate_hz = rate_hz;
  lv2_log_logger_init(&plugin->log, map, log);
  plugin->has_map = map != NULL;
  if (map) {
    uris_map(&plugin->uris, map);
    lv2_atom_forge_init(&plugin->forge, map);
  }
  default_file(plugin->default_file, sizeof plugin->default_file);
  snprintf(plugin->file, sizeof plugin->file, "%s", plugin->default_file);
  open_peer(plugin, bundle, map ? largest_block(&plugin->uris, options) : 0);
  return plugin;
}

static void connect_port(LV2_Handle handle, uint32_t port, void *data) {
  Plugin *plugin = handle;
  if (port < plugin->channels) {
    plugin->in[port] = data;
  } else if (port < 2 * plugin->channels) {
    plugin->out[port - plugin->channels] = data;
  } else if (port - 2 * plugin->channels < OTHER_PORTS) {
    plugin->other[port - 2 * plugin->channels] = data;
  }
}

static void activate(LV2_Handle handle) {
  Plugin *plugin = handle;
  Line why_not;
  plugin->lost_frames = 0;
  meter_start(&plugin->meter);
  if (!plugin->peer || plugin->active) {
    return;
  }
  plugin->active = peer_activate(plugin->peer, &why_not);
  if (!plugin->active) {
    lv2_log_error(&plugin->log, "mamba-audio: no transcription, the sound passes: %s\n", why_not.text);
  }
}

static void deactivate(LV2_Handle handle) {
  Plugin *plugin = handle;
  Line reason;
  if (plugin->active) {
    plugin->active = !peer_deactivate(plugin->peer, &reason);
    if (*reason.text) {
      lv2_log_error(&plugin->log, "mamba-audio: transcription failed, the sound passed: %s\n", reason.text);
    }
  }
  if (plugin->lost_frames) {
    lv2_log_warning(&plugin->log, "mamba-audio: %.2f s of sound were not transcribed: the host was faster than the machine can hear\n",
                    (double)plugin->lost_frames / plugin->rate_hz);
  }
  if (plugin->meter.on) {
    char line[512];
    meter_say(&plugin->meter, line, sizeof line);
    lv2_log_note(&plugin->log, "mamba-audio: %s\n", line);
  }
}

static void cleanup(LV2_Handle handle) {
  Plugin *plugin = handle;
  if (plugin->active) {
    deactivate(plugin);
  }
  if (!plugin->active) { /* else Java still reads the memory, which is then lost with the process */
    if (plugin->peer) {
      peer_free(plugin->peer);
    }
    free(plugin->shared);
  }
  free(plugin);
}

/* From here to the end of run: the audio thread. No allocation, no lock, no call of Java, and no wait but in free wheel. */

static float value(const Plugin *plugin, int port, float without) {
  const float *connected = plugin->other[port];
  return connected ? *connected : without;
}

static void report(const Plugin *plugin, int port, double number) {
  float *connected = plugin->other[port];
  if (connected) {
    *connected = (float)number;
  }
}

/* A host may give the same buffer for an input and an output, in any order of channels. */
static void pass(const Plugin *plugin, uint32_t frames) {
  if (plugin->channels == 1) {
    if (plugin->in[0] != plugin->out[0]) {
      memmove(plugin->out[0], plugin->in[0], frames * sizeof(float));
    }
    return;
  }
  const float *in0 = plugin->in[0];
  const float *in1 = plugin->in[1];
  float *out0 = plugin->out[0];
  float *out1 = plugin->out[1];
  for (uint32_t i = 0; i < frames && (in0 != out0 || in1 != out1); i++) {
    float left = in0[i];
    float right = in1[i];
    out0[i] = left;
    out1[i] = right;
  }
}

static int listened(const Plugin *plugin) {
  return plugin->active && atomic_load_explicit(&plugin->shared->listening, memory_order_acquire);
}

/* A host that renders to a file allows a wait; any other does not, and loses what has no room. */
static uint32_t write_patiently(Plugin *plugin, const float *const *sound, uint32_t done, uint32_t frames) {
  const struct timespec nap = {0, FREE_WHEEL_NAP_NS};
  for (int naps = 0; done < frames && naps < FREE_WHEEL_NAPS && listened(plugin); naps++) {
    nanosleep(&nap, NULL);
    uint32_t count = shared_write(plugin->shared, sound, done, frames - done);
    done += count;
    naps = count ? 0 : naps;
  }
  return done;
}

static void hear(Plugin *plugin, uint32_t frames) {
  if (!listened(plugin)) {
    return;
  }
  const float *const *sound = value(plugin, ENABLED, 1) > 0 ? plugin->in : NULL; /* silence keeps the time and ends the utterance */
  uint32_t done = shared_write(plugin->shared, sound, 0, frames);
  if (done < frames && value(plugin, FREE_WHEEL, 0) > 0) {
    done = write_patiently(plugin, sound, done, frames);
  }
  plugin->lost_frames += frames - done;
}

/* [] a patch:Set ; patch:property KEY ; patch:value "TEXT" */
static void tell(Plugin *plugin, LV2_URID property, LV2_URID type, const char *text, uint32_t bytes) {
  LV2_Atom_Forge *forge = &plugin->forge;
  LV2_Atom_Forge_Frame object;
  lv2_atom_forge_frame_time(forge, 0);
  lv2_atom_forge_object(forge, &object, 0, plugin->uris.patch_Set);
  lv2_atom_forge_key(forge, plugin->uris.patch_property);
  lv2_atom_forge_urid(forge, property);
  lv2_atom_forge_key(forge, plugin->uris.patch_value);
  lv2_atom_forge_typed_string(forge, type, text, bytes);
  lv2_atom_forge_pop(forge, &object);
}

static int has_room(const LV2_Atom_Forge *forge, uint32_t bytes) {
  return forge->size - forge->offset >= bytes + ATOM_OVERHEAD;
}

/* What was said since the last block. What does not fit waits for the next one; what never fits, and what nobody wants, is dropped. */
static void tell_texts(Plugin *plugin, int has_notify) {
  if (!plugin->shared) {
    return;
  }
  int told = 0;
  for (const TextRecord *record; (record = shared_peek(plugin->shared)) != NULL; shared_next(plugin->shared)) {
    int fits = has_notify && has_room(&plugin->forge, (uint32_t)record->bytes);
    if (has_notify && !fits && told) {
      return;
    }
    if (fits) {
      LV2_URID property = record->kind == TEXT_FINAL ? plugin->uris.text : plugin->uris.partial;
      tell(plugin, property, plugin->forge.String, (const char *)(record + 1), (uint32_t)record->bytes);
      told = 1;
    }
  }
}

static void answer(Plugin *plugin) {
  uint32_t bytes = (uint32_t)strlen(plugin->file);
  if (has_room(&plugin->forge, bytes)) {
    tell(plugin, plugin->uris.file, plugin->forge.Path, plugin->file, bytes);
  }
}

static void obey_set(Plugin *plugin, const LV2_Atom_Object *object) {
  const LV2_Atom *property = NULL;
  const LV2_Atom *wish = NULL;
  lv2_atom_object_get(object, plugin->uris.patch_property, &property, plugin->uris.patch_value, &wish, 0);
  if (!property || property->type != plugin->forge.URID || ((const LV2_Atom_URID *)property)->body != plugin->uris.file || !wish ||
      (wish->type != plugin->forge.Path && wish->type != plugin->forge.String)) {
    return;
  }
  const char *name = LV2_ATOM_BODY_CONST(wish);
  uint32_t bytes = (uint32_t)strnlen(name, wish->size);
  if (plugin->peer && shared_post(plugin->shared, name, bytes)) {
    memcpy(plugin->file, name, bytes);
    plugin->file[bytes] = 0;
  }
}

/* patch:Set of the file, patch:Get of anything. */
static void obey(Plugin *plugin, int has_notify) {
  const LV2_Atom_Sequence *control = plugin->other[CONTROL];
  if (!control || !plugin->has_map || control->atom.type != plugin->forge.Sequence) {
    return;
  }
  LV2_ATOM_SEQUENCE_FOREACH(control, event) {
    const LV2_Atom_Object *object = (const LV2_Atom_Object *)&event->body;
    if (!lv2_atom_forge_is_object_type(&plugin->forge, event->body.type)) {
      continue;
    }
    if (object->body.otype == plugin->uris.patch_Set) {
      obey_set(plugin, object);
    } else if (object->body.otype == plugin->uris.patch_Get && has_notify) {
      answer(plugin);
    }
  }
}

static void run(LV2_Handle handle, uint32_t frames) {
  Plugin *plugin = handle;
  meter_enter(&plugin->meter);
  hear(plugin, frames); /* before the output, which may be the same memory, is written */
  pass(plugin, frames);
  LV2_Atom_Sequence *notify = plugin->other[NOTIFY];
  LV2_Atom_Forge_Frame sequence;
  int has_notify = notify && plugin->has_map && notify->atom.size >= ATOM_OVERHEAD;
  if (has_notify) {
    lv2_atom_forge_set_buffer(&plugin->forge, (uint8_t *)notify, notify->atom.size);
    lv2_atom_forge_sequence_head(&plugin->forge, &sequence, 0);
  }
  obey(plugin, has_notify);
  tell_texts(plugin, has_notify);
  if (has_notify) {
    lv2_atom_forge_pop(&plugin->forge, &sequence);
  }
  if (plugin->shared) {
    atomic_store_explicit(&plugin->shared->writes_file, value(plugin, TEXT_FILE, 1) > 0, memory_order_relaxed);
  }
  report(plugin, LATENCY, 0);
  report(plugin, LISTENING, listened(plugin));
  report(plugin, LOST, (double)plugin->lost_frames / plugin->rate_hz);
  meter_leave(&plugin->meter, frames);
}

/* The file, if the user chose one. As a string and not as a path: a host that packs a session's files would copy what we write. */
static LV2_State_Status save(LV2_Handle handle, LV2_State_Store_Function store, LV2_State_Handle state, uint32_t flags,
                             const LV2_Feature *const *features) {
  (void)flags;
  (void)features;
  Plugin *plugin = handle;
  char file[LETTER_BYTES];
  if (!plugin->has_map || !plugin->peer) {
    return LV2_STATE_SUCCESS;
  }
  peer_chosen(plugin->peer, file, sizeof file);
  if (!*file || !strcmp(file, plugin->default_file)) {
    return LV2_STATE_SUCCESS;
  }
  return store(state, plugin->uris.file, file, strlen(file) + 1, plugin->forge.String, LV2_STATE_IS_POD);
}

static LV2_State_Status restore(LV2_Handle handle, LV2_State_Retrieve_Function retrieve, LV2_State_Handle state, uint32_t flags,
                                const LV2_Feature *const *features) {
  (void)flags;
  (void)features;
  Plugin *plugin = handle;
  size_t bytes = 0;
  uint32_t type = 0;
  uint32_t value_flags = 0;
  const char *file = plugin->has_map ? retrieve(state, plugin->uris.file, &bytes, &type, &value_flags) : NULL;
  if (file && (type != plugin->forge.String || !bytes || bytes > LETTER_BYTES || file[bytes - 1])) {
    return LV2_STATE_ERR_BAD_TYPE;
  }
  snprintf(plugin->file, sizeof plugin->file, "%s", file ? file : plugin->default_file);
  if (plugin->peer) {
    peer_choose(plugin->peer, plugin->file);
  }
  return LV2_STATE_SUCCESS;
}

static const void *extension_data(const char *uri) {
  static const LV2_State_Interface state = {save, restore};
  return strcmp(uri, LV2_STATE__interface) ? NULL : &state;
}

LV2_SYMBOL_EXPORT const LV2_Descriptor *lv2_descriptor(uint32_t index) {
  static const LV2_Descriptor mono = {URI_MONO, instantiate, connect_port, activate, run, deactivate, cleanup, extension_data};
  static const LV2_Descriptor stereo = {URI_STEREO, instantiate, connect_port, activate, run, deactivate, cleanup, extension_data};
  return index == 0 ? &mono : index == 1 ? &stereo : NULL;
}
