package io.mambaaudio.speech;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * From a text to the pieces of a model, as its training spelled words: every letter a piece, then, again and again, the two neighbours whose
 * joint piece stands earliest in the vocabulary become one (byte-pair encoding, Sennrich et al. 2016). Immutable.
 */
final class Spelling {
    private final Map<String, Integer> index = new HashMap<>();

    Spelling(List<String> pieces) {
        for (int i = 1; i < pieces.size(); i++) {
            index.put(pieces.get(i), i);
        }
    }

    /**
     * Words as a model hears them: small letters, no punctuation.
     *
     * @return words with single spaces between; other characters that are no punctuation are still there
     */
    static String words(String text) {
        return text.toLowerCase(Locale.ROOT)
                .replace('\u2019', '\'')
                .replaceAll("(?U)(?<!\\w)'|'(?!\\w)", " ") // quotes, but not the apostrophe of a word
                .replaceAll("(?U)[\\p{P}&&[^']]", " ")
                .strip()
                .replaceAll("\\s+", " ");
    }

    /**
     * The pieces of such words.
     *
     * @throws SpeechException that names the letter, if the model cannot write one
     */
    int[] pieces(String words) {
        List<Integer> all = new ArrayList<>();
        for (String word : words.split(" ", -1)) {
            for (String piece : split(word)) {
                Integer number = index.get(piece);
                if (number == null) {
                    throw new SpeechException("the model cannot write \"" + piece.replace("" + Pieces.WORD_START, "")
                            + "\" in \"" + word + "\"; write numbers and symbols as words, with letters that it knows");
                }
                all.add(number);
            }
        }
        return all.stream().mapToInt(i -> i).toArray();
    }

    private List<String> split(String word) {
        List<String> pieces = new ArrayList<>();
        word.codePoints().forEach(letter -> pieces.add(Character.toString(letter)));
        if (!pieces.isEmpty()) {
            pieces.set(0, Pieces.WORD_START + pieces.getFirst());
        }
        for (int at = earliest(pieces); at >= 0; at = earliest(pieces)) {
            pieces.set(at, pieces.get(at) + pieces.remove(at + 1));
        }
        return pieces;
    }

    /** Where the two neighbours are that become one next; −1 if none do. */
    private int earliest(List<String> pieces) {
        int best = -1;
        int rank = Integer.MAX_VALUE;
        for (int i = 0; i + 1 < pieces.size(); i++) {
            int joint = index.getOrDefault(pieces.get(i) + pieces.get(i + 1), Integer.MAX_VALUE);
            if (joint < rank) {
                rank = joint;
                best = i;
            }
        }
        return best;
    }
}
