package io.mambaaudio.speech;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * A word n-gram model with back-off (Katz 1987; ARPA format), in sorted arrays: 16 bytes an n-gram, and 12 to 24 a word for the table
 * of words. Immutable, shared by threads. Words are compared in lower case, by a hash of 64 bits.
 *
 * <p>{@code ln p(w | u v) = the entry of "u v w", or else backOff("u v") + ln p(w | v)}, and so on to the word alone.
 */
public final class NGram {
    /** A word that the model does not know. */
    static final int UNKNOWN = 0;

    /** No word: before the start. */
    static final int NO_WORD = -1;

    /** Probability of a word outside the vocabulary, if the model has no {@code <unk>}. */
    static final double UNKNOWN_LN = -7 * Math.log(10);

    private static final int EMPTY = -1;

    private final long[] wordHash; // (slots, a power of two) open addressing
    private final int[] wordId; // (slots) EMPTY, or the id of the word
    private final long[][]
            keys; // (order - 1)(n-grams) from 2-grams on: (index of the n-gram without its last word) << 32 | word,
    // sorted
    private final float[][] lnP; // (order)(n-grams), unigrams by word id
    private final float[][] lnBackOff; // (order - 1)(n-grams)
    private final int sentenceStart;

    NGram(long[] wordHash, int[] wordId, long[][] keys, float[][] lnP, float[][] lnBackOff, int sentenceStart) {
        this.wordHash = wordHash;
        this.wordId = wordId;
        this.keys = keys;
        this.lnP = lnP;
        this.lnBackOff = lnBackOff;
        this.sentenceStart = sentenceStart;
    }

    /**
     * Reads an ARPA text file, in UTF-8.
     *
     * @param arpa the file
     * @return the model
     * @throws SpeechException in one line, with file and line, if it cannot be read or is malformed
     */
    public static NGram read(Path arpa) {
        return ArpaReader.read(arpa);
    }

    /**
     * The longest n-gram.
     *
     * @return words, from 1
     */
    public int order() {
        return lnP.length;
    }

    /**
     * How many n-grams of a length there are.
     *
     * @param n words, 1 to the order
     * @return count; of 1-grams without the entry that stands for unknown words if the file had none
     */
    public int size(int n) {
        return lnP[n - 1].length;
    }

    /**
     * The memory that the arrays take.
     *
     * @return bytes
     */
    public long bytes() {
        long bytes = 12L * wordHash.length;
        for (int n = 0; n < lnP.length; n++) {
            bytes += 4L * lnP[n].length + (n < lnBackOff.length ? 4L * lnBackOff[n].length : 0);
            bytes += n > 0 ? 8L * keys[n - 1].length : 0;
        }
        return bytes;
    }

    /**
     * The probability of a word after others.
     *
     * @param before the words before it, the nearest last; only the last {@code order - 1} count
     * @param word the word
     * @return natural logarithm
     */
    public double logProbability(List<String> before, String word) {
        int[] context = new int[before.size()];
        for (int i = 0; i < context.length; i++) {
            context[i] = wordOf(Pieces.hash(before.get(i).toLowerCase(Locale.ROOT)));
        }
        int length = Math.min(context.length, order() - 1);
        int id = wordOf(Pieces.hash(word.toLowerCase(Locale.ROOT)));
        return score(context, context.length - length, length, id);
    }

    /** The id of {@code <s>}, or NO_WORD. */
    int sentenceStart() {
        return sentenceStart;
    }

    int wordOf(long hash) {
        int slot = slot(wordHash, wordId, hash);
        return wordId[slot] == EMPTY ? UNKNOWN : wordId[slot];
    }

    /** The slot that holds a hash, or the empty one where it belongs. */
    static int slot(long[] hashes, int[] ids, long hash) {
        int mask = hashes.length - 1;
        int slot = (int) ((hash * 0x9e3779b97f4a7c15L) >>> 32) & mask;
        while (ids[slot] != EMPTY && hashes[slot] != hash) {
            slot = slot + 1 & mask;
        }
        return slot;
    }

    /** ln p(word | context[at], …, context[at + length - 1]); words before the start are skipped. Does not allocate. */
    double score(int[] context, int at, int length, int word) {
        double backOff = 0;
        for (int i = at; i < at + length; i++) {
            if (context[i] == NO_WORD) {
                continue;
            }
            int history = find(context, i, at + length - i);
            if (history < 0) {
                continue;
            }
            int words = at + length - i;
            int entry = Arrays.binarySearch(keys[words - 1], key(history, word));
            if (entry >= 0) {
                return backOff + lnP[words][entry];
            }
            backOff += lnBackOff[words - 1][history];
        }
        return backOff + lnP[0][word];
    }

    /** The index of an n-gram among those of its length, or a negative number. */
    private int find(int[] words, int at, int length) {
        return find(keys, words, at, length);
    }

    static int find(long[][] keys, int[] words, int at, int length) {
        int index = words[at];
        for (int n = 1; n < length && index >= 0; n++) {
            index = words[at + n] < 0 ? -1 : Arrays.binarySearch(keys[n - 1], key(index, words[at + n]));
        }
        return index;
    }

    static long key(int history, int word) {
        return (long) history << 32 | word;
    }
}
