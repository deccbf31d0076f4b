package io.mambaaudio.engine;

import java.util.Arrays;

/** Keeps all sound in memory. Ask for it when the stream has ended. */
public final class ArrayOutput implements AudioOutput {
    private static final int MAX_FRAMES = Integer.MAX_VALUE - 16;
    private float[][] samples = new float[0][]; // (channels, at least frames)
    private int frames;

    ArrayOutput() {}

    @Override
    public String name() {
        return "array";
    }

    @Override
    public synchronized void open(StreamFormat format) {
        samples = new float[format.channels()][Math.min(format.sampleRateHz(), 1 << 16)];
        frames = 0;
    }

    @Override
    public synchronized void write(float[][] block, int count) {
        if (count > MAX_FRAMES - frames) {
            throw new EngineException("the array is full: frames=" + frames + "; write to a file instead");
        }
        for (int c = 0; c < samples.length; c++) {
            if (samples[c].length < frames + count) {
                long doubled = Math.max(2L * samples[c].length, (long) frames + count);
                samples[c] = Arrays.copyOf(samples[c], (int) Math.min(doubled, MAX_FRAMES));
            }
            System.arraycopy(block[c], 0, samples[c], frames, count);
        }
        frames += count;
    }

    /**
     * What came so far.
     *
     * @return (channels, frames), a copy
     */
    public synchronized float[][] samples() {
        float[][] copy = new float[samples.length][];
        for (int c = 0; c < samples.length; c++) {
            copy[c] = Arrays.copyOf(samples[c], frames);
        }
        return copy;
    }

    @Override
    public void close() {}
}
