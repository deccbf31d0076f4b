// SPDX-License-Identifier: GPL-3.0-only
package io.mambaaudio.tarsosdsp;

import be.tarsos.dsp.AudioEvent;
import be.tarsos.dsp.AudioProcessor;
import be.tarsos.dsp.io.TarsosDSPAudioFormat;
import io.mambaaudio.dsp.FrameSink;
import io.mambaaudio.dsp.MelFrontend;
import io.mambaaudio.dsp.MelSpec;

/**
 * Our log-mel frames from a TarsosDSP dispatcher. It only listens: the sound goes on to the next processor as it is.
 *
 * <p>Window and hop are those of the {@link MelSpec}, whatever buffer size and overlap the dispatcher has: every sample is taken
 * once. A dispatcher made to fill its first buffer with zeros ({@code setZeroPadFirstBuffer(true)}) gives the same frames.
 *
 * <p>Threads: the dispatcher's alone. Nothing allocates after construction.
 */
public final class MelFrameProcessor implements AudioProcessor {
    private final MelFrontend frontend;
    private final FrameSink sink;

    /**
     * Makes a processor for one stream.
     *
     * @param format the dispatcher's: {@code dispatcher.getFormat()}; mono, at the spec's rate
     * @param spec what a frame is
     * @param sink gets the frames, on the dispatcher's thread
     * @throws IllegalArgumentException if the format is not mono at the spec's rate
     */
    public MelFrameProcessor(TarsosDSPAudioFormat format, MelSpec spec, FrameSink sink) {
        int rate = NewSamples.monoRate(format);
        if (rate != spec.sampleRateHz()) {
            throw new IllegalArgumentException(
                    "dispatcher gives sampleRateHz=" + rate + ", mel spec expects sampleRateHz=" + spec.sampleRateHz()
                            + "; choose a spec of the dispatcher's rate or resample before");
        }
        this.frontend = new MelFrontend(spec);
        this.sink = sink;
    }

    @Override
    public boolean process(AudioEvent event) {
        frontend.push(event.getFloatBuffer(), NewSamples.start(event), NewSamples.count(event), sink);
        return true;
    }

    /** Nothing is held back that could be let out: a frame needs its whole window. */
    @Override
    public void processingFinished() {}

    /**
     * How many frames there were.
     *
     * @return frames since the start
     */
    public long framesOut() {
        return frontend.framesOut();
    }
}
