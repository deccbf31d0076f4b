package io.mambaaudio.server;

import io.mambaaudio.engine.StepScheduler;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * How many live streams may be open: as many as can be heard in time at what hearing costs. That was tried at the start, and is measured
 * all the time from the streams themselves once they keep the threads busy: a machine that has become slower lets fewer in. Besides,
 * nobody is let in while too much is heard late. One thread tells, any may ask.
 */
final class Admission {
    /** Resampling, protocols and garbage collection want some of the machine, and a full one is late. */
    private static final double SHARE = 0.8;
    /** Below this share of the threads' time there is room for more in any case. */
    private static final double BUSY = 0.4;
    /** Nobody else is let in while more than this share of the slices was late: one hiccup is not enough. */
    private static final double LATE_SHARE = 0.05;

    private static final int SECONDS = 5;
    /** Enough work in that time to say how fast it was. */
    private static final long LEAST_BUSY_NANOS = 300_000_000;

    private final int threads;
    private double
            best; // of who tells: the trial, or better, since the machine may have been busy with something else then
    private final Deque<Moment> lastSeconds = new ArrayDeque<>(); // of who tells
    private volatile double secondsPerSecond;
    private volatile double load;
    private volatile boolean late;

    private record Moment(StepScheduler.Stats stats, long heardNanos, long atNanos) {}

    /**
     * What was found out at the start.
     *
     * @param threads that compute
     * @param secondsPerSecond sound that they heard together in a second
     */
    Admission(int threads, double secondsPerSecond) {
        this.threads = threads;
        this.best = secondsPerSecond;
        this.secondsPerSecond = secondsPerSecond;
    }

    /**
     * Once a second: what has been done so far.
     *
     * @param heardNanos sound that was heard, of all streams together
     * @param nowNanos on the clock of {@link System#nanoTime}
     */
    void tick(StepScheduler.Stats stats, long heardNanos, long nowNanos) {
        Moment now = new Moment(stats, heardNanos, nowNanos);
        lastSeconds.addLast(now);
        Moment then = lastSeconds.size() > SECONDS ? lastSeconds.removeFirst() : lastSeconds.getFirst();
        long busy = stats.busyNanos() - then.stats.busyNanos();
        long heard = heardNanos - then.heardNanos;
        load = busy / Math.max(1.0, (double) threads * (nowNanos - then.atNanos));
        double seen = (double) threads * heard / Math.max(1, busy);
        if (busy > LEAST_BUSY_NANOS) {
            best = Math.max(best, seen);
        }
        secondsPerSecond = load > BUSY && heard > 0 ? seen : best;
        late = stats.misses() - then.stats.misses() > LATE_SHARE * (stats.runs() - then.stats.runs());
    }

    /** Live streams that can be heard in time, at least 1. */
    int streams() {
        return (int) Math.max(1, secondsPerSecond * SHARE);
    }

    /** Sound that all threads together can hear in a second. */
    double secondsPerSecond() {
        return secondsPerSecond;
    }

    /** Share of the threads' time that was used of late. */
    double load() {
        return load;
    }

    /** Whether too much was heard late of late. */
    boolean isLate() {
        return late;
    }
}
