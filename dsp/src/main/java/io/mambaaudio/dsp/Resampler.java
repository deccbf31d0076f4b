package io.mambaaudio.dsp;

import java.util.Arrays;
import java.util.Objects;

/**
 * Changes the sample rate of a stream of mono sound: any rate to any other within a factor of 256.
 *
 * <p>A polyphase low-pass whose pass-band is flat to 0.9 of the slower rate's Nyquist frequency and whose stop-band begins at that
 * Nyquist frequency (tests measure both over a table of rates: ripple at most 0.1 dB, aliases and images at least 90 dB down). Time
 * is counted in whole numbers, so it never drifts.
 *
 * <p>The output is aligned with the input: output sample {@code m} is the sound at time {@code m / toHz}, and input sample {@code k}
 * that at {@code k / fromHz}. It appears {@link #delaySeconds} later, since the low-pass looks that far ahead. Any chunking of the
 * input gives the same bits. Samples that are not finite are taken as silence. Equal rates copy.
 *
 * <p>State: one filter length of samples. Threads: one at a time. Nothing allocates after construction. One instance a channel;
 * {@link #twin} makes more without another table.
 */
public final class Resampler {
    private static final int MAX_HZ = 768_000;
    private static final int MAX_FACTOR = 256;

    private final int fromHz;
    private final int from; // in samples, for every
    private final int to; // out samples; no common divisor
    private final SincTable table;
    private final float[] buffer; // (taps + some) input; zeros stand before the stream
    private int filled; // samples in buffer
    private int position; // in buffer, of the first sample under the filter at the next output sample
    private int phase; // how far the next output sample is past an input sample, in 1 / to input samples
    private long samplesIn;
    private long samplesOut;

    private Resampler(int fromHz, int from, int to, SincTable table) {
        this.fromHz = fromHz;
        this.from = from;
        this.to = to;
        this.table = table;
        this.buffer = new float[table.taps + Math.max(1024, table.taps)];
        reset();
    }

    /**
     * Makes a resampler at the start of a stream.
     *
     * @param fromHz rate of the input, 1 to 768,000
     * @param toHz rate of the output, 1 to 768,000 and within a factor of 256
     * @return with an empty state
     */
    public static Resampler of(int fromHz, int toHz) {
        checkRate("fromHz", fromHz);
        checkRate("toHz", toHz);
        if (fromHz > (long) MAX_FACTOR * toHz || toHz > (long) MAX_FACTOR * fromHz) {
            throw new IllegalArgumentException("fromHz=" + fromHz + " and toHz=" + toHz
                    + " are too far apart; choose rates within a factor of " + MAX_FACTOR);
        }
        int divisor = greatestCommonDivisor(fromHz, toHz);
        int from = fromHz / divisor;
        int to = toHz / divisor;
        return new Resampler(fromHz, from, to, SincTable.of(from, to));
    }

    /**
     * Another resampler of the same rates, for another channel: it shares the filter and has its own, empty state.
     *
     * @return at the start of a stream
     */
    public Resampler twin() {
        return new Resampler(fromHz, from, to, table);
    }

    /**
     * Takes samples and writes those that can be known now.
     *
     * @param in samples at the input rate
     * @param inOffset where they start
     * @param count how many there are
     * @param out gets samples at the output rate; never the same array as {@code in}
     * @param outOffset where to write the first
     * @return samples written, at most {@link #maxOutput} of {@code count}; often none for a small count
     * @throws IndexOutOfBoundsException if the input's range does not lie in its array; nothing was taken then
     * @throws IllegalArgumentException if the output has too little room; nothing was taken then
     */
    public int push(float[] in, int inOffset, int count, float[] out, int outOffset) {
        Objects.checkFromIndexSize(inOffset, count, in.length);
        checkRoom(ready(count), out, outOffset);
        int at = inOffset;
        int left = count;
        int written = 0;
        while (left > 0) {
            int taken = Math.min(buffer.length - filled, left);
            Samples.copyFinite(in, at, buffer, filled, taken);
            filled += taken;
            at += taken;
            left -= taken;
            written += drain(out, outOffset + written, Integer.MAX_VALUE);
            makeRoom();
        }
        samplesIn += count;
        return written;
    }

    /**
     * Writes what is still held back, as if silence followed, and starts over as {@link #reset} does. All output samples of the
     * stream together are then {@code round(input samples * toHz / fromHz)}.
     *
     * @param out gets samples at the output rate
     * @param outOffset where to write the first
     * @return samples written, at most {@link #maxFlush}
     * @throws IllegalArgumentException if the output has too little room; nothing was written then
     */
    public int flush(float[] out, int outOffset) {
        int total = (int) (Math.floorDiv(2 * samplesIn * to + from, 2L * from) - samplesOut);
        checkRoom(total, out, outOffset);
        int written = 0;
        while (written < total) {
            Arrays.fill(buffer, filled, buffer.length, 0);
            filled = buffer.length;
            written += drain(out, outOffset + written, total - written);
            makeRoom();
        }
        reset();
        return total;
    }

    /**
     * The most samples that one {@link #push} of {@code count} can write, whatever came before.
     *
     * @param count input samples
     * @return output samples
     */
    public int maxOutput(int count) {
        return Math.toIntExact(((long) count * to + from - 1) / from);
    }

    /**
     * The most samples that {@link #flush} can write.
     *
     * @return output samples
     */
    public int maxFlush() {
        return maxOutput(table.reach + 1) + 1;
    }

    /**
     * How long after its time an output sample appears: the low-pass has to hear so much of what follows.
     *
     * @return seconds; 0 for equal rates
     */
    public double delaySeconds() {
        return (double) table.reach / fromHz;
    }

    /** Forgets the stream so far. */
    public void reset() {
        filled = table.taps - 1 - table.reach;
        Arrays.fill(buffer, 0, filled, 0);
        position = 0;
        phase = 0;
        samplesIn = 0;
        samplesOut = 0;
    }

    /** How many outputs can be known once {@code count} more samples are in. */
    private int ready(int count) {
        long past = (long) filled + count - table.taps - position + 1;
        return past <= 0 ? 0 : Math.toIntExact((past * to - phase + from - 1) / from);
    }

    /** Writes outputs while their samples are in the buffer, at most {@code limit}. */
    private int drain(float[] out, int outOffset, int limit) {
        int taps = table.taps;
        int wholeStep = from / to;
        int partStep = from % to;
        int at = outOffset;
        int end = (int) Math.min(Integer.MAX_VALUE, (long) outOffset + limit);
        while (at < end && position + taps <= filled) {
            out[at++] = sample();
            position += wholeStep;
            phase += partStep;
            if (phase >= to) {
                phase -= to;
                position++;
            }
        }
        samplesOut += at - outOffset;
        return at - outOffset;
    }

    /** The next output sample. */
    private float sample() {
        int taps = table.taps;
        if (table.steps == to) {
            return dot(buffer, position, table.weights, phase * taps, taps);
        }
        long step = (long) phase * table.steps;
        int row = (int) (step / to);
        float between = (float) (step % to) / to;
        float before = dot(buffer, position, table.weights, row * taps, taps);
        float after = dot(buffer, position, table.weights, (row + 1) * taps, taps);
        return before + between * (after - before);
    }

    /** Eight sums at a time: one would wait for each addition. */
    private static float dot(float[] x, int xAt, float[] w, int wAt, int count) {
        float s0 = 0;
        float s1 = 0;
        float s2 = 0;
        float s3 = 0;
        float s4 = 0;
        float s5 = 0;
        float s6 = 0;
        float s7 = 0;
        for (int i = 0; i < count; i += 8) {
            s0 += x[xAt + i] * w[wAt + i];
            s1 += x[xAt + i + 1] * w[wAt + i + 1];
            s2 += x[xAt + i + 2] * w[wAt + i + 2];
            s3 += x[xAt + i + 3] * w[wAt + i + 3];
            s4 += x[xAt + i + 4] * w[wAt + i + 4];
            s5 += x[xAt + i + 5] * w[wAt + i + 5];
            s6 += x[xAt + i + 6] * w[wAt + i + 6];
            s7 += x[xAt + i + 7] * w[wAt + i + 7];
        }
        return ((s0 + s4) + (s1 + s5)) + ((s2 + s6) + (s3 + s7));
    }

    /** Moves what is still needed to the front once the buffer is full. */
    private void makeRoom() {
        if (filled == buffer.length) {
            System.arraycopy(buffer, position, buffer, 0, filled - position);
            filled -= position;
            position = 0;
        }
    }

    private static void checkRoom(int needed, float[] out, int outOffset) {
        if (outOffset < 0 || needed > out.length - outOffset) {
            throw new IllegalArgumentException(
                    "out has room for " + (out.length - outOffset) + " samples from outOffset=" + outOffset
                            + ", but needs " + needed + "; size it by maxOutput or maxFlush");
        }
    }

    private static void checkRate(String name, int hz) {
        if (hz < 1 || hz > MAX_HZ) {
            throw new IllegalArgumentException(name + "=" + hz + " is out of range; choose 1 to " + MAX_HZ);
        }
    }

    private static int greatestCommonDivisor(int a, int b) {
        return b == 0 ? a : greatestCommonDivisor(b, a % b);
    }
}
