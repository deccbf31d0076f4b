package io.mambaaudio.speech;

import java.util.List;

/** The word pieces of a model as the decoders need them: letters, and where words start. Immutable. */
final class Pieces {
    static final int BLANK = 0;
    static final char WORD_START = '\u2581';

    private static final long FNV_OFFSET = 0xcbf29ce484222325L;
    private static final long FNV_PRIME = 0x100000001b3L;

    private final char[][] letters; // (pieces)(letters of the piece without the mark)
    private final boolean[] startsWord; // (pieces)

    Pieces(List<String> pieces) {
        if (pieces.size() < 2) {
            throw new SpeechException("vocabulary has " + pieces.size()
                    + " pieces; a CTC model needs at least 2, the blank first; choose a speech checkpoint");
        }
        letters = new char[pieces.size()][];
        startsWord = new boolean[pieces.size()];
        letters[BLANK] = new char[0];
        for (int i = 1; i < letters.length; i++) {
            String piece = pieces.get(i);
            startsWord[i] = !piece.isEmpty() && piece.charAt(0) == WORD_START;
            letters[i] = piece.substring(startsWord[i] ? 1 : 0).toCharArray();
        }
    }

    int size() {
        return letters.length;
    }

    boolean startsWord(int piece) {
        return startsWord[piece];
    }

    char[] letters(int piece) {
        return letters[piece];
    }

    boolean writes(char letter) {
        for (char[] piece : letters) {
            for (char c : piece) {
                if (c == letter) {
                    return true;
                }
            }
        }
        return false;
    }

    /** The hash of a word without letters. */
    static long emptyWord() {
        return FNV_OFFSET;
    }

    /** The hash of a word with one more letter: FNV-1a on 64 bits, a char a round. */
    static long hash(long word, char letter) {
        return (word ^ letter) * FNV_PRIME;
    }

    /** The hash of a word with the letters of one more piece. */
    long hash(long word, int piece) {
        long h = word;
        for (char c : letters[piece]) {
            h = hash(h, c);
        }
        return h;
    }

    static long hash(CharSequence word) {
        long h = emptyWord();
        for (int i = 0; i < word.length(); i++) {
            h = hash(h, word.charAt(i));
        }
        return h;
    }
}
