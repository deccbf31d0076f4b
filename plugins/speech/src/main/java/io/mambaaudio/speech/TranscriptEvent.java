package io.mambaaudio.speech;

import java.util.List;

/**
 * What a {@link Transcriber} tells its listener, in the order of the sound. Times are seconds from the start of the stream and never
 * go back, not even over a reset of the decoder.
 */
public sealed interface TranscriptEvent {
    /**
     * Up to where in the stream the sound was heard when this was said.
     *
     * @return seconds from the start of the stream
     */
    double atSeconds();

    /**
     * A word.
     *
     * @param text the word, lower case
     * @param startSeconds where it begins
     * @param endSeconds where it ends
     * @param confidence the share of such words that are right, 0 to 1: of the words of a development set with 0.8, eight of ten were
     */
    record Word(String text, double startSeconds, double endSeconds, float confidence) {}

    /**
     * The text of the utterance so far. A partial with the same text as the one before is not sent. An utterance whose text came to
     * nothing ends with an empty partial, and without a final.
     *
     * @param committed the beginning, which will not change any more: every later partial and the final begin with it
     * @param tentative the rest, which may still change
     * @param atSeconds up to where the sound was heard
     */
    record Partial(String committed, String tentative, double atSeconds) implements TranscriptEvent {
        /**
         * The whole text.
         *
         * @return the committed and the tentative part, joined by a space where both are there
         */
        public String text() {
            return committed.isEmpty() ? tentative : tentative.isEmpty() ? committed : committed + " " + tentative;
        }
    }

    /**
     * The finished text of one utterance. Never empty.
     *
     * @param text the words joined by spaces
     * @param words the words with their times
     * @param startSeconds start of the first word
     * @param endSeconds end of the last word
     * @param atSeconds up to where the sound was heard
     */
    record Final(String text, List<Word> words, double startSeconds, double endSeconds, double atSeconds)
            implements TranscriptEvent {
        /** Copies the list. */
        public Final {
            words = List.copyOf(words);
        }
    }
}
