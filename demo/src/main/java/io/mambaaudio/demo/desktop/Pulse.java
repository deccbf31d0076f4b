package io.mambaaudio.demo.desktop;

import io.mambaaudio.engine.EngineStats;

/** How a take does at the moment: over the last quarter of a second, not since its start. Event thread only. */
final class Pulse {
    private static final long PERIOD_NANOS = 250_000_000L;
    private static final int LEVEL_COLUMNS = 8;

    private final Take take;
    private final long startNanos;
    private long lastNanos;
    private double lastSeconds;
    private double lastBusyNanos;
    private double speed;
    private double load;

    Pulse(Take take, long now) {
        this.take = take;
        startNanos = now;
        lastNanos = now;
    }

    /** Looks again, if it is time; true if the numbers are new. */
    boolean beat(long now) {
        if (now - lastNanos < PERIOD_NANOS) {
            return false;
        }
        EngineStats stats = take.stats();
        double busy = stats.meanProcessNanos() * stats.blocks();
        double seconds = take.seconds();
        double elapsed = now - lastNanos;
        load = Math.max(0, (busy - lastBusyNanos) / elapsed);
        speed = (seconds - lastSeconds) / (elapsed / 1e9);
        lastBusyNanos = busy;
        lastSeconds = seconds;
        lastNanos = now;
        return true;
    }

    /** The loudest sample of the moment, 0 to 1. */
    float level() {
        return take.columns().peak(LEVEL_COLUMNS);
    }

    /** Share of one core that the chain takes. */
    double load() {
        return load;
    }

    /** Seconds of sound a second, at the moment. */
    double speed() {
        return speed;
    }

    /** Seconds of sound a second, from the start until now. */
    double meanSpeed(long now) {
        return take.seconds() / Math.max(1e-3, (now - startNanos) / 1e9);
    }

    /** From sound to text; NaN where that has no meaning, or nothing was said. */
    double delayMillis() {
        return take.delayMillis();
    }

    double lostSeconds() {
        return take.lostSeconds();
    }
}
