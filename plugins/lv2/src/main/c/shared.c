#include "shared.h"

#include <stdlib.h>
#include <string.h>

static float *audio_of(Shared *shared, int32_t channel) {
  return (float *)(void *)shared->rings + (size_t)channel * (size_t)shared->ring_frames;
}

static unsigned char *text_of(Shared *shared) {
  return shared->rings + (size_t)shared->channels * (size_t)shared->ring_frames * sizeof(float);
}

size_t shared_bytes(const Shared *shared) {
  return offsetof(Shared, rings) + (size_t)shared->channels * (size_t)shared->ring_frames * sizeof(float) +
         (size_t)shared->text_bytes;
}

Shared *shared_new(int32_t sample_rate_hz, int32_t channels, int32_t least_frames) {
  Shared shape = {.layout = LAYOUT,
                  .sample_rate_hz = sample_rate_hz,
                  .channels = channels,
                  .ring_frames = 1,
                  .text_bytes = TEXT_BYTES};
  while (shape.ring_frames < least_frames && shape.ring_frames < 1 << 24) {
    shape.ring_frames <<= 1;
  }
  size_t bytes = shared_bytes(&shape);
  Shared *shared = aligned_alloc(LINE, (bytes + LINE - 1) / LINE * LINE);
  if (shared) {
    memset(shared, 0, bytes);
    shared->layout = shape.layout;
    shared->sample_rate_hz = shape.sample_rate_hz;
    shared->channels = shape.channels;
    shared->ring_frames = shape.ring_frames;
    shared->text_bytes = shape.text_bytes;
  }
  return shared;
}

static void put(float *to, const float *from, size_t frames) {
  if (from) {
    memcpy(to, from, frames * sizeof(float));
  } else {
    memset(to, 0, frames * sizeof(float));
  }
}

uint32_t shared_write(Shared *shared, const float *const *sound, uint32_t offset, uint32_t frames) {
  int64_t written = atomic_load_explicit(&shared->audio_written, memory_order_relaxed);
  int64_t read = atomic_load_explicit(&shared->audio_read, memory_order_acquire);
  uint32_t room = (uint32_t)(shared->ring_frames - (written - read));
  uint32_t count = frames < room ? frames : room;
  uint32_t at = (uint32_t)(written & (shared->ring_frames - 1));
  uint32_t tail = (uint32_t)shared->ring_frames - at;
  uint32_t first = count < tail ? count : tail;
  for (int32_t c = 0; c < shared->channels; c++) {
    const float *from = sound ? sound[c] + offset : NULL;
    put(audio_of(shared, c) + at, from, first);
    put(audio_of(shared, c), from ? from + first : NULL, count - first);
  }
  atomic_store_explicit(&shared->audio_written, written + count, memory_order_release);
  return count;
}

static TextRecord *record_at(Shared *shared, int64_t position) {
  return (TextRecord *)(void *)(text_of(shared) + (position & (shared->text_bytes - 1)));
}

static int64_t size_of(const TextRecord *record) {
  return (int64_t)sizeof(TextRecord) + ((record->bytes + 7) & ~7);
}

const TextRecord *shared_peek(Shared *shared) {
  int64_t read = atomic_load_explicit(&shared->text_read, memory_order_relaxed);
  if (read == atomic_load_explicit(&shared->text_written, memory_order_acquire)) {
    return NULL;
  }
  TextRecord *record = record_at(shared, read);
  if (record->kind != TEXT_SKIP) {
    return record;
  }
  read += size_of(record); /* a record that says skip is always followed by another, published with it */
  atomic_store_explicit(&shared->text_read, read, memory_order_release);
  return record_at(shared, read);
}

void shared_next(Shared *shared) {
  int64_t read = atomic_load_explicit(&shared->text_read, memory_order_relaxed);
  atomic_store_explicit(&shared->text_read, read + size_of(record_at(shared, read)), memory_order_release);
}

int shared_post(Shared *shared, const char *name, uint32_t bytes) {
  if (bytes >= LETTER_BYTES || atomic_load_explicit(&shared->letter_full, memory_order_acquire)) {
    return 0;
  }
  memcpy(shared->letter, name, bytes);
  shared->letter[bytes] = 0;
  atomic_store_explicit(&shared->letter_full, 1, memory_order_release);
  return 1;
}
