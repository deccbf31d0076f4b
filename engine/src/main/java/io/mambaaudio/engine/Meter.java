package io.mambaaudio.engine;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Measures peak and RMS over windows of 50 ms, all channels together, and passes the sound on unchanged. Any thread may ask for
 * the {@link Level}; peak and RMS of one answer belong to the same window. Keeps one unfinished window.
 */
public final class Meter implements Processor {
    private static final int WINDOWS_PER_SECOND = 20;

    private final AtomicLong level = new AtomicLong(); // peak's bits above, RMS's bits below
    private int windowFrames = 1;
    private int seen;
    private float peak;
    private double squares;

    /** Makes one that shows silence until the first window is full. */
    public Meter() {}

    /**
     * What a window was like.
     *
     * @param peak largest magnitude of a sample
     * @param rms root of the mean square over all samples
     */
    public record Level(float peak, float rms) {}

    @Override
    public String id() {
        return "meter";
    }

    @Override
    public StreamFormat prepare(StreamFormat format, int maxFrames) {
        windowFrames = Math.max(1, format.sampleRateHz() / WINDOWS_PER_SECOND);
        reset();
        return format;
    }

    @Override
    public void process(float[][] in, float[][] out, int frames) {
        for (int c = 0; c < out.length; c++) {
            System.arraycopy(in[c], 0, out[c], 0, frames);
        }
        for (int i = 0; i < frames; i++) {
            for (int c = 0; c < out.length; c++) {
                float sample = in[c][i];
                peak = Math.max(peak, Math.abs(sample));
                squares += sample * (double) sample;
            }
            if (++seen == windowFrames) {
                publish(out.length);
            }
        }
    }

    private void publish(int channels) {
        float rms = (float) Math.sqrt(squares / ((double) windowFrames * channels));
        level.lazySet(((long) Float.floatToRawIntBits(peak) << 32) | (Float.floatToRawIntBits(rms) & 0xFFFF_FFFFL));
        seen = 0;
        peak = 0;
        squares = 0;
    }

    /**
     * The last full window. From any thread.
     *
     * @return its peak and RMS; zeros before the first
     */
    public Level level() {
        long bits = level.get();
        return new Level(Float.intBitsToFloat((int) (bits >>> 32)), Float.intBitsToFloat((int) bits));
    }

    @Override
    public void reset() {
        seen = 0;
        peak = 0;
        squares = 0;
        level.lazySet(0);
    }

    @Override
    public void close() {}
}
