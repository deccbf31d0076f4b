package io.mambaaudio.engine.device;

import io.mambaaudio.engine.AudioInput;
import io.mambaaudio.engine.StreamFormat;
import java.util.OptionalLong;

/** Samples in memory. */
public final class ArrayInput implements AudioInput {
    private final float[][] samples; // (channels, frames)
    private final StreamFormat format;
    private int at;

    /** Checks that the channels are equally long. */
    public ArrayInput(float[][] samples, int sampleRateHz) {
        this.samples = samples;
        this.format = new StreamFormat(sampleRateHz, samples.length);
        for (int c = 0; c < samples.length; c++) {
            if (samples[c].length != samples[0].length) {
                throw new IllegalArgumentException("channel " + c + " has frames=" + samples[c].length
                        + ", channel 0 has " + samples[0].length + "; give all the same");
            }
        }
    }

    @Override
    public String name() {
        return "array";
    }

    @Override
    public StreamFormat format() {
        return format;
    }

    @Override
    public int read(float[][] block, int maxFrames) {
        int frames = Math.min(maxFrames, samples[0].length - at);
        if (frames == 0) {
            return -1;
        }
        for (int c = 0; c < samples.length; c++) {
            System.arraycopy(samples[c], at, block[c], 0, frames);
        }
        at += frames;
        return frames;
    }

    @Override
    public OptionalLong totalFrames() {
        return OptionalLong.of(samples[0].length);
    }

    @Override
    public void close() {}
}
