package io.mambaaudio.speech;

import io.mambaaudio.speech.Hotwords.Phrase;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Queue;
import java.util.regex.Pattern;

/**
 * Hotwords as an Aho-Corasick automaton over letters (Aho and Corasick 1975). A phrase is spelled with a mark before each word and
 * one after the last, so that whole words match. Each state has a potential, the most that a phrase has earned so far; a transition
 * gains the difference of the potentials, plus the whole boost of a phrase that it completes. So along any text the gains add up to
 * the completed phrases plus the potential of what is half said. Immutable.
 */
final class HotwordAutomaton {
    static final int START = 0;

    private static final int MARK = 0;
    private static final int OTHER = 1;
    private static final int MAX_CELLS = 64 << 20;

    private final int[][] spelling; // (pieces)(symbols)
    private final int symbols;
    private int[] next; // (states, symbols)
    private double[] potential; // (states)
    private double[] completed; // (states) boost of the longest phrase that ends here
    private int[] fallback; // (states) the longest proper suffix that is a state
    private int states = 1;
    private final long[] words; // hashes of all words of all phrases, sorted

    HotwordAutomaton(Hotwords hotwords, Pieces pieces) {
        int[] symbolOf = new int[Character.MAX_VALUE + 1];
        Arrays.fill(symbolOf, OTHER);
        int count = OTHER + 1;
        int capacity = 1;
        for (Phrase phrase : hotwords.phrases()) {
            capacity += phrase.words().length() + 2;
            for (char c : phrase.words().toCharArray()) {
                if (c != ' ' && symbolOf[c] == OTHER) {
                    checkWritable(hotwords, phrase, c, pieces);
                    symbolOf[c] = count++;
                }
            }
        }
        symbols = count;
        if ((long) capacity * symbols > MAX_CELLS) {
            throw new SpeechException(hotwords.source() + " is too large with " + hotwords.size()
                    + " phrases; keep fewer or shorter ones");
        }
        next = new int[capacity * symbols];
        potential = new double[capacity];
        completed = new double[capacity];
        fallback = new int[capacity];
        for (Phrase phrase : hotwords.phrases()) {
            insert(phrase, symbolOf);
        }
        link();
        next = Arrays.copyOf(next, states * symbols);
        potential = Arrays.copyOf(potential, states);
        completed = Arrays.copyOf(completed, states);
        fallback = new int[0];
        spelling = spell(pieces, symbolOf);
        words = hotwords.phrases().stream()
                .flatMap(phrase -> Pattern.compile(" ").splitAsStream(phrase.words()))
                .mapToLong(Pieces::hash)
                .distinct()
                .sorted()
                .toArray();
    }

    private static void checkWritable(Hotwords hotwords, Phrase phrase, char c, Pieces pieces) {
        if (!pieces.writes(c)) {
            throw new SpeechException(hotwords.source() + ":" + phrase.line() + ": '" + phrase.words() + "' has '" + c
                    + "', which this model cannot write; spell the phrase with its letters");
        }
    }

    private static int[][] spell(Pieces pieces, int[] symbolOf) {
        int[][] spelling = new int[pieces.size()][];
        for (int p = 0; p < spelling.length; p++) {
            char[] letters = pieces.letters(p);
            int mark = pieces.startsWord(p) ? 1 : 0;
            spelling[p] = new int[mark + letters.length];
            for (int i = 0; i < letters.length; i++) {
                spelling[p][mark + i] = symbolOf[letters[i]];
            }
        }
        return spelling;
    }

    private void insert(Phrase phrase, int[] symbolOf) {
        int letters = (int) phrase.words().chars().filter(c -> c != ' ').count();
        double boost = letters * phrase.boost();
        int state = child(START, MARK);
        int said = 0;
        for (char c : phrase.words().toCharArray()) {
            state = child(state, c == ' ' ? MARK : symbolOf[c]);
            said += c == ' ' ? 0 : 1;
            double earned = boost * said / letters;
            potential[state] = Math.abs(earned) > Math.abs(potential[state]) ? earned : potential[state];
        }
        completed[child(state, MARK)] = boost;
    }

    private int child(int state, int symbol) {
        int at = state * symbols + symbol;
        if (next[at] == 0) {
            next[at] = states++;
        }
        return next[at];
    }

    /** Breadth first: fallbacks, and in place of missing children the transitions of the fallback. */
    private void link() {
        Queue<Integer> queue = new ArrayDeque<>();
        for (int s = 0; s < symbols; s++) {
            if (next[s] != START) {
                queue.add(next[s]);
            }
        }
        while (!queue.isEmpty()) {
            int state = queue.remove();
            int shorter = fallback[state];
            boolean leaf = true;
            for (int s = 0; s < symbols; s++) {
                int to = next[state * symbols + s];
                if (to == 0) {
                    next[state * symbols + s] = next[shorter * symbols + s];
                } else {
                    leaf = false;
                    fallback[to] = next[shorter * symbols + s];
                    queue.add(to);
                }
            }
            // At the end of a phrase nothing is half said but what the suffix says.
            if (leaf || Math.abs(potential[state]) < Math.abs(potential[shorter])) {
                potential[state] = potential[shorter];
            }
            if (completed[state] == 0) {
                completed[state] = completed[shorter];
            }
        }
    }

    int states() {
        return states;
    }

    /** Whether a word, given by its hash, is part of a phrase. */
    boolean has(long word) {
        return Arrays.binarySearch(words, word) >= 0;
    }

    int next(int state, int piece) {
        int s = state;
        for (int symbol : spelling[piece]) {
            s = next[s * symbols + symbol];
        }
        return s;
    }

    /** What a piece after a state gains. */
    double gain(int state, int piece) {
        int s = state;
        double gain = -potential[state];
        for (int symbol : spelling[piece]) {
            s = next[s * symbols + symbol];
            gain += completed[s];
        }
        return gain + potential[s];
    }

    /** What the end of the text gains: a last phrase completed, a half said one withdrawn. */
    double finalGain(int state) {
        return completed[next[state * symbols + MARK]] - potential[state];
    }
}
