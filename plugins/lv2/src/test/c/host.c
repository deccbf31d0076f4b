#define _GNU_SOURCE
#include "host.h"

#include "watch.h"

#include <lv2/atom/forge.h>
#include <lv2/atom/util.h>
#include <lv2/core/lv2.h>
#include <lv2/log/log.h>
#include <lv2/options/options.h>

#include <dlfcn.h>
#include <locale.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_URIS = 512 };

void fail(const char *format, ...) {
  va_list values;
  va_start(values, format);
  fprintf(stderr, "host: ");
  vfprintf(stderr, format, values);
  fprintf(stderr, "\n");
  va_end(values);
  exit(1);
}

/* Features. */

static char *uris_known[MOST_URIS];
static uint32_t uri_count;

static LV2_URID map_uri(LV2_URID_Map_Handle handle, const char *uri) {
  (void)handle;
  for (uint32_t i = 0; i < uri_count; i++) {
    if (!strcmp(uris_known[i], uri)) {
      return i + 1;
    }
  }
  uris_known[uri_count++] = strdup(uri);
  return uri_count;
}

int log_lines;

static int log_vprintf(LV2_Log_Handle handle, LV2_URID type, const char *format, va_list values) {
  (void)handle;
  (void)type;
  log_lines++;
  printf("log: ");
  return vprintf(format, values);
}

static int log_printf(LV2_Log_Handle handle, LV2_URID type, const char *format, ...) {
  va_list values;
  va_start(values, format);
  int result = log_vprintf(handle, type, format, values);
  va_end(values);
  return result;
}

static LV2_URID_Map map = {NULL, map_uri};
static LV2_Log_Log log_feature = {NULL, log_printf, log_vprintf};
static const int32_t most_frames = MOST_FRAMES;
static LV2_Options_Option options[2];
static const LV2_Feature map_f = {LV2_URID__map, &map};
static const LV2_Feature log_f = {LV2_LOG__log, &log_feature};
static const LV2_Feature options_f = {LV2_OPTIONS__options, options};
static const LV2_Feature *const features[] = {&map_f, &log_f, &options_f, NULL};

Uris uris;
LV2_Atom_Forge forge;
static const LV2_Descriptor *(*descriptor_of)(uint32_t);
static const char *bundle;

void clear_control(Instance *instance) {
  instance->control.sequence.atom.size = sizeof(LV2_Atom_Sequence_Body);
  instance->control.sequence.atom.type = forge.Sequence;
  instance->control.sequence.body.unit = 0;
  instance->control.sequence.body.pad = 0;
}

static void connect_audio(Instance *instance, int in_place) {
  for (uint32_t c = 0; c < instance->channels; c++) {
    uint32_t crossed = instance->channels - 1 - c; /* the worst in-place host */
    instance->descriptor->connect_port(instance->handle, c, instance->in[c]);
    instance->descriptor->connect_port(instance->handle, instance->channels + c, in_place ? instance->in[crossed] : instance->out[c]);
  }
}

/* What a JVM likes to change in a process, and a host does not like to be changed. */
static void check_process(void) {
  const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
  if (strcmp(setlocale(LC_ALL, NULL), "C")) {
    fail("the locale is %s", setlocale(LC_ALL, NULL));
  }
  for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
    struct sigaction action;
    sigaction(signals[i], NULL, &action);
    if (action.sa_handler != SIG_DFL) {
      fail("signal %d has a handler", signals[i]);
    }
  }
}

Instance *open_instance(uint32_t channels, const char *name) {
  Instance *instance = calloc(1, sizeof *instance);
  instance->descriptor = descriptor_of(channels - 1);
  instance->channels = channels;
  instance->name = name;
  instance->enabled = instance->text_file = 1;
  instance->handle = instance->descriptor->instantiate(instance->descriptor, RATE, bundle, features);
  if (!instance->handle) {
    fail("instantiate gives NULL");
  }
  check_process();
  void *others[] = {&instance->control, &instance->notify,  &instance->enabled,   &instance->free_wheel,
                    &instance->text_file, &instance->latency, &instance->listening, &instance->lost};
  for (uint32_t i = 0; i < sizeof others / sizeof *others; i++) {
    instance->descriptor->connect_port(instance->handle, 2 * channels + i, others[i]);
  }
  clear_control(instance);
  connect_audio(instance, 0);
  return instance;
}

void close_instance(Instance *instance) {
  instance->descriptor->cleanup(instance->handle);
  free(instance);
}

static void read_message(Instance *instance, const LV2_Atom_Object *object) {
  const LV2_Atom *property = NULL;
  const LV2_Atom *value = NULL;
  lv2_atom_object_get(object, uris.patch_property, &property, uris.patch_value, &value, 0);
  if (object->body.otype != uris.patch_Set || !property || !value) {
    fail("a message that is no patch:Set");
  }
  LV2_URID what = ((const LV2_Atom_URID *)property)->body;
  const char *text = LV2_ATOM_BODY_CONST(value);
  if (text[value->size - 1]) {
    fail("a text without its end");
  }
  if (what == uris.text) {
    instance->finals++;
    printf("final %s: %s\n", instance->name, text);
  } else if (what == uris.partial) {
    instance->partials++;
  } else if (what == uris.file) {
    snprintf(instance->answer, sizeof instance->answer, "%s", text);
  } else {
    fail("an unknown property");
  }
}

static void run_watched(Instance *instance, uint32_t frames) {
  instance->notify.sequence.atom.size = ATOM_BYTES - sizeof(LV2_Atom);
  instance->notify.sequence.atom.type = 0;
  watch_begin();
  instance->descriptor->run(instance->handle, frames);
  watch_end();
  if (instance->notify.sequence.atom.type != forge.Sequence || instance->notify.sequence.atom.size > ATOM_BYTES - sizeof(LV2_Atom)) {
    fail("notify is no sequence, or too long");
  }
  LV2_ATOM_SEQUENCE_FOREACH(&instance->notify.sequence, event) {
    read_message(instance, (const LV2_Atom_Object *)&event->body);
  }
}

void run_block(Instance *instance, const float *sound, uint32_t frames, int in_place) {
  float expected[2][MOST_FRAMES] = {{0}};
  for (uint32_t i = 0; sound && i < frames; i++) {
    expected[0][i] = (float)instance->channels * sound[i];
  }
  connect_audio(instance, in_place);
  memcpy(instance->in, expected, sizeof expected);
  run_watched(instance, frames);
  for (uint32_t c = 0; c < instance->channels; c++) {
    const float *out = in_place ? instance->in[instance->channels - 1 - c] : instance->out[c];
    if (memcmp(out, expected[c], frames * sizeof(float))) {
      fail("%s: the sound is not what it was (frames=%u channel=%u in_place=%d)", instance->name, frames, c, in_place);
    }
  }
  if (instance->latency != 0) {
    fail("latency=%g", (double)instance->latency);
  }
}

void host_open(const char *folder, const char *binary) {
  bundle = folder;
  uris_map(&uris, &map);
  lv2_atom_forge_init(&forge, &map);
  options[0] = (LV2_Options_Option){LV2_OPTIONS_INSTANCE, 0, uris.max_block_length, sizeof most_frames, uris.integer, &most_frames};
  void *library = dlopen(binary, RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    fail("%s", dlerror());
  }
  *(void **)&descriptor_of = dlsym(library, "lv2_descriptor");
}
