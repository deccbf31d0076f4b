package io.mambaaudio.engine;

import java.util.Optional;
import java.util.OptionalLong;

/**
 * Where sound comes from: a device, a file, a pipe, an array.
 *
 * <p>Life: {@link #start}, then {@link #read} until it returns −1, then {@link #close}. One thread reads (the engine's capture
 * thread); {@link #stop} and the questions may be called by any thread.
 *
 * @see AudioInputs
 */
public interface AudioInput extends AutoCloseable {
    /**
     * What this is, for messages: a file's name, a device's name.
     *
     * @return a few words
     */
    String name();

    /**
     * Rate and channels of the sound, known before {@link #start}.
     *
     * @return the format, always the same
     */
    StreamFormat format();

    /** Lets the sound flow; a device begins to record here and not before. Called once, when all is prepared. */
    default void start() {}

    /**
     * Reads the next frames. Waits until there is at least one; a live input waits only a bounded time and may return 0.
     *
     * @param block (channels, at least maxFrames) receives samples, nominally −1 to 1, always finite
     * @param maxFrames the most frames to read, at least 1
     * @return frames read, or −1 at the end
     * @throws EngineException when the device is gone or the file is damaged; frames read before stay good
     */
    int read(float[][] block, int maxFrames);

    /**
     * Asks for the end: a waiting {@link #read} returns soon, what was captured up to now can still be read, then comes −1.
     * The engine copes with inputs that can't do so. From any thread.
     */
    default void stop() {}

    /**
     * Whether frames that nobody reads in time are lost, as with a microphone.
     *
     * @return false where the source waits, as a file does
     */
    default boolean live() {
        return false;
    }

    /**
     * Whether frames come at the pace of a clock, so that "late" has a meaning.
     *
     * @return true for a live or a paced input
     */
    default boolean realTime() {
        return live();
    }

    /**
     * The length, where it is known beforehand.
     *
     * @return frames from first to last
     */
    default OptionalLong totalFrames() {
        return OptionalLong.empty();
    }

    /**
     * How often the device itself lost sound because nobody read in time.
     *
     * @return a count since the start
     */
    default long overflows() {
        return 0;
    }

    /**
     * What the listener should know though it did not stop the sound: a file that is cut short, samples that are not numbers.
     *
     * @return one line, once it is known
     */
    default Optional<String> warning() {
        return Optional.empty();
    }

    /** Lets go of the device or file. Idempotent. */
    @Override
    void close();
}
