package io.mambaaudio.models;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The word pieces that a speech model writes. Immutable.
 *
 * @param pieces one a logit; the first is {@link #BLANK}, and a piece that starts a word begins with {@link #WORD_START}
 */
public record Vocabulary(List<String> pieces) {
    /** The CTC blank: nothing was said. Always piece 0. */
    public static final String BLANK = "<blank>";

    /** U+2581, SentencePiece's mark of a word's first piece. */
    public static final char WORD_START = '\u2581';

    /** Checks that the blank is first and that no piece is empty or there twice. */
    public Vocabulary {
        pieces = List.copyOf(pieces);
        if (pieces.isEmpty() || !pieces.getFirst().equals(BLANK)) {
            throw new IllegalArgumentException("found no " + BLANK + " as the first piece, expected it there");
        }
        Set<String> seen = new HashSet<>();
        for (String piece : pieces) {
            if (piece.isEmpty() || !seen.add(piece)) {
                throw new IllegalArgumentException(
                        "found the piece \"" + piece + "\" empty or twice, expected distinct pieces");
            }
        }
    }

    /** Reads the JSON array of a checkpoint's metadata. */
    static Vocabulary read(String json, String where, int vocabSize) {
        List<Object> found = Json.array(json, where);
        if (found.size() != vocabSize) {
            throw new CheckpointException(
                    where + ": found " + found.size() + " pieces, expected vocab_size=" + vocabSize);
        }
        for (Object piece : found) {
            if (!(piece instanceof String)) {
                throw new CheckpointException(
                        where + ": found " + Json.printable(String.valueOf(piece)) + ", expected strings only");
            }
        }
        try {
            return new Vocabulary(found.stream().map(String.class::cast).toList());
        } catch (IllegalArgumentException e) {
            throw new CheckpointException(where + ": " + Json.printable(String.valueOf(e.getMessage())), e);
        }
    }

    /**
     * How many pieces there are.
     *
     * @return the number of logits in a row
     */
    public int size() {
        return pieces.size();
    }

    /**
     * Whether a piece is the first of a word.
     *
     * @param piece its index
     * @return true when it begins with {@link #WORD_START}
     */
    public boolean startsWord(int piece) {
        return pieces.get(piece).charAt(0) == WORD_START;
    }
}
