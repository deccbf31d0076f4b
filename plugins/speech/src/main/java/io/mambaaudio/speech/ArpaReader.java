package io.mambaaudio.speech;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.StringTokenizer;

/**
 * Reads ARPA text. Arrays grow with the lines that are there, never by what the header claims, so a malformed file cannot make it
 * allocate more than a small multiple of its size.
 */
final class ArpaReader {
    private static final int MAX_ORDER = 6;
    private static final int MAX_LINE = 10_000;
    private static final double LN10 = Math.log(10);

    private final String source;
    private final BufferedReader in;
    private int line;
    private String text = "";

    private final List<Integer> counts = new ArrayList<>();
    private long[] wordHash = new long[1 << 10];
    private int[] wordId = new int[1 << 10];
    private int words;
    private long[][] keys = new long[0][];
    private float[][] lnP = new float[0][];
    private float[][] lnBackOff = new float[0][];
    private boolean unknownSeen;

    private ArpaReader(String source, BufferedReader in) {
        this.source = source;
        this.in = in;
        Arrays.fill(wordId, -1);
    }

    static ArrayNGram read(Path file) {
        try (BufferedReader in = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
            return new ArpaReader(file.toString(), in).read();
        } catch (CharacterCodingException e) {
            throw new SpeechException("language model " + file + " is not UTF-8 text; give an ARPA text file", e);
        } catch (IOException e) {
            throw new SpeechException("cannot read the language model " + file + "; give a readable ARPA text file", e);
        }
    }

    private ArrayNGram read() throws IOException {
        readHeader();
        int order = counts.size();
        keys = new long[order - 1][];
        lnP = new float[order][];
        lnBackOff = new float[order - 1][];
        readUnigrams();
        for (int n = 2; n <= order; n++) {
            readSection(n);
        }
        if (!text.equals("\\end\\")) {
            throw bad("expected \\end\\, found '" + shown() + "'");
        }
        int start = wordId[ArrayNGram.slot(wordHash, wordId, Pieces.hash("<s>"))];
        return new ArrayNGram(wordHash, wordId, keys, lnP, lnBackOff, start < 0 ? NGram.NO_WORD : start);
    }

    private void readHeader() throws IOException {
        do {
            next();
        } while (!text.equals("\\data\\"));
        for (next(); text.startsWith("ngram "); next()) {
            String claim = text.substring("ngram ".length());
            int equals = claim.indexOf('=');
            int n = equals > 0 ? number(claim.substring(0, equals)) : -1;
            int count = n == counts.size() + 1 ? number(claim.substring(equals + 1)) : -1;
            if (count < 0 || n > MAX_ORDER) {
                throw bad("expected 'ngram " + (counts.size() + 1) + "=COUNT' with at most " + MAX_ORDER
                        + " orders, found '" + shown() + "'");
            }
            counts.add(count);
        }
        if (counts.isEmpty()) {
            throw bad("expected 'ngram 1=COUNT', found '" + shown() + "'");
        }
    }

    private static int number(String digits) {
        try {
            return Integer.parseInt(digits.strip());
        } catch (NumberFormatException e) {
            return -1;
        }
    }

    /** Word 0 stands for unknown words; a model's own {@code <unk>} takes its place. */
    private void readUnigrams() throws IOException {
        expectSection(1);
        int claimed = counts.get(0);
        boolean backOff = counts.size() > 1;
        FloatList p = new FloatList();
        FloatList b = new FloatList();
        p.add((float) NGram.UNKNOWN_LN);
        b.add(0);
        words = 1;
        for (int i = 0; i < claimed; i++) {
            next();
            StringTokenizer fields = fields(1);
            float probability = probability(fields.nextToken());
            String word = fields.nextToken().toLowerCase(Locale.ROOT);
            float weight = backOff(fields, backOff);
            if (word.equals("<unk>")) {
                if (unknownSeen) {
                    throw twice();
                }
                unknownSeen = true;
                addWord(word, NGram.UNKNOWN);
                p.set(0, probability);
                b.set(0, weight);
            } else {
                addWord(word, words++);
                p.add(probability);
                b.add(weight);
            }
        }
        lnP[0] = p.toArray();
        if (backOff) {
            lnBackOff[0] = b.toArray();
        }
        next();
    }

    private void addWord(String word, int id) {
        if (2 * (words + 1) > wordHash.length) {
            grow();
        }
        long hash = Pieces.hash(word);
        int slot = ArrayNGram.slot(wordHash, wordId, hash);
        if (wordId[slot] >= 0) {
            throw twice();
        }
        wordHash[slot] = hash;
        wordId[slot] = id;
    }

    private void grow() {
        long[] oldHash = wordHash;
        int[] oldId = wordId;
        wordHash = new long[2 * oldHash.length];
        wordId = new int[2 * oldHash.length];
        Arrays.fill(wordId, -1);
        for (int i = 0; i < oldHash.length; i++) {
            if (oldId[i] >= 0) {
                int slot = ArrayNGram.slot(wordHash, wordId, oldHash[i]);
                wordHash[slot] = oldHash[i];
                wordId[slot] = oldId[i];
            }
        }
    }

    private void readSection(int n) throws IOException {
        expectSection(n);
        int first = line;
        int claimed = counts.get(n - 1);
        boolean backOff = n < counts.size();
        LongList unsorted = new LongList();
        FloatList p = new FloatList();
        FloatList b = new FloatList();
        int[] gram = new int[n];
        for (int i = 0; i < claimed; i++) {
            next();
            StringTokenizer fields = fields(n);
            p.add(probability(fields.nextToken()));
            for (int w = 0; w < n; w++) {
                gram[w] = wordOf(fields.nextToken());
            }
            b.add(backOff(fields, backOff));
            int history = ArrayNGram.find(keys, gram, 0, n - 1);
            if (history < 0) {
                throw bad("the " + (n - 1) + "-gram that '" + shown() + "' begins with is missing");
            }
            unsorted.add(ArrayNGram.key(history, gram[n - 1]));
        }
        long[] sorted = unsorted.toArray();
        Arrays.sort(sorted);
        checkDistinct(sorted, n, first);
        keys[n - 2] = sorted;
        lnP[n - 1] = arranged(p, unsorted, sorted);
        if (backOff) {
            lnBackOff[n - 1] = arranged(b, unsorted, sorted);
        }
        next();
    }

    private static float[] arranged(FloatList values, LongList unsorted, long[] sorted) {
        float[] out = new float[sorted.length];
        for (int i = 0; i < out.length; i++) {
            out[Arrays.binarySearch(sorted, unsorted.at(i))] = values.at(i);
        }
        return out;
    }

    private void checkDistinct(long[] sorted, int n, int first) {
        for (int i = 1; i < sorted.length; i++) {
            if (sorted[i] == sorted[i - 1]) {
                throw bad("a " + n + "-gram of lines " + first + " to " + line
                        + " is there twice (upper and lower case count as one)");
            }
        }
    }

    private int wordOf(String word) {
        int id = wordId[ArrayNGram.slot(wordHash, wordId, Pieces.hash(word.toLowerCase(Locale.ROOT)))];
        if (id < 0) {
            throw bad("the word '" + word + "' is not among the 1-grams");
        }
        return id;
    }

    private void expectSection(int n) throws IOException {
        if (!text.equals("\\" + n + "-grams:")) {
            throw bad("expected '\\" + n + "-grams:', found '" + shown() + "'; check the counts after \\data\\");
        }
    }

    private StringTokenizer fields(int n) {
        StringTokenizer fields = new StringTokenizer(text, " \t");
        int found = fields.countTokens();
        if (text.startsWith("\\") || found < n + 1 || found > n + 2) {
            throw bad("expected a probability, " + n + " word(s) and perhaps a back-off, found '" + shown() + "'");
        }
        return fields;
    }

    private float probability(String field) {
        float value = log10(field);
        if (value > 0) {
            throw bad("log probability " + field + " is above 0");
        }
        return value;
    }

    private float backOff(StringTokenizer fields, boolean allowed) {
        if (!fields.hasMoreTokens()) {
            return 0;
        }
        float value = log10(fields.nextToken());
        if (!allowed && value != 0) {
            throw bad("n-grams of the highest order have no back-off, found '" + shown() + "'");
        }
        return value;
    }

    /** A decimal logarithm as a natural one; −99 and below, the format's zero, and an infinite one become −99. */
    private float log10(String field) {
        try {
            double value = Double.parseDouble(field);
            if (!Double.isNaN(value) && value < 100) {
                return (float) (Math.max(value, -99) * LN10);
            }
        } catch (NumberFormatException e) {
            // falls through to the message
        }
        throw bad("'" + (field.length() > 40 ? field.substring(0, 40) + "…" : field) + "' is not a decimal logarithm");
    }

    /** The next line that is not empty, without space around it. */
    private void next() throws IOException {
        do {
            String read = in.readLine();
            line++;
            if (read == null) {
                throw bad("the file ends before \\end\\");
            }
            if (read.length() > MAX_LINE) {
                throw bad("the line has " + read.length() + " characters, at most " + MAX_LINE + " are allowed");
            }
            text = read.strip();
        } while (text.isEmpty());
    }

    private String shown() {
        return text.length() > 60 ? text.substring(0, 60) + "…" : text;
    }

    private SpeechException twice() {
        return bad("the word of '" + shown() + "' is there twice (upper and lower case count as one)");
    }

    private SpeechException bad(String what) {
        return new SpeechException(source + ":" + line + ": " + what + "; give a well-formed ARPA file");
    }

    private static final class FloatList {
        private float[] values = new float[256];
        private int size;

        void add(float value) {
            if (size == values.length) {
                values = Arrays.copyOf(values, size + (size >> 1));
            }
            values[size++] = value;
        }

        void set(int i, float value) {
            values[i] = value;
        }

        float at(int i) {
            return values[i];
        }

        float[] toArray() {
            return Arrays.copyOf(values, size);
        }
    }

    private static final class LongList {
        private long[] values = new long[256];
        private int size;

        void add(long value) {
            if (size == values.length) {
                values = Arrays.copyOf(values, size + (size >> 1));
            }
            values[size++] = value;
        }

        long at(int i) {
            return values[i];
        }

        long[] toArray() {
            return Arrays.copyOf(values, size);
        }
    }
}
