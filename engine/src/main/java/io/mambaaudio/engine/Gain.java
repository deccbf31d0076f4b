package io.mambaaudio.engine;

import java.util.List;

/**
 * Makes the sound louder or softer. A change of the parameter is reached smoothly, with a time constant of 5 ms, so that it does
 * not click. Keeps the current gain; any block size gives the same samples for the same parameter.
 */
public final class Gain implements Processor {
    private static final double SMOOTHING_SECONDS = 0.005;
    private static final double NEAR_ENOUGH = 1e-6;

    private final Parameter gainDb = new Parameter("gain", "dB", -96, 24, 0);
    private final List<Parameter> parameters = List.of(gainDb);
    private float lastDb;
    private double target = 1; // linear
    private double current = 1; // linear; a float would get stuck a rounding short of the target
    private double towards = 1; // share of the way a frame

    /** Makes one that changes nothing until its parameter is set. */
    public Gain() {}

    @Override
    public String id() {
        return "gain";
    }

    /**
     * The gain.
     *
     * @return in decibels, −96 to 24
     */
    public Parameter gainDb() {
        return gainDb;
    }

    @Override
    public StreamFormat prepare(StreamFormat format, int maxFrames) {
        towards = 1 - Math.exp(-1 / (SMOOTHING_SECONDS * format.sampleRateHz()));
        reset();
        return format;
    }

    @Override
    public void process(float[][] in, float[][] out, int frames) {
        retarget();
        double gain = current;
        for (int i = 0; i < frames; i++) {
            gain = Math.abs(target - gain) < NEAR_ENOUGH ? target : gain + towards * (target - gain);
            for (int c = 0; c < out.length; c++) {
                out[c][i] = (float) (in[c][i] * gain);
            }
        }
        current = gain;
    }

    private void retarget() {
        float db = gainDb.value();
        if (db != lastDb) {
            lastDb = db;
            target = Math.pow(10, db / 20);
        }
    }

    /** Jumps to the parameter's value. */
    @Override
    public void reset() {
        retarget();
        current = target;
    }

    @Override
    public List<Parameter> parameters() {
        return parameters;
    }

    @Override
    public void close() {}
}
