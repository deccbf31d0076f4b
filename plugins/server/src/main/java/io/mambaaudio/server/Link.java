package io.mambaaudio.server;

import io.helidon.common.buffers.DataReader;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * One client's connection as its watchman sees it. A connection has a virtual thread that reads, hears and answers; this knows since
 * when it is at what, and can end it from outside: kindly, with a reason, or by an interruption, which closes the socket under whatever
 * the thread waits for.
 */
final class Link {
    private static final Duration GRACE = Duration.ofSeconds(1);

    private final Thread thread = Thread.currentThread();
    private final Executor executor;
    private final Farewell farewell;
    private final ReentrantLock lock = new ReentrantLock();
    private volatile long writingSince;
    private volatile long closingSince;
    private volatile long lastSound = System.nanoTime();
    private volatile boolean hearing;
    private volatile boolean cut;
    private volatile @Nullable Closing why;

    /** Says good-bye in the words of the protocol. */
    @FunctionalInterface
    interface Farewell {
        /**
         * Tells the client what is left to tell and why it is closed, through {@link Link#write}.
         *
         * @param reason in one line
         */
        void say(Closing why, String reason);
    }

    /** Made by the connection's own thread. */
    Link(Executor executor, Farewell farewell) {
        this.executor = executor;
        this.farewell = farewell;
    }

    /** Runs what only one thread at a time may do: a message of the client, or a good-bye from outside. */
    void exclusively(Runnable action) {
        lock.lock();
        try {
            action.run();
        } finally {
            lock.unlock();
        }
    }

    /** Sends; a reader that does not read makes this wait, until the watchman cuts the connection. */
    void write(Runnable sending) {
        writingSince = now();
        try {
            sending.run();
        } finally {
            writingSince = 0;
        }
    }

    /** The time, never 0. */
    private static long now() {
        return System.nanoTime() | 1;
    }

    /** Sound came in and is being heard. */
    void hearing(boolean begins) {
        lastSound = System.nanoTime();
        hearing = begins;
    }

    /** Says good-bye, once; what the client still sends is not looked at, and soon its socket is closed. */
    void close(Closing reason, String text) {
        exclusively(() -> {
            if (!isClosing()) {
                why = reason;
                closingSince = now();
                farewell.say(reason, text);
            }
        });
    }

    /** The good-bye was said by somebody else; from now on the watchman counts. */
    void over(Closing reason) {
        why = reason;
        closingSince = now();
    }

    /**
     * Reads on and forgets what it reads, until the client closes its side or the watchman loses patience: a socket that is closed
     * over unread bytes takes back what was sent last, and that is the reason for closing it.
     */
    static void drain(DataReader in) {
        while (true) {
            in.ensureAvailable();
            in.skip(in.available());
        }
    }

    /** What {@link #close} does, from a thread that must not wait. */
    void closeSoon(Closing reason, String text) {
        if (!isClosing()) {
            executor.execute(() -> close(reason, text));
        }
    }

    boolean isClosing() {
        return closingSince != 0;
    }

    /** Why the connection ended, for the metrics; the first reason counts. */
    Closing ended(Closing otherwise) {
        Closing known = why;
        return known == null ? otherwise : known;
    }

    /** Closes the socket under the connection's thread, once. */
    void cut(Closing reason) {
        if (!cut) {
            cut = true;
            if (why == null) {
                why = reason;
            }
            if (!isClosing()) {
                closingSince = now();
            }
            thread.interrupt();
        }
    }

    /** What the watchman does once a second. */
    void check(Duration stall, Duration idle) {
        long writing = writingSince;
        long closing = closingSince;
        if (writing != 0 && System.nanoTime() - writing > stall.toNanos()) {
            cut(Closing.SLOW_READER);
        } else if (closing != 0 && System.nanoTime() - closing > GRACE.toNanos()) {
            cut(Closing.LEFT);
        } else if (!hearing && System.nanoTime() - lastSound > idle.toNanos()) {
            closeSoon(Closing.IDLE, "no sound for " + idle.toSeconds() + " s; connect again when there is some");
        }
    }
}
