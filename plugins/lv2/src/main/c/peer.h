/* The Java half of an instance, as the native half calls it. Every call may block; none is for the audio thread. */
#ifndef MAMBA_PEER_H
#define MAMBA_PEER_H

#include "jvm.h"
#include "shared.h"

typedef struct Peer Peer;

/* A new peer of a stream. bundle: the folder of the plugin, with a slash at its end. file: where finished text goes.
 * NULL and the reason if there is no JVM or no model. */
Peer *peer_new(const char *bundle, Shared *shared, const char *file, Line *why_not);

/* Each gives 1, or 0 and the reason. */
int peer_activate(Peer *peer, Line *why_not);

/* Hears all that was written, then stops. 0: it has not come to its end, and still uses the shared memory. A reason may come with 1,
 * too: what went wrong before. */
int peer_deactivate(Peer *peer, Line *reason);

/* Where finished text goes. */
void peer_choose(Peer *peer, const char *file);
void peer_chosen(Peer *peer, char *file, size_t bytes);

/* Only when inactive. */
void peer_free(Peer *peer);

#endif
