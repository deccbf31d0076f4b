package io.mambaaudio.engine;

import java.time.Duration;

/** Does a small chore again and again on a thread of its own, until it is closed. A chore that fails is logged and tried again. */
public final class Ticker implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Ticker.class.getName());

    private final Runnable chore;
    private final Duration period;
    private final Thread thread;

    private Ticker(String name, Duration period, Runnable chore) {
        this.chore = chore;
        this.period = period;
        this.thread = Thread.ofPlatform().daemon().name(name).unstarted(this::run);
    }

    /**
     * Starts one.
     *
     * @param name of the thread
     * @param period pause between the end of one run and the start of the next, more than 0
     * @param chore what is done; should be short, and never waits for long
     * @return the running ticker
     */
    public static Ticker every(String name, Duration period, Runnable chore) {
        if (!period.isPositive()) {
            throw new IllegalArgumentException("period=" + period + " must be more than 0; choose a second, say");
        }
        Ticker ticker = new Ticker(name, period, chore);
        ticker.thread.start();
        return ticker;
    }

    private void run() {
        while (!Thread.currentThread().isInterrupted()) {
            try {
                Thread.sleep(period);
                chore.run();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (RuntimeException | Error e) {
                LOG.log(System.Logger.Level.ERROR, "a chore of " + thread.getName() + " failed", e);
            }
        }
    }

    /** Ends it, also in the middle of the chore if that waits. Idempotent. */
    @Override
    public void close() {
        thread.interrupt();
    }
}
