/* What a user's hosts do to the plugin, one scenario a run.
 *
 *   host BUNDLE BINARY SCENARIO SOUND [FILE]
 *
 * SOUND is raw 32-bit floats, mono, 48 kHz. */
#define _GNU_SOURCE
#include "host.h"
#include "watch.h"

#include <lv2/state/state.h>

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static unsigned random_state;

static unsigned next_random(void) { return (random_state = random_state * 1664525u + 1013904223u) >> 8; }

/* Sound. */

typedef struct {
  float *samples;
  size_t frames;
} Sound;

static Sound read_sound(const char *path) {
  FILE *file = fopen(path, "rb");
  if (!file) {
    fail("no %s", path);
  }
  fseek(file, 0, SEEK_END);
  size_t frames = (size_t)ftell(file) / sizeof(float);
  rewind(file);
  Sound sound = {malloc(frames * sizeof(float)), frames};
  if (fread(sound.samples, sizeof(float), frames, file) != frames) {
    fail("%s is cut short", path);
  }
  fclose(file);
  return sound;
}

static void run_all(Instance *instance, Sound sound, uint32_t fixed_frames) {
  for (size_t at = 0; at < sound.frames;) {
    uint32_t frames = fixed_frames ? fixed_frames : next_random() % 8 ? 1 + next_random() % 700 : next_random() % (MOST_FRAMES + 1);
    frames = frames < sound.frames - at ? frames : (uint32_t)(sound.frames - at);
    run_block(instance, sound.samples + at, frames, (int)(next_random() % 2));
    at += frames;
  }
}

/* A block of 0 frames and silence afterwards, so that the last text reaches the notify port. */
static void run_silence(Instance *instance, double seconds) {
  run_block(instance, NULL, 0, 0);
  for (int at = 0; at < seconds * RATE; at += 512) {
    run_block(instance, NULL, 512, 0);
  }
}

static void sleep_ms(long ms) {
  struct timespec nap = {ms / 1000, ms % 1000 * 1000000};
  nanosleep(&nap, NULL);
}

/* Scenarios. */

/* Text through blocks of any size, in place and not, of a host that waits. */
static void any_blocks(Sound sound, uint32_t channels) {
  Instance *instance = open_instance(channels, channels == 1 ? "mono" : "stereo");
  instance->free_wheel = 1;
  instance->descriptor->activate(instance->handle);
  run_all(instance, sound, 0);
  run_silence(instance, 6);
  for (int naps = 0; naps < 600 && !instance->finals; naps++) { /* the words that come of the silence, with patience for a busy machine */
    sleep_ms(100);
    run_silence(instance, 0);
  }
  if (instance->listening != 1 || instance->lost != 0 || !instance->partials) {
    fail("listening=%g lost=%g partials=%u", (double)instance->listening, (double)instance->lost, instance->partials);
  }
  instance->descriptor->deactivate(instance->handle);
  close_instance(instance);
}

/* Two instances at once, twice over, and again after all were gone. Text goes to the file alone: deactivation hears to the end. */
static void lives(Sound sound) {
  for (int host = 0; host < 2; host++) {
    Instance *one = open_instance(1, "one");
    Instance *two = open_instance(2, "two");
    one->free_wheel = two->free_wheel = 1;
    for (int pass = 0; pass < 2; pass++) {
      one->descriptor->activate(one->handle);
      two->descriptor->activate(two->handle);
      run_all(one, sound, 256);
      run_all(two, sound, 1024);
      one->descriptor->deactivate(one->handle);
      two->descriptor->deactivate(two->handle);
    }
    close_instance(one);
    close_instance(two);
  }
  Instance *idle = open_instance(1, "idle");
  idle->descriptor->activate(idle->handle);
  close_instance(idle); /* without deactivation: not allowed, and survived */
}

/* At the pace of a sound card: nothing is lost, and the audio thread neither allocates nor locks. */
static void real_time(Sound sound) {
  Instance *instance = open_instance(1, "paced");
  struct timespec due;
  instance->descriptor->activate(instance->handle);
  clock_gettime(CLOCK_MONOTONIC, &due);
  for (size_t at = 0; at + 128 <= sound.frames; at += 128) {
    run_block(instance, sound.samples + at, 128, 0);
    due.tv_nsec += 128L * 1000000000 / RATE;
    due.tv_sec += due.tv_nsec / 1000000000;
    due.tv_nsec %= 1000000000;
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, NULL);
  }
  if (instance->lost != 0) {
    fail("lost=%g", (double)instance->lost);
  }
  instance->descriptor->deactivate(instance->handle);
  close_instance(instance);
}

static void send_file(Instance *instance, const char *path) {
  LV2_Atom_Forge_Frame sequence;
  LV2_Atom_Forge_Frame object;
  lv2_atom_forge_set_buffer(&forge, instance->control.bytes, ATOM_BYTES);
  lv2_atom_forge_sequence_head(&forge, &sequence, 0);
  lv2_atom_forge_frame_time(&forge, 0);
  lv2_atom_forge_object(&forge, &object, 0, path ? uris.patch_Set : uris.patch_Get);
  lv2_atom_forge_key(&forge, uris.patch_property);
  lv2_atom_forge_urid(&forge, uris.file);
  if (path) {
    lv2_atom_forge_key(&forge, uris.patch_value);
    lv2_atom_forge_path(&forge, path, (uint32_t)strlen(path));
  }
  lv2_atom_forge_pop(&forge, &object);
  lv2_atom_forge_pop(&forge, &sequence);
  run_block(instance, NULL, 64, 0);
  clear_control(instance);
}

static char stored[PATH_MAX];

static LV2_State_Status store(LV2_State_Handle handle, uint32_t key, const void *value, size_t bytes, uint32_t type, uint32_t flags) {
  (void)handle;
  if (key != uris.file || type != forge.String || bytes > sizeof stored || flags != LV2_STATE_IS_POD) {
    fail("stores something else");
  }
  memcpy(stored, value, bytes);
  return LV2_STATE_SUCCESS;
}

static const void *retrieve(LV2_State_Handle handle, uint32_t key, size_t *bytes, uint32_t *type, uint32_t *flags) {
  (void)handle;
  *bytes = strlen(stored) + 1;
  *type = forge.String;
  *flags = LV2_STATE_IS_POD;
  return key == uris.file && *stored ? stored : NULL;
}

/* The file is chosen by a message, asked for, saved, and restored in another instance, which then writes there. */
static void chosen_file(Sound sound, const char *path) {
  Instance *instance = open_instance(1, "one");
  const LV2_State_Interface *state = instance->descriptor->extension_data(LV2_STATE__interface);
  instance->descriptor->activate(instance->handle);
  state->save(instance->handle, store, NULL, 0, NULL);
  if (*stored) {
    fail("saves a file that nobody chose: %s", stored);
  }
  send_file(instance, path);
  send_file(instance, NULL);
  if (strcmp(instance->answer, path)) {
    fail("answers %s", instance->answer);
  }
  state->save(instance->handle, store, NULL, 0, NULL);
  if (strcmp(stored, path)) {
    fail("saves %s", stored);
  }
  instance->descriptor->deactivate(instance->handle);
  close_instance(instance);
  instance = open_instance(1, "two");
  state->restore(instance->handle, retrieve, NULL, 0, NULL);
  instance->free_wheel = 1;
  instance->descriptor->activate(instance->handle);
  run_all(instance, sound, 512);
  instance->descriptor->deactivate(instance->handle);
  close_instance(instance);
}

static int entries(const char *folder) {
  int count = 0;
  DIR *open = opendir(folder);
  while (open && readdir(open)) {
    count++;
  }
  closedir(open);
  return count;
}

/* The virtual machine's own threads come and go a little; ours must not add up. */
static void cycles(Sound sound, int rounds) {
  int threads = 0;
  int files = 0;
  for (int i = 0; i < rounds; i++) {
    Instance *instance = open_instance(1 + (uint32_t)i % 2, "round");
    instance->descriptor->activate(instance->handle);
    run_block(instance, sound.samples, 1024, 0);
    if (instance->listening != 1) {
      fail("listening=%g in round %d", (double)instance->listening, i);
    }
    instance->descriptor->deactivate(instance->handle);
    close_instance(instance);
    if (i == rounds / 10) {
      threads = entries("/proc/self/task");
      files = entries("/proc/self/fd");
    }
  }
  int more_threads = entries("/proc/self/task") - threads;
  int more_files = entries("/proc/self/fd") - files;
  printf("rounds=%d threads=%+d files=%+d\n", rounds, more_threads, more_files);
  if (more_threads > 3 || more_files > 0) {
    fail("threads or files are left");
  }
}

/* Without a JVM: one line an instance, and sound. */
static void no_java(Sound sound) {
  for (int i = 1; i <= 2; i++) {
    Instance *instance = open_instance(1, "deaf");
    for (int pass = 0; pass < 2; pass++) {
      instance->descriptor->activate(instance->handle);
      run_all(instance, sound, 0);
      if (instance->listening != 0) {
        fail("listening=%g", (double)instance->listening);
      }
      instance->descriptor->deactivate(instance->handle);
    }
    close_instance(instance);
    if (log_lines != i) {
      fail("%d log lines of %d instances", log_lines, i);
    }
  }
}

static void check_watch(void) {
  Watch counts = watch_counts();
  if (!watch_works()) {
    return;
  }
  if (counts.allocations || counts.frees || counts.locks) {
    fail("the audio thread made allocations=%lu frees=%lu locks=%lu", counts.allocations, counts.frees, counts.locks);
  }
  watch_begin(); /* the watch bites, also when a library calls: */
  free(strdup("x"));
  watch_end();
  if (watch_counts().allocations != 1 || watch_counts().frees != 1 || !watch_is_found()) {
    fail("the watch does not see an allocation");
  }
  printf("audio thread: allocations=0 frees=0 locks=0\n");
}

int main(int argc, char **argv) {
  if (argc < 5) {
    fail("usage: host BUNDLE BINARY SCENARIO SOUND [FILE]");
  }
  setvbuf(stdout, NULL, _IOLBF, 0);
  random_state = getenv("SEED") ? (unsigned)atol(getenv("SEED")) : (unsigned)time(NULL);
  printf("SEED=%u\n", random_state);
  host_open(argv[1], argv[2]);
  Sound sound = read_sound(argv[4]);
  const char *scenario = argv[3];
  if (!strcmp(scenario, "any-blocks")) {
    any_blocks(sound, 1);
    any_blocks(sound, 2);
  } else if (!strcmp(scenario, "lives")) {
    lives(sound);
  } else if (!strcmp(scenario, "real-time")) {
    real_time(sound);
  } else if (!strcmp(scenario, "chosen-file") && argc > 5) {
    chosen_file(sound, argv[5]);
  } else if (!strcmp(scenario, "cycles")) {
    cycles(sound, 200);
  } else if (!strcmp(scenario, "no-java")) {
    no_java(sound);
  } else {
    fail("no scenario %s", scenario);
  }
  check_watch();
  free(sound.samples);
  return 0;
}
