/* The memory of one plugin instance that the host's audio thread (C) and the engine's threads (Java) share. Nobody waits and nobody
 * locks: each position has one writer, who publishes it with release, and one reader, who sees it with acquire.
 *
 * SharedMemory.java has the same offsets. Whoever changes one changes the other, and LAYOUT. */
#ifndef MAMBA_SHARED_H
#define MAMBA_SHARED_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

enum {
  LAYOUT = 1,
  MAX_CHANNELS = 2,
  MAX_TEXT_BYTES = 4096, /* of one message */
  LETTER_BYTES = 4096,   /* the name of a file, with its final 0 */
  TEXT_BYTES = 1 << 16,  /* of the text ring, a power of two */
  LINE = 128             /* a cache line and its neighbour, which is fetched with it */
};

enum { TEXT_SKIP = 0, TEXT_PARTIAL = 1, TEXT_FINAL = 2 };

typedef struct {
  int32_t layout;
  int32_t sample_rate_hz;
  int32_t channels;
  int32_t ring_frames; /* a power of two */
  int32_t text_bytes;
  _Atomic int32_t writes_file;                 /* the host's switch */
  _Alignas(LINE) _Atomic int64_t audio_written; /* frames, by the audio thread */
  _Alignas(LINE) _Atomic int64_t audio_read;    /* frames, by Java */
  _Alignas(LINE) _Atomic int64_t text_written;  /* bytes, by Java */
  _Alignas(LINE) _Atomic int64_t text_read;     /* bytes, by the audio thread */
  _Alignas(LINE) _Atomic int32_t listening;     /* by Java: someone takes the sound */
  _Alignas(LINE) _Atomic int32_t letter_full;   /* 0 to 1 by the audio thread, 1 to 0 by Java */
  char letter[LETTER_BYTES];
  _Alignas(LINE) unsigned char rings[]; /* float audio[channels][ring_frames], then the text ring */
} Shared;

_Static_assert(offsetof(Shared, writes_file) == 20, "SharedMemory.java: WRITES_FILE");
_Static_assert(offsetof(Shared, audio_written) == 128, "SharedMemory.java: AUDIO_WRITTEN");
_Static_assert(offsetof(Shared, audio_read) == 256, "SharedMemory.java: AUDIO_READ");
_Static_assert(offsetof(Shared, text_written) == 384, "SharedMemory.java: TEXT_WRITTEN");
_Static_assert(offsetof(Shared, text_read) == 512, "SharedMemory.java: TEXT_READ");
_Static_assert(offsetof(Shared, listening) == 640, "SharedMemory.java: LISTENING");
_Static_assert(offsetof(Shared, letter_full) == 768, "SharedMemory.java: LETTER_FULL");
_Static_assert(offsetof(Shared, letter) == 772, "SharedMemory.java: LETTER");
_Static_assert(offsetof(Shared, rings) == 4992, "SharedMemory.java: HEADER_BYTES");
_Static_assert(sizeof(_Atomic int64_t) == 8 && ATOMIC_LLONG_LOCK_FREE == 2, "lock-free positions");

/* A record of the text ring: this, then the bytes, then up to a multiple of 8. Never split at the ring's end. */
typedef struct {
  int32_t kind;
  int32_t bytes;
} TextRecord;

/* Memory for a stream, cleared, so that no page of it is touched for the first time by the audio thread. NULL if there is none. */
Shared *shared_new(int32_t sample_rate_hz, int32_t channels, int32_t least_frames);
size_t shared_bytes(const Shared *shared);

/* The audio thread's side: no lock, no wait, no allocation, no system call. */

/* Writes what fits; gives how many frames that were. NULL for silence. */
uint32_t shared_write(Shared *shared, const float *const *sound, uint32_t offset, uint32_t frames);

/* The next text, which stays until shared_next; NULL if there is none. */
const TextRecord *shared_peek(Shared *shared);
void shared_next(Shared *shared);

/* Drops a name of a file into the letter box. 0 if the box is full or the name too long. */
int shared_post(Shared *shared, const char *name, uint32_t bytes);

#endif
