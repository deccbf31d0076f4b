package io.mambaaudio.engine;

import java.util.List;
import java.util.Map;

/**
 * Makes the sound louder or softer. A change of the parameter does not click: see {@link Smoother}. Any block size gives the same
 * samples for the same parameter; at 0 dB every sample stays as it is.
 */
public final class Gain implements Processor {
    private final Parameter gainDb = new Parameter("gain", "dB", -96, 24, 0);
    private final List<Parameter> parameters = List.of(gainDb);
    private final Smoother factor = new Smoother(gainDb, db -> Math.pow(10, db / 20));

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
        factor.prepare(format.sampleRateHz());
        return format;
    }

    @Override
    public void process(float[][] in, float[][] out, int frames) {
        factor.update();
        for (int i = 0; i < frames; i++) {
            double gain = factor.next();
            for (int c = 0; c < out.length; c++) {
                out[c][i] = (float) (in[c][i] * gain);
            }
        }
    }

    /** Jumps to the parameter's value. */
    @Override
    public void reset() {
        factor.reset();
    }

    @Override
    public List<Parameter> parameters() {
        return parameters;
    }

    @Override
    public List<Preset> presets() {
        return List.of(
                Preset.of("unchanged", Map.of("gain", 0f)),
                Preset.of("half", Map.of("gain", -6.0206f)),
                Preset.of("double", Map.of("gain", 6.0206f)));
    }

    @Override
    public void close() {}
}
