package io.mambaaudio.speech;

import org.jspecify.annotations.Nullable;

/**
 * The part of a hypothesis' score that is not acoustic. It depends on the prefix alone: for each complete word the weighted language
 * model and the word bonus, and what the hotword automaton gives for the letters.
 *
 * <p>Call {@link #from} with a node, then ask for any number of pieces after it.
 */
final class BeamScorer {
    private final Pieces pieces;
    private final @Nullable NGram model;
    private final @Nullable HotwordAutomaton hotwords;
    private final double weight;
    private final double wordBonus;
    private final double unknownWordPenalty;
    private final int contextWords;

    private double base;
    private long hash;
    private int hotState;
    private double completion;
    private int completedWord;
    private boolean completed;
    private int[] context = new int[0];
    private int contextAt;

    BeamScorer(Pieces pieces, BeamOptions options) {
        this.pieces = pieces;
        this.model = options.languageModel().orElse(null);
        this.hotwords = options.hotwords()
                .map(phrases -> new HotwordAutomaton(phrases, pieces))
                .orElse(null);
        this.weight = options.languageWeight();
        this.wordBonus = options.wordBonus();
        this.unknownWordPenalty = options.unknownWordPenalty();
        this.contextWords = model == null ? 0 : model.order() - 1;
    }

    int contextWords() {
        return contextWords;
    }

    /** Tells different language models and hotwords apart, as far as their sizes do. */
    long fingerprint() {
        long lm = model == null ? 0 : model.fingerprint();
        return 31 * lm + (hotwords == null ? 0 : hotwords.states());
    }

    /** Writes what the root of an utterance has. */
    void storeRoot(PrefixPool pool, int root) {
        pool.bonus[root] = 0;
        pool.wordHash[root] = Pieces.emptyWord();
        pool.hotState[root] = HotwordAutomaton.START;
        for (int i = 0; i < contextWords; i++) {
            boolean last = i == contextWords - 1;
            pool.context[root * contextWords + i] = last && model != null ? model.sentenceStart() : NGram.NO_WORD;
        }
    }

    void from(PrefixPool pool, int node) {
        base = pool.bonus[node];
        hash = pool.wordHash[node];
        hotState = pool.hotState[node];
        context = pool.context;
        contextAt = node * contextWords;
        completed = false;
    }

    /** The bonus of the prefix with one more piece. */
    double bonus(int piece) {
        double bonus = base;
        if (completes(piece)) {
            bonus += completion();
        }
        return hotwords == null ? bonus : bonus + hotwords.gain(hotState, piece);
    }

    /** The bonus if the prefix ended here: its last word complete, and half said hotwords withdrawn. */
    double finalBonus() {
        double bonus = base;
        if (hash != Pieces.emptyWord()) {
            bonus += completion();
        }
        return hotwords == null ? bonus : bonus + hotwords.finalGain(hotState);
    }

    /** Writes the values of the prefix with one more piece to its node. */
    void store(PrefixPool pool, int node, int piece) {
        pool.bonus[node] = bonus(piece);
        pool.hotState[node] = hotwords == null ? HotwordAutomaton.START : hotwords.next(hotState, piece);
        boolean completes = completes(piece);
        pool.wordHash[node] = pieces.hash(pieces.startsWord(piece) ? Pieces.emptyWord() : hash, piece);
        if (contextWords > 0) {
            storeContext(pool.context, node * contextWords, completes);
        }
    }

    private void storeContext(int[] to, int at, boolean shift) {
        int dropped = shift ? 1 : 0;
        System.arraycopy(context, contextAt + dropped, to, at, contextWords - dropped);
        if (shift) {
            completion();
            to[at + contextWords - 1] = completedWord;
        }
    }

    private boolean completes(int piece) {
        return model != null && pieces.startsWord(piece) && hash != Pieces.emptyWord();
    }

    private double completion() {
        if (model == null) {
            return 0;
        }
        if (!completed) {
            completedWord = model.wordOf(hash);
            completion = weight * model.score(context, contextAt, contextWords, completedWord) + wordBonus;
            boolean unknown = completedWord == NGram.UNKNOWN && (hotwords == null || !hotwords.has(hash));
            completion -= unknown ? unknownWordPenalty : 0;
            completed = true;
        }
        return completion;
    }
}
