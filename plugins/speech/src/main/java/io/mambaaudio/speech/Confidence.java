package io.mambaaudio.speech;

/**
 * From what a decoder says of its pieces to how often a word is right. The model is too sure of itself; so the log odds are scaled and
 * moved (Platt 1999) by numbers that {@code models/training/lm/sweep.sh ... --calibration} fits to the development set.
 *
 * @param slope factor of the log odds
 * @param offset added to them
 */
record Confidence(double slope, double offset) {
    /** What a beam with the language model leaves is right more often. */
    static final Confidence BEAM = new Confidence(0.772, -0.354);

    static final Confidence GREEDY = new Confidence(1.088, -1.686);

    private static final double LEAST = 1e-4;

    static Confidence of(CtcDecoder decoder) {
        return decoder instanceof GreedyDecoder ? GREEDY : BEAM;
    }

    /**
     * The share of words with these posteriors that are right.
     *
     * @param posterior the geometric mean of the posteriors of a word's pieces, 0 to 1
     */
    float ofWord(float posterior) {
        return (float) (1 / (1 + Math.exp(-(slope * logOdds(posterior) + offset))));
    }

    static double logOdds(double p) {
        double inside = Math.clamp(p, LEAST, 1 - LEAST);
        return Math.log(inside / (1 - inside));
    }
}
