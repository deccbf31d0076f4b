package io.mambaaudio.speech;

import java.util.List;

/**
 * Turns rows of CTC logits into words, one row a step, in memory of a fixed size.
 *
 * <p>A finished word goes to the sink and is never taken back. What is not finished yet is the {@link #tentative} text. The greedy
 * decoder finishes a word when the next one starts; the prefix beam decoder when, besides, all its hypotheses agree on it, or when
 * they have disagreed for longer than {@link BeamOptions#maxDelaySteps}.
 *
 * <p>Pieces that start a word begin with U+2581; index 0 is the blank. A row that holds a NaN or whose largest value is infinite is
 * taken as a blank. One thread at a time.
 */
public sealed interface CtcDecoder permits GreedyDecoder, BeamDecoder {
    /** Receives finished words, on the thread that called the decoder. */
    @FunctionalInterface
    interface WordSink {
        /**
         * Takes one word.
         *
         * @param text the letters
         * @param firstStep the step at which its first piece is likeliest
         * @param lastStep the step at which its last piece is likeliest
         * @param confidence the geometric mean of the posteriors of its pieces at those steps, 0 to 1
         */
        void accept(String text, long firstStep, long lastStep, float confidence);
    }

    /**
     * A decoder that takes the likeliest piece of each step: repeats collapse, blanks go. Allocates only to hand out a word.
     *
     * @param pieces the vocabulary, blank first
     * @return a new decoder
     */
    static CtcDecoder greedy(List<String> pieces) {
        return new GreedyDecoder(new Pieces(pieces));
    }

    /**
     * A prefix beam search (Hannun et al. 2014), with a language model and hotwords if the options have them.
     *
     * @param pieces the vocabulary, blank first
     * @param options width, margins, language model, hotwords
     * @return a new decoder
     */
    static CtcDecoder beam(List<String> pieces, BeamOptions options) {
        return new BeamDecoder(new Pieces(pieces), options);
    }

    /**
     * Takes one row.
     *
     * @param step the number of the step, growing; comes back in the words
     * @param logits (pieces) not normalised; not written
     * @param sink takes the words that this step finished
     * @return whether the text, finished or tentative, has changed
     */
    boolean accept(long step, float[] logits, WordSink sink);

    /**
     * Whether the blank was the likeliest label of the last row.
     *
     * @return true also before the first row
     */
    boolean blank();

    /**
     * The text after the last finished word.
     *
     * @return words joined by spaces, the last one perhaps half said; empty if there is nothing
     */
    String tentative();

    /**
     * The confidence of the most certain word of the tentative text, whose last word counts as far as it is said. Does not allocate.
     *
     * @return 0 to 1, 0 if there is no text
     */
    float tentativeConfidence();

    /**
     * Finishes all words, for a pause in which the last one will not go on; language model and hotwords go on with what was said.
     *
     * @param sink takes the words
     * @return whether the text, finished or tentative, has changed
     */
    boolean pause(WordSink sink);

    /**
     * Finishes all words, for the end of an utterance, and starts afresh.
     *
     * @param sink takes the words
     */
    void finish(WordSink sink);

    /** Forgets the text. Language model and hotwords stay. */
    void reset();
}
