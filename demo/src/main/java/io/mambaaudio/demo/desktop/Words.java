package io.mambaaudio.demo.desktop;

import io.mambaaudio.speech.TranscriptEvent.Word;
import java.util.List;
import java.util.Locale;

/** What the window says about words. */
final class Words {
    /** From here on a word is shown without a mark of doubt. */
    static final float SURE = 0.9f;

    private Words() {}

    /** The first of some words in the order of time that ends after a moment; their count if none does. */
    static int firstEndingAfter(List<Word> words, double seconds) {
        int low = 0;
        int high = words.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (words.get(middle).endSeconds() > seconds) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low;
    }

    /** How doubtful, from 0 for sure to 1. */
    static float doubt(Word word) {
        return Math.clamp((SURE - word.confidence()) / SURE, 0f, 1f);
    }

    /** One line about a word. */
    static String describe(Word word) {
        return String.format(
                Locale.ROOT,
                "“%s”  %.2f to %.2f s, %.0f %% sure",
                word.text(),
                word.startSeconds(),
                word.endSeconds(),
                100 * word.confidence());
    }
}
