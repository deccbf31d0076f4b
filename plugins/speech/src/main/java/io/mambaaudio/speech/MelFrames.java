package io.mambaaudio.speech;

import io.mambaaudio.dsp.MelSpec;
import io.mambaaudio.engine.StreamFormat;
import java.util.Arrays;

/**
 * The mel frames of a whole recording, the silence at its end included that {@link FrameSource} lets a model hear.
 *
 * @param values (count, nMels)
 * @param count how many
 */
@SuppressWarnings("ArrayRecordComponent") // never compared, never printed
record MelFrames(float[] values, int count) {
    /**
     * Of a recording, perhaps at another speed, which changes its pitch and its length as a tape's does.
     *
     * @param speedPercent 100 for the recording as it is
     */
    static MelFrames of(MelSpec spec, float[] mono, int sampleRateHz, int speedPercent) {
        Gatherer frames = new Gatherer(spec.nMels());
        FrameSource source = new FrameSource(spec, 1, frames);
        source.prepare(new StreamFormat(sampleRateHz * speedPercent / 100, 1));
        source.push(new float[][] {mono}, mono.length);
        source.finish();
        return new MelFrames(frames.values, frames.count);
    }

    private static final class Gatherer implements FrameSource.Taker {
        private final int nMels;
        private float[] values = {};
        private int count;

        Gatherer(int nMels) {
            this.nMels = nMels;
        }

        @Override
        public void frame(long frame, float[] mel, double levelDb) {
            if (values.length == count * nMels) {
                values = Arrays.copyOf(values, Math.max(1 << 12, count) * 2 * nMels);
            }
            System.arraycopy(mel, 0, values, count++ * nMels, nMels);
        }
    }
}
