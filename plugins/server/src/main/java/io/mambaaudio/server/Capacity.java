package io.mambaaudio.server;

import io.mambaaudio.engine.StreamFormat;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * How much sound this machine can hear in a second, and how many streams in a step are best for that, found out by trying. On a processor
 * the weights are read once for all of a batch, which pays where its cores share what they read from; a GPU wants many.
 */
final class Capacity {
    private static final StreamFormat FORMAT = new StreamFormat(16_000, 1);
    private static final int WARM_UP_SECONDS = 20;
    private static final int WINDOWS = 3;
    private static final int STREAM_SECONDS = 4; // in a window, of each lane, at least
    private static final int LARGEST_BATCH = 512;
    /** A machine that is busy with something else would take long over it. */
    private static final long LONGEST_NANOS = 3_000_000_000L;
    /** Less than this is not worth the wait for each other. */
    private static final double WORTH = 1.03;

    private final Lanes lanes;
    private final Function<Lane, LiveStream> open;
    private final Duration longestBatch;
    private final List<LiveStream> streams = new ArrayList<>();

    /**
     * What was found out.
     *
     * @param secondsPerSecond sound that all lanes together hear in a second
     * @param batch the most streams in a step
     * @param overSingle how many times as much is heard as with batches of one
     */
    record Measured(double secondsPerSecond, int batch, double overSingle) {
        /** In words. */
        String describe() {
            return batch == 1
                    ? "batches of 1 stream, more at once are not faster here"
                    : String.format(
                            java.util.Locale.ROOT,
                            "batches of up to %d streams, %.2f times as fast as one by one",
                            batch,
                            overSingle);
        }
    }

    private Capacity(Lanes lanes, Function<Lane, LiveStream> open, Duration longestBatch) {
        this.lanes = lanes;
        this.open = open;
        this.longestBatch = longestBatch;
    }

    /**
     * Hears noise in every lane, first until the code is compiled, then against the clock: the best of some windows, since whatever else
     * the machine does passes. Batches grow while that makes it faster. The lanes keep the best.
     *
     * @param longestBatch a batch that takes longer would make those wait that come due meanwhile
     */
    static Measured measure(
            Lanes lanes, Function<Lane, LiveStream> open, Consumer<LiveStream> close, Duration longestBatch)
            throws InterruptedException {
        Capacity trial = new Capacity(lanes, open, longestBatch);
        try {
            Measured found = trial.climb();
            lanes.maxBatch(found.batch);
            return found;
        } finally {
            trial.streams.forEach(close);
        }
    }

    private Measured climb() throws InterruptedException {
        grow(1);
        hear(WARM_UP_SECONDS);
        Measured best = new Measured(rate(1), 1, 1);
        int most = Math.min(LARGEST_BATCH, lanes.capacityEach());
        long start = System.nanoTime();
        for (int batch = 2;
                batch <= Math.min(most, 4 * best.batch)
                        && seconds(batch, best) <= longestBatch.toNanos() / 1e9
                        && System.nanoTime() - start < LONGEST_NANOS;
                batch *= 2) {
            grow(batch);
            best = compare(best, batch);
        }
        return best;
    }

    /** By turns, so that what else the machine does hits both. */
    private Measured compare(Measured best, int batch) throws InterruptedException {
        double before = 0;
        double now = 0;
        for (int i = 0; i < WINDOWS; i++) {
            before = Math.max(before, rate(best.batch));
            now = Math.max(now, rate(batch));
        }
        return now > WORTH * before
                ? new Measured(now, batch, best.overSingle * now / before)
                : new Measured(before, best.batch, best.overSingle);
    }

    /** How long a batch of slices takes, at the best speed so far. */
    private double seconds(int batch, Measured best) {
        return LiveStream.SLICE_MILLIS / 1000.0 * batch * lanes.count() / best.secondsPerSecond;
    }

    private double rate(int batch) throws InterruptedException {
        lanes.maxBatch(batch);
        int seconds = Math.max(1, STREAM_SECONDS * lanes.count() / streams.size());
        long before = System.nanoTime();
        hear(seconds);
        return 1e9 * streams.size() * seconds / (System.nanoTime() - before);
    }

    /** So many streams in each lane. */
    private void grow(int each) {
        while (streams.size() < each * lanes.count()) {
            streams.add(open.apply(lanes.lane(streams.size() % lanes.count())));
        }
    }

    static StreamFormat format() {
        return FORMAT;
    }

    private void hear(int seconds) throws InterruptedException {
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
}
