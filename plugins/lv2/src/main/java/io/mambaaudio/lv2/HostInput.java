package io.mambaaudio.lv2;

import io.mambaaudio.engine.AudioInput;
import io.mambaaudio.engine.StreamFormat;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/**
 * The sound that a host gives to one plugin instance, from its activation to its deactivation. It is asked for by the engine's
 * capture thread, which also empties the letter box on its way. Sound that comes while the shared ring is full is dropped and
 * counted by the native half, so this input waits and never drops.
 */
final class HostInput implements AudioInput {
    private static final long PARK_NANOS = 4_000_000;

    private final SharedMemory memory;
    private final Consumer<String> letters;
    private volatile boolean ended;

    HostInput(SharedMemory memory, Consumer<String> letters) {
        this.memory = memory;
        this.letters = letters;
    }

    @Override
    public String name() {
        return "LV2 host";
    }

    @Override
    public StreamFormat format() {
        return new StreamFormat(memory.sampleRateHz(), memory.channels());
    }

    @Override
    public void start() {
        memory.listening(true);
    }

    @Override
    public int read(float[][] block, int maxFrames) {
        while (true) {
            boolean last = ended; // asked before the ring: what the host wrote before it ended is there
            String letter = memory.takeLetter();
            if (!letter.isEmpty()) {
                letters.accept(letter);
            }
            int frames = memory.read(block, maxFrames);
            if (frames > 0) {
                return frames;
            }
            if (last) {
                return -1;
            }
            LockSupport.parkNanos(PARK_NANOS);
        }
    }

    /** The host has stopped: what it wrote is still read, then comes the end. Any thread. */
    void end() {
        ended = true;
    }

    @Override
    public void stop() {
        end();
    }

    @Override
    public boolean realTime() {
        return true;
    }

    /** By the engine's capture thread, whatever ended the stream: the audio thread need not write any more. */
    @Override
    public void close() {
        memory.listening(false);
    }
}
