package io.mambaaudio.speech;

import java.io.Serializable;

/**
 * What keeps noise from becoming words. An utterance is silent, without partials and without a final, until one of its words, finished
 * or not, is certain enough and the sound loud enough; from then on all of its text is told. So what was shown as a partial is always
 * part of a final, and a ghost is never shown.
 *
 * @param openConfidence the least confidence of a word that opens an utterance, 0 to 1
 * @param openLevelDb the least level, within the second before, that opens an utterance: dB relative to full scale
 */
public record GateRules(float openConfidence, double openLevelDb) implements Serializable {
    /** The rules that the transcriber has by default. */
    public static final GateRules DEFAULT = new GateRules(0.5f, -70);

    /** Checks the ranges. */
    public GateRules {
        if (!(openConfidence >= 0 && openConfidence <= 1)) {
            throw new IllegalArgumentException("openConfidence=" + openConfidence + " is out of range; choose 0 to 1");
        }
        if (!(openLevelDb >= -200 && openLevelDb <= 0)) {
            throw new IllegalArgumentException("openLevelDb=" + openLevelDb + " is out of range; choose -200 to 0");
        }
    }
}
