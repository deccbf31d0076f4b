package io.mambaaudio.engine;

import java.time.Duration;
import java.util.function.Supplier;

/**
 * How an engine runs. The defaults suit speech on a desktop.
 *
 * @param blockMillis length of the blocks that processors get, in milliseconds; all are equally long but the last
 * @param ringMillis how much sound may wait between two threads; a live input drops what goes beyond
 * @param stopGrace how long a stop waits for a device that does not answer before it is left behind
 * @param idle makes the idle strategy of each thread
 */
public record EngineOptions(double blockMillis, int ringMillis, Duration stopGrace, Supplier<IdleStrategy> idle) {
    /** Checks the ranges. */
    public EngineOptions {
        if (!(blockMillis > 0 && blockMillis <= 10_000)) {
            throw new IllegalArgumentException(
                    "blockMillis=" + blockMillis + " is out of range; choose more than 0, at most 10000");
        }
        if (ringMillis < 1 || ringMillis > 60_000) {
            throw new IllegalArgumentException("ringMillis=" + ringMillis + " is out of range; choose 1 to 60000");
        }
        if (stopGrace.isNegative() || stopGrace.compareTo(Duration.ofMinutes(1)) > 0) {
            throw new IllegalArgumentException("stopGrace=" + stopGrace + " is out of range; choose 0 to 60 s");
        }
    }

    /**
     * Blocks of 10 ms, rings of 2 s, a grace of 2 s, parks of at most 1 ms.
     *
     * @return the defaults
     */
    public static EngineOptions defaults() {
        return new EngineOptions(10, 2_000, Duration.ofSeconds(2), () -> IdleStrategy.backoff(1_000_000));
    }

    /**
     * These options with another block length.
     *
     * @param millis see {@link #blockMillis}
     * @return new options
     */
    public EngineOptions withBlockMillis(double millis) {
        return new EngineOptions(millis, ringMillis, stopGrace, idle);
    }

    /**
     * These options with other rings.
     *
     * @param millis see {@link #ringMillis}
     * @return new options
     */
    public EngineOptions withRingMillis(int millis) {
        return new EngineOptions(blockMillis, millis, stopGrace, idle);
    }

    /**
     * These options with another grace.
     *
     * @param grace see {@link #stopGrace}
     * @return new options
     */
    public EngineOptions withStopGrace(Duration grace) {
        return new EngineOptions(blockMillis, ringMillis, grace, idle);
    }

    /**
     * These options with another way of idling.
     *
     * @param strategies see {@link #idle}
     * @return new options
     */
    public EngineOptions withIdle(Supplier<IdleStrategy> strategies) {
        return new EngineOptions(blockMillis, ringMillis, stopGrace, strategies);
    }

    /** The block length in frames at a rate, at least 1. */
    int blockFrames(int sampleRateHz) {
        return (int) Math.max(1, Math.round(blockMillis * sampleRateHz / 1_000));
    }

    /** The least ring in frames at a rate: never less than four blocks. */
    int ringFrames(int sampleRateHz) {
        return (int) Math.max(4L * blockFrames(sampleRateHz), (long) ringMillis * sampleRateHz / 1_000);
    }
}
