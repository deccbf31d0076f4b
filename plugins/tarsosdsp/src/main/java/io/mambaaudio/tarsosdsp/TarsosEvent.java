// SPDX-License-Identifier: GPL-3.0-only
package io.mambaaudio.tarsosdsp;

/** What a {@link TarsosAnalysis} found, in the order of the sound. */
public sealed interface TarsosEvent {
    /**
     * Where in the stream it is.
     *
     * @return seconds from its start, as TarsosDSP counts them
     */
    double atSeconds();

    /**
     * A buffer with a pitch. Buffers without one have no event.
     *
     * @param atSeconds start of the buffer
     * @param hz the pitch
     * @param probability how sure the detector is, 0 to 1
     */
    record Pitch(double atSeconds, double hz, double probability) implements TarsosEvent {}

    /**
     * The start of a note or a beat.
     *
     * @param atSeconds where it is
     * @param salience how strong it is, in the detector's measure; −1 where it has none
     */
    record Onset(double atSeconds, double salience) implements TarsosEvent {}
}
