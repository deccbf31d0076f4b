package io.mambaaudio.engine;

/**
 * Where sound goes: a device, a file, an array, nowhere.
 *
 * <p>Life: {@link #open}, any number of {@link #write} calls, {@link #drain} at a good end, {@link #close}. One thread at a time
 * (the engine's playback thread); the questions and {@link #close} may be called by any thread.
 *
 * @see AudioOutputs
 */
public interface AudioOutput extends AutoCloseable {
    /**
     * What this is, for messages: a file's name, a device's name.
     *
     * @return a few words
     */
    String name();

    /**
     * Opens the device or file for a stream. Called once, after the chain is prepared and before the input starts.
     *
     * @param format rate and channels of the blocks to come
     * @throws EngineException when it can't be had
     */
    void open(StreamFormat format);

    /**
     * Takes the next frames, waiting where the device or file is slow.
     *
     * @param block (channels, at least frames) samples, nominally −1 to 1
     * @param frames how many count
     * @throws EngineException when the device is gone or the disk is full
     */
    void write(float[][] block, int frames);

    /** Waits, a bounded time, until all that was written is heard or stored. */
    default void drain() {}

    /**
     * How often the device ran dry between the first and the last block.
     *
     * @return a count since the opening
     */
    default long underruns() {
        return 0;
    }

    /**
     * Whether it does anything with frames. The engine starts no playback thread for one that does not.
     *
     * @return false for an output that throws all away
     */
    default boolean wantsFrames() {
        return true;
    }

    /** Lets go of the device or finishes the file. Idempotent. */
    @Override
    void close();
}
