package io.mambaaudio.speech;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * A word n-gram model with back-off (Katz 1987): from an ARPA text file, held in arrays, or from our compact file, memory-mapped and
 * read where it lies (see {@link #writeCompact}). Immutable, shared by threads and streams; a lookup allocates nothing. Words are
 * compared in lower case, by a hash of 64 bits.
 *
 * <p>{@code ln p(w | u v) = the entry of "u v w", or else backOff("u v") + ln p(w | v)}, and so on to the word alone.
 */
public abstract sealed class NGram permits ArrayNGram, CompactNGram {
    /** A word that the model does not know. */
    static final int UNKNOWN = 0;

    /** No word: before the start. */
    static final int NO_WORD = -1;

    /** Probability of a word outside the vocabulary, if the model has no {@code <unk>}. */
    static final double UNKNOWN_LN = -7 * Math.log(10);

    NGram() {}

    /**
     * Reads a model: a compact file, or an ARPA text file in UTF-8. A compact file stays mapped for as long as the model is in use.
     *
     * @param file the file
     * @return the model
     * @throws SpeechException in one line, with file and place, if it cannot be read or is malformed
     */
    public static NGram read(Path file) {
        return CompactNGram.is(file) ? CompactNGram.open(file) : ArpaReader.read(file);
    }

    /**
     * Reads a compact model into memory, for where there is no file to map.
     *
     * @param in its bytes, read to the end and left open
     * @param name what messages call it
     * @return the model
     * @throws IOException if the stream fails
     * @throws SpeechException in one line, if it is malformed
     */
    public static NGram read(InputStream in, String name) throws IOException {
        return CompactNGram.of(MemorySegment.ofArray(in.readAllBytes()), name);
    }

    /**
     * Writes a model in the compact form: probabilities and back-offs of 8 bits from tables of 256 values, word ids and positions of as
     * many bits as they need; about 5 bytes an n-gram.
     *
     * @param arpa an ARPA text file
     * @param out the file to write; replaced if it is there
     * @throws SpeechException in one line, if the one cannot be read, the other not be written
     */
    public static void writeCompact(Path arpa, Path out) {
        if (CompactNGram.is(arpa)) {
            throw new SpeechException(arpa + " is compact already; give an ARPA text file");
        }
        try {
            CompactWriter.write(ArpaReader.read(arpa), out);
        } catch (IOException e) {
            throw new SpeechException("cannot write " + out + " (" + e.getMessage() + "); choose another file", e);
        }
    }

    /**
     * The longest n-gram.
     *
     * @return words, from 1
     */
    public abstract int order();

    /**
     * How many n-grams of a length there are.
     *
     * @param n words, 1 to the order
     * @return count; of 1-grams with the entry that stands for unknown words
     */
    public abstract int size(int n);

    /**
     * The memory that the model takes.
     *
     * @return bytes
     */
    public abstract long bytes();

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

    /** Tells models apart. */
    abstract long fingerprint();

    /** The id of {@code <s>}, or NO_WORD. */
    abstract int sentenceStart();

    /** The id of a word, or UNKNOWN. */
    abstract int wordOf(long hash);

    /** The index of an n-gram of {@code n} words, from 2 on, whose first words are an n-gram with an index; negative if there is none. */
    abstract int child(int n, int history, int word);

    /** Of an n-gram of {@code n} words. */
    abstract float lnP(int n, int index);

    /** Of an n-gram of {@code n} words, shorter than the order. */
    abstract float lnBackOff(int n, int index);

    /** ln p(word | context[at], …, context[at + length - 1]); words before the start are skipped. Does not allocate. */
    final double score(int[] context, int at, int length, int word) {
        double backOff = 0;
        for (int i = at; i < at + length; i++) {
            int words = at + length - i;
            int history = context[i] == NO_WORD ? -1 : find(context, i, words);
            if (history >= 0) {
                int entry = child(words + 1, history, word);
                if (entry >= 0) {
                    return backOff + lnP(words + 1, entry);
                }
                backOff += lnBackOff(words, history);
            }
        }
        return backOff + lnP(1, word);
    }

    /** The index of an n-gram among those of its length, or a negative number. */
    final int find(int[] words, int at, int length) {
        int index = words[at];
        for (int n = 1; n < length && index >= 0; n++) {
            index = words[at + n] < 0 ? -1 : child(n + 1, index, words[at + n]);
        }
        return index;
    }
}
