package io.mambaaudio.javasound;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;

/**
 * The internal buffer of an output line: a program writes on its threads, the engine reads on another. Reading goes on only between
 * {@link #start} and {@link #stop}, and no faster than a loudspeaker where that is wanted.
 *
 * <p>A device has a lock and waits; so does this. No thread of the engine that has to be on time touches it.
 */
final class LineBuffer extends InputStream {
    private static final long CLOCK_WAIT_MILLIS = 5;
    private static final long IDLE_WAIT_MILLIS = 1000;

    private final byte[] ring;
    private final int frameBytes;
    private final double framesPerNano; // 0 for as fast as asked
    private long written; // bytes since the line was opened, flushed ones included
    private long read;
    private long flushed;
    private int flushes;
    private boolean running;
    private boolean closed;
    private boolean clockRuns;
    private long clockStart; // nanos
    private long clockRead; // bytes read at that moment

    LineBuffer(int bytes, int frameBytes, double framesPerSecond) {
        this.ring = new byte[bytes];
        this.frameBytes = frameBytes;
        this.framesPerNano = framesPerSecond / 1e9;
    }

    /**
     * Takes bytes as {@link javax.sound.sampled.SourceDataLine#write} does: waits while the line runs and the buffer is full; ends
     * early when it is stopped, flushed or closed.
     */
    synchronized int write(byte[] from, int at, int length) {
        int epoch = flushes;
        int done = 0;
        while (!closed && epoch == flushes) {
            int count = Math.min(length - done, available());
            put(from, at + done, count);
            done += count;
            if (done == length || !running || !waitQuietly(IDLE_WAIT_MILLIS)) {
                break;
            }
        }
        return done;
    }

    private void put(byte[] from, int at, int count) {
        int start = (int) (written % ring.length);
        int first = Math.min(count, ring.length - start);
        System.arraycopy(from, at, ring, start, first);
        System.arraycopy(from, at + first, ring, 0, count - first);
        written += count;
        if (count > 0) {
            notifyAll();
        }
    }

    /** False when this thread was interrupted, which is kept. */
    @SuppressWarnings("WaitNotInLoop") // its callers loop
    private boolean waitQuietly(long millis) {
        try {
            wait(millis);
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Waits for the next bytes that are due; whole frames. */
    @Override
    public synchronized int read(byte[] to, int at, int length) throws IOException {
        while (!closed) {
            int count = due(length);
            if (count > 0) {
                int start = (int) (read % ring.length);
                int first = Math.min(count, ring.length - start);
                System.arraycopy(ring, start, to, at, first);
                System.arraycopy(ring, 0, to, at + first, count - first);
                read += count;
                notifyAll();
                return count;
            }
            if (!waitQuietly(clockRuns ? CLOCK_WAIT_MILLIS : IDLE_WAIT_MILLIS)) {
                throw new InterruptedIOException();
            }
        }
        return -1;
    }

    @Override
    public int read() {
        throw new UnsupportedOperationException("frames are read as a whole");
    }

    private int due(int length) {
        int there = (int) Math.min(length, written - read);
        if (!running || there == 0) {
            clockRuns = false; // a pause does not count as sound that is late
            return 0;
        }
        if (framesPerNano == 0) {
            return there;
        }
        long now = System.nanoTime();
        if (!clockRuns) {
            clockRuns = true;
            clockStart = now;
            clockRead = read;
        }
        long frames = (long) ((now - clockStart) * framesPerNano);
        return (int) Math.min(there, clockRead + frames * frameBytes - read);
    }

    /** Bytes that can be written without waiting. */
    @Override
    public synchronized int available() {
        return closed ? 0 : (int) (ring.length - (written - read));
    }

    synchronized boolean hasSound() {
        return written > read;
    }

    int capacity() {
        return ring.length;
    }

    /** Frames that were played: read and not flushed. */
    synchronized long framesPlayed() {
        return (read - flushed) / frameBytes;
    }

    synchronized void start() {
        running = true;
        notifyAll();
    }

    synchronized void stop() {
        running = false;
        notifyAll();
    }

    /** Throws away what was not read yet. */
    synchronized void flush() {
        flushed += written - read;
        read = written;
        flushes++;
        notifyAll();
    }

    /** Waits until all was read, or the line is closed; a stopped line has to be started by another thread. */
    synchronized void drain() {
        boolean patient = true;
        while (!closed && written > read && patient) {
            patient = waitQuietly(IDLE_WAIT_MILLIS);
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        notifyAll();
    }
}
