package io.mambaaudio.engine;

import java.util.List;

/**
 * What the engine hosts: a unit that takes blocks of sound and gives blocks of sound, and may find things in them.
 *
 * <p>Life: {@link #prepare}, then any number of {@link #process} calls, {@link #finish} once at the end of the input, {@link #close}.
 * {@code prepare}, {@code process}, {@code reset} and {@code finish} are called by one thread at a time (the engine's worker), the
 * rest by any thread. From {@code process} down nothing allocates, locks, waits, logs or touches a file once warm; events to
 * listeners are the exception.
 *
 * <p>A plugin is found by {@link java.util.ServiceLoader} and chosen by its {@link #id}.
 */
public interface Processor extends AutoCloseable {
    /**
     * The name by which a chain asks for this processor.
     *
     * @return a short lower-case word, stable over versions
     */
    String id();

    /**
     * Allocates and warms up for a stream. Called before the device opens, and again when the format changes.
     *
     * @param format rate and channels of the blocks to come
     * @param maxFrames the most frames that a block will have
     * @return the format of the blocks that {@link #process} writes
     */
    StreamFormat prepare(StreamFormat format, int maxFrames);

    /**
     * Takes one block and writes one block of as many frames. Real time: see the class comment.
     *
     * @param in (channels, at least frames) samples, nominally −1 to 1; not to be written
     * @param out (channels of the output format, at least frames) samples, never the same arrays as {@code in}
     * @param frames how many frames of each array count
     */
    void process(float[][] in, float[][] out, int frames);

    /** Says that no more sound comes: what is still held back is let out now, as events. */
    default void finish() {}

    /** Forgets the stream so far, as if just prepared. */
    void reset();

    /**
     * How much later the sound that {@link #process} writes is than the sound that it takes. Known after {@link #prepare}, and the
     * same until the next.
     *
     * @return frames at the rate of what it writes
     */
    default int latencyFrames() {
        return 0;
    }

    /**
     * How many events it has handed to listeners so far. Any thread may ask.
     *
     * @return a count
     */
    default long events() {
        return 0;
    }

    /**
     * What can be set while the processor runs.
     *
     * @return the parameters, always the same objects
     */
    default List<Parameter> parameters() {
        return List.of();
    }

    /**
     * Settings that its author thought of.
     *
     * @return presets that fit the parameters; empty where there is nothing to set
     */
    default List<Preset> presets() {
        return List.of();
    }

    /**
     * The state of the stream as bytes, so that it can go on later or elsewhere, bit for bit. Parameters are not in it: a
     * {@link Chain} saves both. Called between two blocks, by the thread that processes; it may allocate.
     *
     * @return what {@link #restore} takes; empty where nothing is to be kept
     */
    default byte[] save() {
        return new byte[0];
    }

    /**
     * Goes on from a saved state, in a processor that was made and prepared in the same way. Called between two blocks, by the thread
     * that processes; it may allocate.
     *
     * @param saved what {@link #save} returned
     * @throws RuntimeException in one line, if it is damaged or of another processor; then the stream starts afresh
     */
    default void restore(byte[] saved) {
        if (saved.length > 0) {
            throw new EngineException("processor \"" + id() + "\" keeps no state, but was given bytes=" + saved.length
                    + "; give it what it saved");
        }
        reset();
    }

    /** Lets go of all that is held. Idempotent. */
    @Override
    void close();
}
