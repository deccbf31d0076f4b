package io.mambaaudio.speech;

import java.util.Arrays;

/** A model in sorted arrays, exact as it was read: 16 bytes an n-gram, and 12 to 24 a word for the table of words. */
final class ArrayNGram extends NGram {
    private static final int EMPTY = -1;

    final long[] wordHash; // (slots, a power of two) open addressing
    final int[] wordId; // (slots) EMPTY, or the id of the word
    final long[][] keys; // (order - 1)(n-grams) from 2-grams on: key of the history's index and the word, sorted
    final float[][] lnP; // (order)(n-grams), unigrams by word id
    final float[][] lnBackOff; // (order - 1)(n-grams)
    private final int sentenceStart;
    private final long fingerprint;

    ArrayNGram(long[] wordHash, int[] wordId, long[][] keys, float[][] lnP, float[][] lnBackOff, int sentenceStart) {
        this.wordHash = wordHash;
        this.wordId = wordId;
        this.keys = keys;
        this.lnP = lnP;
        this.lnBackOff = lnBackOff;
        this.sentenceStart = sentenceStart;
        long print = Arrays.hashCode(wordHash);
        for (float[] p : lnP) {
            print = 31 * print + Arrays.hashCode(p);
        }
        fingerprint = print;
    }

    @Override
    public int order() {
        return lnP.length;
    }

    @Override
    public int size(int n) {
        return lnP[n - 1].length;
    }

    @Override
    public long bytes() {
        long bytes = 12L * wordHash.length;
        for (int n = 0; n < lnP.length; n++) {
            bytes += 4L * lnP[n].length + (n < lnBackOff.length ? 4L * lnBackOff[n].length : 0);
            bytes += n > 0 ? 8L * keys[n - 1].length : 0;
        }
        return bytes;
    }

    @Override
    long fingerprint() {
        return fingerprint;
    }

    @Override
    int sentenceStart() {
        return sentenceStart;
    }

    @Override
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

    @Override
    int child(int n, int history, int word) {
        return Arrays.binarySearch(keys[n - 2], key(history, word));
    }

    @Override
    float lnP(int n, int index) {
        return lnP[n - 1][index];
    }

    @Override
    float lnBackOff(int n, int index) {
        return lnBackOff[n - 1][index];
    }

    /** The index of an n-gram among those of its length, or a negative number. */
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
