package io.mambaaudio.speech;

import java.util.Locale;

/**
 * How many words of some texts were heard wrong: substituted, left out or put in, the least number that explains what was written
 * (Levenshtein). Divided by the words that were said it is the word error rate.
 *
 * @param words that were said
 * @param wrong edits
 */
public record WordErrors(long words, long wrong) {
    /** Of no text. */
    public static final WordErrors NONE = new WordErrors(0, 0);

    /**
     * Compares two texts word by word, without regard to capitals and punctuation.
     *
     * @param said what was said
     * @param written what was written
     * @return of this text
     */
    public static WordErrors of(String said, String written) {
        String[] a = words(said);
        String[] b = words(written);
        int[] row = new int[b.length + 1]; // edits from the words of a so far to the first words of b
        for (int j = 0; j <= b.length; j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length; i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length; j++) {
                int replaced = diagonal + (a[i - 1].equals(b[j - 1]) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return new WordErrors(a.length, row[b.length]);
    }

    private static String[] words(String text) {
        String words = Spelling.words(text);
        return words.isEmpty() ? new String[0] : words.split(" ", -1);
    }

    /**
     * Of two lots of text together.
     *
     * @param more the other
     * @return the sum
     */
    public WordErrors plus(WordErrors more) {
        return new WordErrors(words + more.words, wrong + more.wrong);
    }

    /**
     * The word error rate.
     *
     * @return wrong words for each that was said, 0 to above 1; 0 if none was said
     */
    public double rate() {
        return words == 0 ? 0 : (double) wrong / words;
    }

    @Override
    public String toString() {
        return String.format(Locale.ROOT, "%.1f %% (%,d of %,d words)", 100 * rate(), wrong, words);
    }
}
