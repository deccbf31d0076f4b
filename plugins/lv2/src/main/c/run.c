/* The audio thread: no allocation, no lock, no call of Java, and no wait but in free wheel. */
#define _GNU_SOURCE
#include "plugin.h"

#include <lv2/atom/util.h>

#include <string.h>
#include <time.h>

enum {
  FREE_WHEEL_NAP_NS = 100000,
  FREE_WHEEL_NAPS = 100000, /* 10 s without progress: nobody comes any more */
  ATOM_OVERHEAD = 160       /* of a message around its text */
};

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

void plugin_run(LV2_Handle handle, uint32_t frames) {
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
