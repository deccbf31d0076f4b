package io.mambaaudio.music;

/** What a {@link Continuer} tells its listener, in the order of the sound. Times are seconds from the start of the stream. */
public sealed interface ContinuationEvent {
    /**
     * When it is to be heard.
     *
     * @return seconds from the start of the stream
     */
    double atSeconds();

    /**
     * The machine begins to sound.
     *
     * @param atSeconds when
     */
    record TookOver(double atSeconds) implements ContinuationEvent {}

    /**
     * The machine fell silent; it listens.
     *
     * @param atSeconds when
     */
    record GaveBack(double atSeconds) implements ContinuationEvent {}

    /**
     * A note of the machine begins.
     *
     * @param pitch MIDI number, 21 to 108
     * @param velocity 1 to 127
     * @param atSeconds when
     */
    record NoteOn(int pitch, int velocity, double atSeconds) implements ContinuationEvent {}

    /**
     * A note of the machine ends. Every note that began ends.
     *
     * @param pitch MIDI number, 21 to 108
     * @param atSeconds when
     */
    record NoteOff(int pitch, double atSeconds) implements ContinuationEvent {}
}
