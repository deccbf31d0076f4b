package io.mambaaudio.demo.desktop;

import java.util.concurrent.atomic.AtomicLong;

/**
 * The picture of a stream, a column every 10 ms: mel bands and the extremes of the wave, a byte each. One thread writes, any may
 * read; the newest {@link #CAPACITY} columns are kept, so memory does not grow with the stream. Nothing allocates or waits.
 */
final class Columns {
    /** Mel bands of a column. */
    static final int BANDS = 80;
    /** Sound from one column to the next. */
    static final double SECONDS = 0.01;
    /** Columns that are kept: almost 22 minutes. */
    static final int CAPACITY = 1 << 17;
    /** Columns that the writer may add while somebody reads the oldest. */
    private static final int MARGIN = 1 << 12;

    private static final int LOW = BANDS;
    private static final int HIGH = BANDS + 1;
    private static final int STRIDE = BANDS + 2;

    /** Natural logarithms of band power that are shown darkest and brightest. */
    private static final float DARKEST = -11;

    private static final float BRIGHTEST = 6;

    private final byte[] bytes = new byte[CAPACITY * STRIDE]; // (column, band...low, high)
    private final AtomicLong written = new AtomicLong();

    /**
     * Adds a column. The writing thread only.
     *
     * @param mel (BANDS) log-mel values
     * @param low the least sample, −1 to 1
     * @param high the largest sample, −1 to 1
     */
    void push(float[] mel, float low, float high) {
        long column = written.getPlain();
        int at = at(column);
        for (int band = 0; band < BANDS; band++) {
            float level = (mel[band] - DARKEST) * (255 / (BRIGHTEST - DARKEST));
            bytes[at + band] = (byte) Math.clamp((int) level, 0, 255);
        }
        bytes[at + LOW] = (byte) Math.clamp(Math.round(low * 127), -127, 127);
        bytes[at + HIGH] = (byte) Math.clamp(Math.round(high * 127), -127, 127);
        written.setRelease(column + 1);
    }

    /** How many columns there were so far. */
    long written() {
        return written.getAcquire();
    }

    /** The oldest column that can still be read. */
    long oldest() {
        return Math.max(0, written() - CAPACITY + MARGIN);
    }

    /** The brightness of the bands of a column, 0 to 255, into (BANDS). */
    void levels(long column, int[] levels) {
        int at = at(column);
        for (int band = 0; band < BANDS; band++) {
            levels[band] = bytes[at + band] & 0xFF;
        }
    }

    /** The least sample of a column, −1 to 1. */
    float low(long column) {
        return bytes[at(column) + LOW] / 127f;
    }

    /** The largest sample of a column, −1 to 1. */
    float high(long column) {
        return bytes[at(column) + HIGH] / 127f;
    }

    /** The loudest sample of the newest columns, 0 to 1. */
    float peak(int columns) {
        long end = written();
        float peak = 0;
        for (long c = Math.max(oldest(), end - columns); c < end; c++) {
            peak = Math.max(peak, Math.max(high(c), -low(c)));
        }
        return peak;
    }

    private static int at(long column) {
        return (int) (column & (CAPACITY - 1)) * STRIDE;
    }
}
