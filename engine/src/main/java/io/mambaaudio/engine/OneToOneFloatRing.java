package io.mambaaudio.engine;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * A ring of frames between exactly one writing and one reading thread. It refuses, it never waits: both sides move what fits
 * and say how much that was. No locks, no allocation after the constructor.
 *
 * <p>Each side publishes its position with release and reads the other's with acquire, and keeps a copy of the other's position
 * so that the shared line moves between the cores only when the copy says full or empty.
 */
public final class OneToOneFloatRing {
    private static final VarHandle WRITTEN;
    private static final VarHandle READ;
    private static final int MAX_FRAMES = 1 << 26;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            WRITTEN = lookup.findVarHandle(WriterSide.class, "written", long.class);
            READ = lookup.findVarHandle(ReaderSide.class, "read", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** Positions on cache lines of their own: 128 bytes of padding on either side (neighbour-line prefetch included). */
    @SuppressWarnings("unused")
    private static final class WriterSide {
        private long a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13, a14, a15;
        private long written;
        private long readCopy;
        private long b0, b1, b2, b3, b4, b5, b6, b7, b8, b9, b10, b11, b12, b13, b14, b15;
    }

    @SuppressWarnings("unused")
    private static final class ReaderSide {
        private long a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13, a14, a15;
        private long read;
        private long writtenCopy;
        private long b0, b1, b2, b3, b4, b5, b6, b7, b8, b9, b10, b11, b12, b13, b14, b15;
    }

    private final float[][] samples; // (channels, capacity)
    private final int capacity; // a power of two
    private final WriterSide writer = new WriterSide();
    private final ReaderSide reader = new ReaderSide();

    /**
     * Makes an empty ring.
     *
     * @param channels channels of a frame, 1 to 64
     * @param minFrames least capacity; it is rounded up to a power of two
     */
    public OneToOneFloatRing(int channels, int minFrames) {
        if (channels < 1 || channels > 64) {
            throw new IllegalArgumentException("channels=" + channels + " is out of range; choose 1 to 64");
        }
        if (minFrames < 1 || minFrames > MAX_FRAMES) {
            throw new IllegalArgumentException(
                    "minFrames=" + minFrames + " is out of range; choose 1 to " + MAX_FRAMES);
        }
        capacity = minFrames == 1 ? 1 : Integer.highestOneBit(minFrames - 1) << 1;
        samples = new float[channels][capacity];
    }

    /**
     * How many frames fit.
     *
     * @return a power of two
     */
    public int capacityFrames() {
        return capacity;
    }

    /**
     * Writes what fits. Writing thread only.
     *
     * @param block (channels, at least offset + frames) samples to copy
     * @param offset first frame to take
     * @param frames how many are offered
     * @return frames taken, 0 to {@code frames}
     */
    public int write(float[][] block, int offset, int frames) {
        long written = writer.written;
        if (capacity - (written - writer.readCopy) < frames) {
            writer.readCopy = (long) READ.getAcquire(reader);
        }
        int count = (int) Math.min(frames, capacity - (written - writer.readCopy));
        int at = (int) written & (capacity - 1);
        int first = Math.min(count, capacity - at);
        for (int c = 0; c < samples.length; c++) {
            System.arraycopy(block[c], offset, samples[c], at, first);
            System.arraycopy(block[c], offset + first, samples[c], 0, count - first);
        }
        WRITTEN.setRelease(writer, written + count);
        return count;
    }

    /**
     * Reads what is there. Reading thread only.
     *
     * @param block (channels, at least maxFrames) receives the samples from frame 0 on
     * @param maxFrames the most frames to read
     * @return frames read, 0 to {@code maxFrames}
     */
    public int read(float[][] block, int maxFrames) {
        long read = reader.read;
        if (reader.writtenCopy - read < maxFrames) {
            reader.writtenCopy = (long) WRITTEN.getAcquire(writer);
        }
        int count = (int) Math.min(maxFrames, reader.writtenCopy - read);
        int at = (int) read & (capacity - 1);
        int first = Math.min(count, capacity - at);
        for (int c = 0; c < samples.length; c++) {
            System.arraycopy(samples[c], at, block[c], 0, first);
            System.arraycopy(samples[c], 0, block[c], first, count - first);
        }
        READ.setRelease(reader, read + count);
        return count;
    }

    /**
     * How many frames are waiting. Exact for the reading thread up to frames that come meanwhile, an estimate for others.
     *
     * @return 0 to the capacity
     */
    public int readableFrames() {
        long read = (long) READ.getAcquire(reader);
        long written = (long) WRITTEN.getAcquire(writer);
        return Math.clamp(written - read, 0, capacity);
    }
}
