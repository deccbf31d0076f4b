/* Mamba Audio's transcriber as an LV2 plugin. The sound passes unchanged and at once; a copy of it goes through a ring to an engine in
 * a JVM of this process, and what was said comes back through another. Without a JVM the sound passes all the same. */
#define _GNU_SOURCE
#include "plugin.h"

#include <lv2/buf-size/buf-size.h>
#include <lv2/core/lv2_util.h>
#include <lv2/options/options.h>
#include <lv2/state/state.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RING_SECONDS = 4, RING_BLOCKS = 4 /* at least, of the host's largest */ };

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
  static const LV2_Descriptor mono = {URI_MONO, instantiate, connect_port, activate, plugin_run, deactivate, cleanup, extension_data};
  static const LV2_Descriptor stereo = {URI_STEREO, instantiate, connect_port, activate, plugin_run, deactivate, cleanup, extension_data};
  return index == 0 ? &mono : index == 1 ? &stereo : NULL;
}
