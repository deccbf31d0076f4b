package com.example.tremolo;

import io.mambaaudio.engine.Parameter;
import io.mambaaudio.engine.Preset;
import io.mambaaudio.engine.Processor;
import io.mambaaudio.engine.Smoother;
import io.mambaaudio.engine.StreamFormat;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;

/** Lets the sound swell and fade. The whole of a plugin: parameters that do not click, presets, state that can be saved. */
public final class Tremolo implements Processor {
    private final Parameter depth = new Parameter("depth", "", 0, 1, 0.5f);
    private final Parameter speed = new Parameter("speed", "Hz", 0.1f, 20, 4);
    private final Parameter shape = Parameter.choice("shape", List.of("sine", "square"), "sine");
    private final Smoother depthNow = new Smoother(depth);
    private final Smoother speedNow = new Smoother(speed);
    private double phase; // 0 to 1
    private double frameSeconds;

    @Override
    public String id() {
        return "tremolo";
    }

    @Override
    public List<Parameter> parameters() {
        return List.of(depth, speed, shape);
    }

    @Override
    public List<Preset> presets() {
        return List.of(
                Preset.of("gentle", Map.of("depth", 0.3f, "speed", 3f, "shape", 0f)),
                Preset.of("helicopter", Map.of("depth", 1f, "speed", 12f, "shape", 1f)));
    }

    /** Called before the sound comes: the place to allocate. */
    @Override
    public StreamFormat prepare(StreamFormat format, int maxFrames) {
        frameSeconds = 1.0 / format.sampleRateHz();
        depthNow.prepare(format.sampleRateHz());
        speedNow.prepare(format.sampleRateHz());
        phase = 0;
        return format;
    }

    /** Called in real time: no allocation, no lock, no file, no log. */
    @Override
    public void process(float[][] in, float[][] out, int frames) {
        depthNow.update();
        speedNow.update();
        boolean square = shape.value() == 1;
        for (int i = 0; i < frames; i++) {
            double wave = square ? (phase < 0.5 ? 0 : 1) : 0.5 - 0.5 * Math.cos(2 * Math.PI * phase);
            double gain = 1 - depthNow.next() * wave;
            for (int c = 0; c < out.length; c++) {
                out[c][i] = (float) (in[c][i] * gain);
            }
            phase += speedNow.next() * frameSeconds;
            phase -= Math.floor(phase);
        }
    }

    @Override
    public byte[] save() {
        return ByteBuffer.allocate(Double.BYTES).putDouble(phase).array();
    }

    @Override
    public void restore(byte[] saved) {
        phase = ByteBuffer.wrap(saved).getDouble();
        depthNow.reset();
        speedNow.reset();
    }

    @Override
    public void reset() {
        phase = 0;
        depthNow.reset();
        speedNow.reset();
    }

    @Override
    public void close() {}
}
