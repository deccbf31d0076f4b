package io.mambaaudio.engine.device;

import io.mambaaudio.engine.AudioInput;
import io.mambaaudio.engine.StreamFormat;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.locks.LockSupport;

/** Another input, no faster than a clock: the block that ends with frame n is given n / rate seconds after the start. */
public final class PacedInput implements AudioInput {
    private static final long MAX_PARK_NANOS = 20_000_000;

    private final AudioInput input;
    private final int sampleRateHz;
    private long startNanoTime;
    private long frames;
    private volatile boolean stopped;

    /** Wraps an input. */
    public PacedInput(AudioInput input) {
        this.input = input;
        this.sampleRateHz = input.format().sampleRateHz();
    }

    @Override
    public String name() {
        return input.name();
    }

    @Override
    public StreamFormat format() {
        return input.format();
    }

    @Override
    public void start() {
        input.start();
        startNanoTime = System.nanoTime();
    }

    @Override
    public int read(float[][] block, int maxFrames) {
        int count = stopped ? -1 : input.read(block, maxFrames);
        frames += Math.max(0, count);
        long dueNanos = frames / sampleRateHz * 1_000_000_000L + frames % sampleRateHz * 1_000_000_000L / sampleRateHz;
        long left = dueNanos - (System.nanoTime() - startNanoTime);
        while (left > 0 && !stopped && count > 0) {
            LockSupport.parkNanos(Math.min(left, MAX_PARK_NANOS));
            left = dueNanos - (System.nanoTime() - startNanoTime);
        }
        return count;
    }

    @Override
    public void stop() {
        stopped = true;
        input.stop();
    }

    @Override
    public boolean live() {
        return input.live();
    }

    @Override
    public boolean realTime() {
        return true;
    }

    @Override
    public OptionalLong totalFrames() {
        return input.totalFrames();
    }

    @Override
    public long overflows() {
        return input.overflows();
    }

    @Override
    public Optional<String> warning() {
        return input.warning();
    }

    @Override
    public void close() {
        input.close();
    }
}
