package io.mambaaudio.speech;

import java.util.Optional;

/**
 * How a prefix beam search searches. Start from {@link #of} and change what should differ.
 *
 * @param width hypotheses kept after a step, 1 to 1,024
 * @param pieceMargin pieces whose log posterior is this much below the step's best are not tried (natural logarithm), above 0
 * @param hypothesisMargin hypotheses whose score is this much below the best are dropped (natural logarithm), above 0; the older their
 *     disagreement with the best one, the less is enough
 * @param maxDelaySteps steps after which the best hypothesis' text is finished even if others disagree, 1 to 10,000
 * @param languageModel scores words as they complete
 * @param languageWeight factor of the language model's log probability, at least 0
 * @param wordBonus added for each complete word, against the language model's preference for few words (natural logarithm)
 * @param blankPenalty with a language model, taken off the log posterior of the blank at each step: what the model learnt about how
 *     often nothing is said counts less when words are weighed by themselves (natural logarithm, 0 to 20)
 * @param unknownWordPenalty taken off for each complete word that neither the language model nor the hotwords know: the model has one
 *     probability for all of them together, not for each (natural logarithm, at least 0)
 * @param hotwords phrases to prefer
 */
public record BeamOptions(
        int width,
        double pieceMargin,
        double hypothesisMargin,
        int maxDelaySteps,
        Optional<NGram> languageModel,
        double languageWeight,
        double wordBonus,
        double blankPenalty,
        double unknownWordPenalty,
        Optional<Hotwords> hotwords) {

    /** Checks the ranges. */
    public BeamOptions {
        check(width >= 1 && width <= 1024, "width", width, "1 to 1024");
        check(pieceMargin > 0, "pieceMargin", pieceMargin, "above 0");
        check(hypothesisMargin > 0, "hypothesisMargin", hypothesisMargin, "above 0");
        check(maxDelaySteps >= 1 && maxDelaySteps <= 10_000, "maxDelaySteps", maxDelaySteps, "1 to 10000");
        check(languageWeight >= 0 && languageWeight <= 100, "languageWeight", languageWeight, "0 to 100");
        check(blankPenalty >= 0 && blankPenalty <= 20, "blankPenalty", blankPenalty, "0 to 20");
        check(
                unknownWordPenalty >= 0 && unknownWordPenalty <= 1000,
                "unknownWordPenalty",
                unknownWordPenalty,
                "0 to 1000");
        check(Math.abs(wordBonus) <= 100, "wordBonus", wordBonus, "-100 to 100");
    }

    /**
     * The defaults, without language model and hotwords. They are the best of a few dozen on a development set among those that commit
     * 95 % of the words within a second.
     *
     * @param width hypotheses kept after a step
     * @return options
     */
    public static BeamOptions of(int width) {
        return new BeamOptions(width, 7, 10, 36, Optional.empty(), 0.4, 0.5, 2, 5, Optional.empty());
    }

    /**
     * The same with a language model.
     *
     * @param model the model
     * @param weight factor of its log probability
     * @param bonus added for each word
     * @return options
     */
    public BeamOptions withLanguageModel(NGram model, double weight, double bonus) {
        return new BeamOptions(
                width,
                pieceMargin,
                hypothesisMargin,
                maxDelaySteps,
                Optional.of(model),
                weight,
                bonus,
                blankPenalty,
                unknownWordPenalty,
                hotwords);
    }

    /**
     * The same with hotwords.
     *
     * @param phrases the phrases
     * @return options
     */
    public BeamOptions withHotwords(Hotwords phrases) {
        return new BeamOptions(
                width,
                pieceMargin,
                hypothesisMargin,
                maxDelaySteps,
                languageModel,
                languageWeight,
                wordBonus,
                blankPenalty,
                unknownWordPenalty,
                Optional.of(phrases));
    }

    private static void check(boolean ok, String name, Number value, String limit) {
        if (!ok) {
            throw new IllegalArgumentException(name + "=" + value + " is out of range; choose " + limit);
        }
    }
}
