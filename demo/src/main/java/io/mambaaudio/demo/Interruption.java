package io.mambaaudio.demo;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Ctrl-C, and a request of the system to end: the stream is told to stop and gets time to print what was said, then the process
 * ends with the code of the signal (130, 143). The JVM offers a shutdown hook for this, and a hook is a thread: the one that is
 * made outside {@code engine}.
 */
final class Interruption implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final CountDownLatch finished = new CountDownLatch(1);
    private final Thread hook = new Thread(this::interrupt, "mamba-audio-shutdown");
    private final Duration patience;
    private volatile boolean asked;

    private Interruption(Duration patience) {
        this.patience = patience;
    }

    static Interruption watch() {
        return watch(PATIENCE);
    }

    /** For what needs longer to come to its end. */
    static Interruption watch(Duration patience) {
        Interruption interruption = new Interruption(patience);
        Runtime.getRuntime().addShutdownHook(interruption.hook);
        return interruption;
    }

    /** Whether the user wants an end. */
    boolean asked() {
        return asked;
    }

    private void interrupt() {
        asked = true;
        try {
            if (!finished.await(patience.toMillis(), TimeUnit.MILLISECONDS)) {
                System.err.println(
                        "mamba-audio: the stream did not end in " + patience.toSeconds() + " s; gave up waiting");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Says that all is printed; the process may end. */
    @Override
    public void close() {
        finished.countDown();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            asked = true; // the process is ending already
        }
    }
}
