package io.mambaaudio.models.train;

/**
 * Sequences of tokens and what should come out.
 *
 * @param size sequences
 * @param length tokens of each
 * @param tokens (size, length)
 * @param targets (size, length): the token that the logits of this place should name, or {@link #NONE}
 */
@SuppressWarnings("ArrayRecordComponent") // never compared, never printed
public record Batch(int size, int length, int[] tokens, int[] targets) {
    /** No target: this place is not judged. */
    public static final int NONE = -1;

    /** Checks the lengths. */
    public Batch {
        if (size < 1 || length < 1 || tokens.length != size * length || targets.length != size * length) {
            throw new IllegalArgumentException("found " + tokens.length + " tokens and " + targets.length
                    + " targets, expected size * length = " + size + " * " + length + " of both, at least 1");
        }
    }
}
