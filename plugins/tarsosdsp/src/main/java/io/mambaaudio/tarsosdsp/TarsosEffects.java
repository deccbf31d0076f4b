// SPDX-License-Identifier: GPL-3.0-only
package io.mambaaudio.tarsosdsp;

import be.tarsos.dsp.SilenceDetector;
import be.tarsos.dsp.effects.DelayEffect;
import be.tarsos.dsp.filters.HighPass;
import be.tarsos.dsp.filters.LowPassFS;

/** Effects of TarsosDSP ready for a chain of ours; {@link TarsosProcessor} takes any other. */
public final class TarsosEffects {
    private static final int BUFFER = 256;

    private TarsosEffects() {}

    /**
     * Takes away what is low.
     *
     * @param hz cut-off frequency
     * @return id "high-pass"
     */
    public static TarsosProcessor highPass(float hz) {
        return new TarsosProcessor("high-pass", 1, 0, rate -> new HighPass(hz, rate));
    }

    /**
     * Takes away what is high.
     *
     * @param hz cut-off frequency
     * @return id "low-pass"
     */
    public static TarsosProcessor lowPass(float hz) {
        return new TarsosProcessor("low-pass", 1, 0, rate -> new LowPassFS(hz, rate));
    }

    /**
     * Repeats the sound, softer each time.
     *
     * @param seconds from one repetition to the next
     * @param decay factor from one to the next, 0 to 1
     * @return id "delay"
     */
    public static TarsosProcessor delay(double seconds, double decay) {
        return new TarsosProcessor("delay", 1, 0, rate -> new DelayEffect(seconds, decay, rate));
    }

    /**
     * Lets silence through where the sound is softer than a threshold, buffer by buffer of 256 samples.
     *
     * @param thresholdDb sound pressure level, −70 say
     * @return id "silence-gate", 255 frames late
     */
    public static TarsosProcessor silenceGate(double thresholdDb) {
        return new TarsosProcessor("silence-gate", BUFFER, 0, rate -> new SilenceDetector(thresholdDb, true));
    }
}
