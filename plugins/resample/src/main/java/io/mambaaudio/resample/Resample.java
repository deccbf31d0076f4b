package io.mambaaudio.resample;

import io.mambaaudio.dsp.Resampler;
import io.mambaaudio.engine.Parameter;
import io.mambaaudio.engine.Preset;
import io.mambaaudio.engine.RateChanger;
import io.mambaaudio.engine.StreamFormat;
import java.util.List;
import java.util.Map;

/**
 * Changes the sample rate at its place in a chain, and mixes down to mono if asked to. What comes out is aligned with what goes in:
 * frame {@code m} is the sound at {@code m / rate} seconds, and all frames together are {@code round(frames in * rate out / rate in)}.
 * Any cutting into blocks gives the same samples. Its latency is how long it waits for the sound that its filter looks ahead at.
 *
 * <p>Parameters: {@code rate} in Hz and {@code mono}; they hold from the next {@link #prepare} on, since what follows in the chain is
 * prepared for them.
 */
public final class Resample implements RateChanger {
    private static final int SPEECH_HZ = 16_000;

    private final Parameter rateHz = Parameter.whole("rate", "Hz", 1_000, 768_000, SPEECH_HZ);
    private final Parameter mono = Parameter.onOff("mono", false);
    private final List<Parameter> parameters = List.of(rateHz, mono);
    private Resampler[] resamplers = {}; // one a channel out
    private float[] mixed = {}; // (maxFrames)
    private boolean mixes;
    private int outHz = SPEECH_HZ;
    private int maxOutputFrames;

    /** Makes one to 16 kHz, in as many channels as come. */
    public Resample() {}

    /**
     * Makes one.
     *
     * @param rateHz frames a second that come out
     * @param mono whether all channels become one
     * @return not prepared
     */
    public static Resample to(int rateHz, boolean mono) {
        Resample made = new Resample();
        made.rateHz.set(rateHz);
        made.mono.turn(mono);
        return made;
    }

    @Override
    public String id() {
        return "resample";
    }

    @Override
    public List<Parameter> parameters() {
        return parameters;
    }

    @Override
    public List<Preset> presets() {
        return List.of(
                Preset.of("speech", Map.of("rate", (float) SPEECH_HZ, "mono", 1f)),
                Preset.of("compact disc", Map.of("rate", 44_100f, "mono", 0f)),
                Preset.of("studio", Map.of("rate", 48_000f, "mono", 0f)));
    }

    /** @throws IllegalArgumentException when the rates are more than a factor of 256 apart */
    @Override
    public StreamFormat prepare(StreamFormat format, int maxFrames) {
        outHz = (int) rateHz.value();
        mixes = mono.isOn() && format.channels() > 1;
        resamplers = new Resampler[mono.isOn() ? 1 : format.channels()];
        resamplers[0] = Resampler.of(format.sampleRateHz(), outHz);
        for (int c = 1; c < resamplers.length; c++) {
            resamplers[c] = resamplers[0].twin();
        }
        mixed = new float[mixes ? maxFrames : 0];
        maxOutputFrames = Math.max(resamplers[0].maxOutput(maxFrames), resamplers[0].maxFlush());
        return new StreamFormat(outHz, resamplers.length);
    }

    @Override
    public int maxOutputFrames() {
        return maxOutputFrames;
    }

    @Override
    public int latencyFrames() {
        return resamplers.length == 0 ? 0 : (int) Math.ceil(resamplers[0].delaySeconds() * outHz);
    }

    @Override
    public int convert(float[][] in, float[][] out, int frames) {
        if (mixes) {
            mixDown(in, frames);
            return resamplers[0].push(mixed, 0, frames, out[0], 0);
        }
        int written = 0;
        for (int c = 0; c < resamplers.length; c++) {
            written = resamplers[c].push(in[c], 0, frames, out[c], 0);
        }
        return written;
    }

    private void mixDown(float[][] in, int frames) {
        float scale = 1f / in.length;
        for (int i = 0; i < frames; i++) {
            float sum = 0;
            for (float[] channel : in) {
                sum += channel[i];
            }
            mixed[i] = sum * scale;
        }
    }

    @Override
    public int flush(float[][] out) {
        int written = 0;
        for (int c = 0; c < resamplers.length; c++) {
            written = resamplers[c].flush(out[c], 0); // it is empty afterwards, and gives none the next time
        }
        return written;
    }

    @Override
    public void reset() {
        for (Resampler resampler : resamplers) {
            resampler.reset();
        }
    }

    @Override
    public void close() {}
}
