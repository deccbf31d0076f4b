package io.mambaaudio.speech;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Prefix beam search in the log domain (Hannun et al. 2014). A hypothesis is a prefix with two masses: of the paths that end in a
 * blank and of those that end in its last piece. Equal prefixes are one node of the {@link PrefixPool}, so their masses meet there.
 * Its score is the logarithm of both masses together, plus the bonus of language model and hotwords.
 *
 * <p>The root is the prefix that all hypotheses share. Its pieces are out of the search: {@link #advanceRoot} hands them over one by
 * one. Memory is fixed, if after every step {@link #dropRivals} is called until {@link #advanceRoot} says no: no hypothesis then holds a
 * piece below the root that is older than {@code maxDelaySteps}.
 */
final class BeamSearch implements SavedState.Part {
    private static final double ZERO = Double.NEGATIVE_INFINITY;
    private static final int STAY = -1;

    /** How much (ln) more mass must come in at a step than there was, for that step to count as where a piece is said. */
    private static final double CLEARLY = 0.5;

    private final Pieces pieces;
    private final BeamOptions options;
    private final double blankPenalty;
    private final PrefixPool pool;
    private final BeamScorer scorer;
    private final TopCandidates top;
    private final int[] tried; // (pieces) those within the margin
    private final int[] slot; // (pool capacity) index of the hypothesis that is this node, or NONE
    private int[] node; // (width) hypotheses, the best first
    private double[] blankMass; // (width) ln
    private double[] pieceMass; // (width) ln
    private int[] nextNode; // (width)
    private double[] nextBlankMass; // (width)
    private double[] nextPieceMass; // (width)
    private final double[] stayBlankMass; // (width)
    private final double[] stayPieceMass; // (width)
    private final long[] heldStep; // (width) peaks of the hypotheses' last pieces before this step
    private final double[] heldLogP; // (width)
    private int hypotheses;
    private int root;
    private double logScale;
    private long clock;

    BeamSearch(Pieces pieces, BeamOptions options) {
        this.pieces = pieces;
        this.options = options;
        blankPenalty = options.languageModel().isPresent() ? options.blankPenalty() : 0;
        scorer = new BeamScorer(pieces, options);
        int width = options.width();
        int nodes = Math.addExact(Math.multiplyExact(width, longestPath(options) + 1), 2);
        pool = new PrefixPool(nodes, scorer.contextWords());
        top = new TopCandidates(width);
        tried = new int[pieces.size()];
        slot = new int[nodes];
        node = new int[width];
        blankMass = new double[width];
        pieceMass = new double[width];
        nextNode = new int[width];
        nextBlankMass = new double[width];
        nextPieceMass = new double[width];
        stayBlankMass = new double[width];
        stayPieceMass = new double[width];
        heldStep = new long[width];
        heldLogP = new double[width];
        reset();
    }

    /** The most pieces that a hypothesis has below the root. */
    static int longestPath(BeamOptions options) {
        return options.maxDelaySteps() + 4;
    }

    /** Moves all hypotheses on by one row of log posteriors. */
    void step(long step, double[] logP) {
        clock++;
        stay(step, logP);
        extend(choosePieces(logP), logP);
        select(step, logP);
        normalise();
    }

    /** The pieces within the margin of the likeliest label. */
    private int choosePieces(double[] logP) {
        double best = ZERO;
        for (double p : logP) {
            best = Math.max(best, p);
        }
        int count = 0;
        for (int c = 1; c < logP.length; c++) {
            if (logP[c] >= best - options.pieceMargin() && logP[c] != ZERO) {
                tried[count++] = c;
            }
        }
        return count;
    }

    /** The masses of the prefixes that are there already: by a blank, by a repeat, by the last piece put to a shorter hypothesis. */
    private void stay(long step, double[] logP) {
        for (int h = 0; h < hypotheses; h++) {
            heldStep[h] = pool.peakStep[node[h]];
            heldLogP[h] = pool.peakLogP[node[h]];
        }
        for (int h = 0; h < hypotheses; h++) {
            int n = node[h];
            int last = pool.piece[n];
            stayBlankMass[h] = total(h) + logP[Pieces.BLANK] - blankPenalty;
            double run = last == PrefixPool.NONE ? ZERO : pieceMass[h] + logP[last];
            int above = pool.parent[n] == PrefixPool.NONE ? PrefixPool.NONE : slot[pool.parent[n]];
            double begun = above == PrefixPool.NONE ? ZERO : massBefore(above, last) + logP[last];
            stayPieceMass[h] = Logits.logAdd(run, begun);
            if (begun > CLEARLY + Logits.logAdd(run, stayBlankMass[h])) {
                pool.begin(n, step, logP[last], heldStep[above], heldLogP[above]);
            } else if (run != ZERO && pieceMass[h] > blankMass[h] && logP[last] > pool.peakLogP[n]) {
                pool.peakStep[n] = step;
                pool.peakLogP[n] = logP[last];
            }
        }
    }

    /** Of the paths of a hypothesis, those that a piece makes longer: after its own last piece a blank must have been. */
    private double massBefore(int h, int next) {
        boolean repeat = next == pool.piece[node[h]];
        return repeat ? blankMass[h] : total(h);
    }

    private void extend(int count, double[] logP) {
        top.clear();
        for (int h = 0; h < hypotheses; h++) {
            double mass = Logits.logAdd(stayBlankMass[h], stayPieceMass[h]);
            top.offer(mass + pool.bonus[node[h]], h, STAY);
        }
        double least = top.best() - options.hypothesisMargin();
        for (int h = 0; h < hypotheses; h++) {
            scorer.from(pool, node[h]);
            for (int i = 0; i < count; i++) {
                int c = tried[i];
                double mass = massBefore(h, c) + logP[c];
                if (mass == ZERO || isHypothesis(pool.child(node[h], c))) {
                    continue;
                }
                double score = mass + scorer.bonus(c);
                if (score >= least) {
                    top.offer(score, h, c);
                }
            }
        }
    }

    private boolean isHypothesis(int n) {
        return n != PrefixPool.NONE && slot[n] != PrefixPool.NONE;
    }

    /** Makes the best candidates the new hypotheses, the best first, and lets go of the others. */
    private void select(long step, double[] logP) {
        int chosen = top.size();
        double least = top.best() - options.hypothesisMargin();
        int kept = 0;
        while (kept < chosen && (kept == 0 || top.score(kept) >= least)) {
            int h = top.hypothesis(kept);
            int c = top.piece(kept);
            nextNode[kept] = c == STAY ? node[h] : grow(h, c, step, logP[c]);
            nextBlankMass[kept] = c == STAY ? stayBlankMass[h] : ZERO;
            nextPieceMass[kept] = c == STAY ? stayPieceMass[h] : massBefore(h, c) + logP[c];
            pool.retain(nextNode[kept]);
            kept++;
        }
        for (int h = 0; h < hypotheses; h++) {
            slot[node[h]] = PrefixPool.NONE;
        }
        for (int h = 0; h < hypotheses; h++) {
            pool.release(node[h]);
        }
        swap();
        hypotheses = kept;
        for (int h = 0; h < hypotheses; h++) {
            slot[node[h]] = h;
        }
    }

    private int grow(int h, int c, long step, double value) {
        int above = node[h];
        int n = pool.child(above, c);
        if (n == PrefixPool.NONE) {
            n = pool.create(above, c);
            slot[n] = PrefixPool.NONE;
            pool.createdStep[n] = clock;
            scorer.from(pool, above);
            scorer.store(pool, n, c);
        }
        pool.begin(n, step, value, heldStep[h], heldLogP[h]);
        return n;
    }

    private void swap() {
        int[] n = node;
        node = nextNode;
        nextNode = n;
        double[] b = blankMass;
        blankMass = nextBlankMass;
        nextBlankMass = b;
        double[] p = pieceMass;
        pieceMass = nextPieceMass;
        nextPieceMass = p;
    }

    /** Takes the best hypothesis' mass out of all, so that hours of steps do not underflow. */
    private void normalise() {
        double mass = total(0);
        logScale += mass;
        for (int h = 0; h < hypotheses; h++) {
            blankMass[h] -= mass;
            pieceMass[h] -= mass;
        }
    }

    /**
     * Drops hypotheses that differ from the best one in the first piece below the root: the margin within which they may stay shrinks
     * with the square of the time that is left until {@code maxDelaySteps} after the disagreement began. On the development set the
     * square gave the fewest errors for a delay, before a straight line and a root.
     */
    void dropRivals() {
        int bestTop = topOf(node[0]);
        double bestScore = total(0) + pool.bonus[node[0]];
        int kept = 0;
        for (int h = 0; h < hypotheses; h++) {
            int t = topOf(node[h]);
            double behind = bestScore - total(h) - pool.bonus[node[h]];
            if (t == bestTop || behind <= marginAfter(clock - Math.min(created(t), created(bestTop)))) {
                keep(h, kept++);
            } else {
                drop(h);
            }
        }
        hypotheses = kept;
    }

    private long created(int top) {
        return top == root ? Long.MAX_VALUE : pool.createdStep[top];
    }

    private double marginAfter(long steps) {
        double left = 1 - (double) steps / options.maxDelaySteps();
        return left <= 0 ? -1 : options.hypothesisMargin() * left * left;
    }

    /** Lets go of all hypotheses but the one that is best if the text ends here. */
    void settle() {
        int best = bestAtEnd();
        int kept = 0;
        for (int h = 0; h < hypotheses; h++) {
            if (node[h] == best) {
                keep(h, kept++);
            } else {
                drop(h);
            }
        }
        hypotheses = kept;
    }

    private void drop(int h) {
        slot[node[h]] = PrefixPool.NONE;
        pool.release(node[h]);
    }

    private void keep(int from, int to) {
        node[to] = node[from];
        blankMass[to] = blankMass[from];
        pieceMass[to] = pieceMass[from];
        slot[node[to]] = to;
    }

    /** The first node below the root on the way to a node; the root for itself. */
    private int topOf(int n) {
        int t = n;
        while (t != root && pool.parent[t] != root) {
            t = pool.parent[t];
        }
        return t;
    }

    private double total(int h) {
        return Logits.logAdd(blankMass[h], pieceMass[h]);
    }

    /**
     * Moves the root down by one piece, if all hypotheses share it.
     *
     * @return whether it did; {@link #root} is then that piece's node
     */
    boolean advanceRoot() {
        if (slot[root] != PrefixPool.NONE || pool.refs(root) != 1) {
            return false;
        }
        root = pool.advanceRoot(root);
        return true;
    }

    /** Whether every hypothesis begins a new word after the root. */
    boolean wordEndsAtRoot() {
        return slot[root] == PrefixPool.NONE && pool.childrenStartWords(root, pieces);
    }

    int root() {
        return root;
    }

    /** The best hypothesis. */
    int best() {
        return node[0];
    }

    /** Names the best prefix: nodes are used again, the pair of node and creation is not. */
    long bestSerial() {
        return pool.createdStep[node[0]] * pool.capacity() + node[0];
    }

    /** The hypothesis that is best if the text ends here: the last words complete, half said hotwords withdrawn. */
    int bestAtEnd() {
        int best = 0;
        double bestScore = ZERO;
        for (int h = 0; h < hypotheses; h++) {
            scorer.from(pool, node[h]);
            double score = total(h) + scorer.finalBonus();
            if (score > bestScore) {
                bestScore = score;
                best = h;
            }
        }
        return node[best];
    }

    /**
     * Writes the nodes from a hypothesis up to the root, which is left out.
     *
     * @return how many
     */
    int path(int from, int[] out) {
        int length = 0;
        for (int n = from; n != root; n = pool.parent[n]) {
            out[length++] = n;
        }
        return length;
    }

    /** The next node on the way from a node down to the best hypothesis, or NONE if that is the node. */
    int nextToBest() {
        return node[0] == root ? PrefixPool.NONE : topOf(node[0]);
    }

    PrefixPool pool() {
        return pool;
    }

    void reset() {
        pool.clear();
        Arrays.fill(slot, PrefixPool.NONE);
        root = pool.create(PrefixPool.NONE, PrefixPool.NONE);
        pool.retain(root);
        pool.createdStep[root] = 0;
        scorer.storeRoot(pool, root);
        node[0] = root;
        blankMass[0] = 0;
        pieceMass[0] = ZERO;
        slot[root] = 0;
        hypotheses = 1;
        clock = 0;
        logScale = 0;
    }

    @Override
    public void save(DataOutputStream out) throws IOException {
        out.writeLong(options.width());
        out.writeLong(options.maxDelaySteps());
        out.writeLong(scorer.fingerprint());
        pool.save(out);
        SavedState.write(out, slot);
        SavedState.write(out, node);
        SavedState.write(out, blankMass);
        SavedState.write(out, pieceMass);
        out.writeInt(hypotheses);
        out.writeInt(root);
        out.writeLong(clock);
        out.writeDouble(logScale);
    }

    @Override
    public void load(DataInputStream in) throws IOException {
        SavedState.expect(in, "beam", options.width());
        SavedState.expect(in, "maxDelaySteps", options.maxDelaySteps());
        SavedState.expect(in, "language model and hotwords", scorer.fingerprint());
        pool.load(in);
        SavedState.read(in, slot);
        SavedState.read(in, node);
        SavedState.read(in, blankMass);
        SavedState.read(in, pieceMass);
        hypotheses = in.readInt();
        root = in.readInt();
        clock = in.readLong();
        logScale = in.readDouble();
    }

    /** For tests: the hypotheses, the best first, as pieces after the root and ln of their acoustic mass. */
    List<Hypothesis> hypotheses() {
        List<Hypothesis> all = new ArrayList<>();
        for (int h = 0; h < hypotheses; h++) {
            List<Integer> prefix = new ArrayList<>();
            for (int i = node[h]; i != root; i = pool.parent[i]) {
                prefix.addFirst(pool.piece[i]);
            }
            all.add(new Hypothesis(prefix, total(h) + logScale, pool.bonus[node[h]]));
        }
        return all;
    }

    record Hypothesis(List<Integer> prefix, double logMass, double bonus) {}
}
