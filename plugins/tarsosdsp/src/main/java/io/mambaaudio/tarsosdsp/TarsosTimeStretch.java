// SPDX-License-Identifier: GPL-3.0-only
package io.mambaaudio.tarsosdsp;

import be.tarsos.dsp.AudioEvent;
import be.tarsos.dsp.WaveformSimilarityBasedOverlapAdd;
import be.tarsos.dsp.WaveformSimilarityBasedOverlapAdd.Parameters;
import be.tarsos.dsp.io.TarsosDSPAudioFormat;
import io.mambaaudio.engine.Parameter;
import io.mambaaudio.engine.RateChanger;
import io.mambaaudio.engine.StreamFormat;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * TarsosDSP's WSOLA in our engine: faster or slower at the same pitch. Mono. The tempo holds from the next {@link #prepare} on.
 *
 * <p>Once for every stream this version of TarsosDSP prints a line to standard output, which no setting stops.
 */
public final class TarsosTimeStretch implements RateChanger {
    private final Parameter tempo = new Parameter("tempo", "x", 0.25f, 4, 1);
    private final List<Parameter> parameters = List.of(tempo);
    private @Nullable WaveformSimilarityBasedOverlapAdd stretcher; // once prepared
    private AudioEvent event = new AudioEvent(new TarsosDSPAudioFormat(1, 16, 1, true, false));
    private float[] buffer = {}; // what the stretcher looks at
    private int filled;
    private int step; // samples from one look to the next
    private int stepOut; // samples that a look gives
    private int runs; // the most in one call
    private int sampleRateHz = 1;

    /** Makes one that changes nothing but the latency until its tempo is set. */
    public TarsosTimeStretch() {}

    /**
     * Makes one.
     *
     * @param tempo 2 for twice as fast, 0.5 for half as fast
     * @return not prepared
     */
    public static TarsosTimeStretch to(double tempo) {
        TarsosTimeStretch made = new TarsosTimeStretch();
        made.tempo.set((float) tempo);
        return made;
    }

    @Override
    public String id() {
        return "time-stretch";
    }

    @Override
    public List<Parameter> parameters() {
        return parameters;
    }

    /** @throws IllegalArgumentException when the sound is not mono: two sides stretched apart would not fit together */
    @Override
    public StreamFormat prepare(StreamFormat format, int maxFrames) {
        if (format.channels() != 1) {
            throw new IllegalArgumentException(
                    "channels=" + format.channels() + " can't be stretched together; mix down to mono before");
        }
        sampleRateHz = format.sampleRateHz();
        event = new AudioEvent(new TarsosDSPAudioFormat(sampleRateHz, 16, 1, true, false));
        reset();
        runs = maxFrames / step + 1;
        return format;
    }

    @Override
    public void reset() {
        Parameters speech = Parameters.speechDefaults(tempo.value(), sampleRateHz);
        WaveformSimilarityBasedOverlapAdd made = new WaveformSimilarityBasedOverlapAdd(speech);
        stretcher = made;
        buffer = new float[made.getInputBufferSize()];
        step = made.getInputBufferSize() - made.getOverlap();
        int overlap = (int) (sampleRateHz * speech.getOverlapMs() / 1000);
        stepOut = (int) (sampleRateHz * speech.getSequenceMs() / 1000) - overlap;
        filled = 0;
    }

    @Override
    public int maxOutputFrames() {
        return runs * stepOut;
    }

    @Override
    public int latencyFrames() {
        return buffer.length;
    }

    @Override
    public int convert(float[][] in, float[][] out, int frames) {
        int written = 0;
        for (int at = 0; at < frames; ) {
            int count = Math.min(frames - at, buffer.length - filled);
            System.arraycopy(in[0], at, buffer, filled, count);
            filled += count;
            at += count;
            if (filled == buffer.length) {
                written += stretch(out[0], written);
            }
        }
        return written;
    }

    private int stretch(float[] out, int at) {
        WaveformSimilarityBasedOverlapAdd to = stretcher;
        if (to == null) {
            throw new IllegalStateException("processor=time-stretch was not prepared; call prepare first");
        }
        event.setFloatBuffer(buffer);
        event.setOverlap(0);
        to.process(event);
        float[] result = event.getFloatBuffer();
        System.arraycopy(result, 0, out, at, result.length);
        int kept = Math.max(0, filled - step);
        System.arraycopy(buffer, buffer.length - kept, buffer, 0, kept);
        filled = kept;
        return result.length;
    }

    /** The rest, as if silence followed, until every sample had its turn at the front of a look. */
    @Override
    public int flush(float[][] out) {
        if (filled == 0) {
            return 0;
        }
        int real = filled;
        Arrays.fill(buffer, filled, buffer.length, 0);
        filled = buffer.length;
        int written = stretch(out[0], 0);
        filled = Math.max(0, real - step);
        return written;
    }

    @Override
    public void close() {}
}
