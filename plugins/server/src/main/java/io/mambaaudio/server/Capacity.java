package io.mambaaudio.server;

import io.mambaaudio.engine.StepScheduler;
import io.mambaaudio.engine.StreamFormat;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** How many streams this machine can serve in time, found out by trying: as many at once as there are threads. */
final class Capacity {
    /** Resampling, protocols and garbage collection want some of the machine, and a full one is late. */
    private static final double SHARE = 0.75;

    private static final StreamFormat FORMAT = new StreamFormat(16_000, 1);
    private static final int WARM_UP_SECONDS = 20;
    private static final int WINDOWS = 5;
    private static final int WINDOW_SECONDS = 4;

    private Capacity() {}

    /**
     * What was measured.
     *
     * @param secondsPerSecond sound that all threads together hear in a second
     */
    record Measured(double secondsPerSecond) {
        /** Streams that can be admitted, at least 1. */
        int streams() {
            return (int) Math.max(1, secondsPerSecond * SHARE);
        }

        /** With what was seen since: the machine may have been busy with something else at the start. */
        Measured or(double seenSecondsPerSecond) {
            return seenSecondsPerSecond > secondsPerSecond ? new Measured(seenSecondsPerSecond) : this;
        }
    }

    /**
     * Hears noise on every thread, first until the code is compiled, then against the clock: the best of some windows, since whatever
     * else the machine does passes. Should it not pass, streams are late, and then nobody else is admitted.
     */
    static Measured measure(int threads, Supplier<LiveStream> open, Consumer<LiveStream> close)
            throws InterruptedException {
        List<LiveStream> streams = new ArrayList<>();
        try {
            for (int i = 0; i < threads; i++) {
                streams.add(open.get());
            }
            hear(streams, WARM_UP_SECONDS);
            double rate = 0;
            for (int i = 0; i < WINDOWS; i++) {
                long before = System.nanoTime();
                hear(streams, WINDOW_SECONDS);
                rate = Math.max(rate, 1e9 * threads * WINDOW_SECONDS / (System.nanoTime() - before));
            }
            return new Measured(rate);
        } finally {
            streams.forEach(close);
        }
    }

    static StreamFormat format() {
        return FORMAT;
    }

    private static void hear(List<LiveStream> streams, int seconds) throws InterruptedException {
        float[][] noise = new float[1][FORMAT.sampleRateHz()];
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < noise[0].length; i++) {
            noise[0][i] = (float) (0.05 * random.nextGaussian());
        }
        for (int s = 0; s < seconds; s++) {
            streams.forEach(stream -> stream.submit(noise, noise[0].length));
            for (LiveStream stream : streams) {
                var _ = stream.settle();
            }
        }
    }

    /** The function of a scheduler of streams. */
    static StepScheduler.BatchFunction<LiveStream> steps() {
        return due -> {
            for (LiveStream stream : due) {
                stream.step();
            }
        };
    }
}
