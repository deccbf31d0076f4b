package io.mambaaudio.speech;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Prefix beam search in the log domain; see {@link CtcDecoder#beam}. A hypothesis is a prefix with two masses: of the paths that end
 * in a blank and of those that end in its last piece. Equal prefixes are one node of the {@link PrefixPool}, so their masses meet
 * there. Its score is the logarithm of both masses together, plus the bonus of language model and hotwords.
 *
 * <p>Memory is fixed: no hypothesis holds a piece that was begun more than {@code maxDelaySteps} (plus a check interval) ago and is
 * not shared by all.
 */
final class BeamDecoder implements CtcDecoder, SavedState.Part {
    private static final double ZERO = Double.NEGATIVE_INFINITY;
    /** The oldest disagreement is looked for only so often. */
    private static final int CHECK_STEPS = 8;

    private static final int STAY = -1;

    /** How much (ln) more mass must come in at a step than there was, for that step to count as where a piece is said. */
    private static final double CLEARLY = 0.5;

    private final BeamOptions options;
    private final PrefixPool pool;
    private final BeamScorer scorer;
    private final WordAssembler committed;
    private final WordAssembler scratch;
    private final TopCandidates top;

    private final double[] logP; // (pieces) of this step
    private final int[] tried; // (pieces) those within the margin
    private final int[] slot; // (pool capacity) index of the hypothesis that is this node, or NONE
    private final int[] path; // (maxDelay + slack) from a node up to the root
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
    private int checkIn;
    private boolean blank = true;
    private double logScale;
    private long clock;

    BeamDecoder(Pieces pieces, BeamOptions options) {
        this.options = options;
        scorer = new BeamScorer(pieces, options);
        int width = options.width();
        int longest = options.maxDelaySteps() + CHECK_STEPS + 4; // pieces of a hypothesis
        pool = new PrefixPool(Math.addExact(Math.multiplyExact(width, longest + 1), 2), scorer.contextWords());
        committed = new WordAssembler(pieces);
        scratch = new WordAssembler(pieces);
        top = new TopCandidates(width);
        logP = new double[pieces.size()];
        tried = new int[pieces.size()];
        slot = new int[pool.capacity()];
        path = new int[longest + 1];
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

    @Override
    public boolean accept(long step, float[] logits, WordSink sink) {
        if (!Logits.logSoftmax(logits, logP)) {
            blank = true;
            return false;
        }
        int count = choosePieces();
        long serialBefore = serial();
        clock++;
        stay(step);
        extend(count);
        select(step);
        normalise();
        boolean moved = commit(sink);
        return moved || serial() != serialBefore;
    }

    /** Names the best prefix: nodes are used again, the pair of node and creation is not. */
    private long serial() {
        return pool.createdStep[node[0]] * pool.capacity() + node[0];
    }

    /** The pieces within the margin of the likeliest label; remembers whether that is the blank. */
    private int choosePieces() {
        double best = ZERO;
        int bestPiece = Pieces.BLANK;
        for (int c = 0; c < logP.length; c++) {
            if (logP[c] > best) {
                best = logP[c];
                bestPiece = c;
            }
        }
        blank = bestPiece == Pieces.BLANK;
        int count = 0;
        for (int c = 1; c < logP.length; c++) {
            if (logP[c] >= best - options.pieceMargin() && logP[c] != ZERO) {
                tried[count++] = c;
            }
        }
        return count;
    }

    /** The masses of the prefixes that are there already: by a blank, by a repeat, by the last piece put to a shorter hypothesis. */
    private void stay(long step) {
        for (int h = 0; h < hypotheses; h++) {
            heldStep[h] = pool.peakStep[node[h]];
            heldLogP[h] = pool.peakLogP[node[h]];
        }
        for (int h = 0; h < hypotheses; h++) {
            int n = node[h];
            int last = pool.piece[n];
            stayBlankMass[h] = total(h) + logP[Pieces.BLANK];
            stayPieceMass[h] = n == root ? ZERO : pieceMass[h] + logP[last];
            double before = stayPieceMass[h];
            int above = n == root ? PrefixPool.NONE : pool.parent[n];
            if (above != PrefixPool.NONE && slot[above] != PrefixPool.NONE) {
                double begun = massBefore(slot[above], last) + logP[last];
                stayPieceMass[h] = Logits.logAdd(before, begun);
                if (begun > CLEARLY + Logits.logAdd(before, stayBlankMass[h])) {
                    pool.begin(n, step, logP[last], heldStep[slot[above]], heldLogP[slot[above]]);
                    continue;
                }
            }
            if (n != root && pieceMass[h] > blankMass[h] && logP[last] > pool.peakLogP[n]) {
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

    private void extend(int count) {
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
    private void select(long step) {
        int chosen = top.size();
        double least = top.best() - options.hypothesisMargin();
        int kept = 0;
        while (kept < chosen && (kept == 0 || top.score(kept) >= least)) {
            int h = top.hypothesis(kept);
            int c = top.piece(kept);
            nextNode[kept] = c == STAY ? node[h] : grow(h, c, step);
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

    private int grow(int h, int c, long step) {
        int above = node[h];
        int n = pool.child(above, c);
        if (n == PrefixPool.NONE) {
            n = pool.create(above, c);
            slot[n] = PrefixPool.NONE;
            pool.createdStep[n] = clock;
            scorer.from(pool, above);
            scorer.store(pool, n, c);
        }
        pool.begin(n, step, logP[c], heldStep[h], heldLogP[h]);
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

    /** Moves the root down to where the hypotheses part, after deciding disagreements that are too old. */
    private boolean commit(WordSink sink) {
        boolean moved = false;
        if (--checkIn <= 0) {
            checkIn = CHECK_STEPS;
            while (decideOldest()) {
                moved |= advanceRoot(sink);
            }
        }
        return advanceRoot(sink) || moved;
    }

    private boolean advanceRoot(WordSink sink) {
        boolean moved = false;
        while (slot[root] == PrefixPool.NONE && pool.refs(root) == 1) {
            root = pool.advanceRoot(root);
            add(root, node[0] == root ? PrefixPool.NONE : topOf(node[0]), committed, sink);
            moved = true;
        }
        return moved;
    }

    /**
     * Drops the hypotheses that differ from the best one in a piece that is older than the delay.
     *
     * @return whether the best hypothesis' first piece was itself that old, so that all agree on it now
     */
    private boolean decideOldest() {
        long oldest = clock - options.maxDelaySteps();
        int bestTop = topOf(node[0]);
        boolean force = bestTop != root && pool.createdStep[bestTop] < oldest;
        int kept = 0;
        for (int h = 0; h < hypotheses; h++) {
            int t = topOf(node[h]);
            if (t == bestTop || (!force && (t == root || pool.createdStep[t] >= oldest))) {
                keep(h, kept++);
            } else {
                slot[node[h]] = PrefixPool.NONE;
                pool.release(node[h]);
            }
        }
        hypotheses = kept;
        return force;
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

    @Override
    public boolean blank() {
        return blank;
    }

    @Override
    public String tentative() {
        StringBuilder text = new StringBuilder();
        walk((word, first, last, confidence) -> text.append(word).append(' '));
        scratch.appendTo(text);
        return text.toString().strip();
    }

    @Override
    public float tentativeConfidence() {
        walk(null);
        return scratch.bestConfidence();
    }

    /** Puts the best hypothesis after the committed pieces, in the scratch assembler. */
    private void walk(@Nullable WordSink sink) {
        scratch.copyFrom(committed);
        append(node[0], scratch, sink);
    }

    private void append(int n, WordAssembler to, @Nullable WordSink sink) {
        int length = 0;
        for (int i = n; i != root; i = pool.parent[i]) {
            path[length++] = i;
        }
        while (--length >= 0) {
            add(path[length], length > 0 ? path[length - 1] : PrefixPool.NONE, to, sink);
        }
    }

    /** Adds the piece of a node, where the next node of the hypothesis, if there is one, remembers it. */
    private void add(int n, int next, WordAssembler to, @Nullable WordSink sink) {
        boolean last = next == PrefixPool.NONE;
        to.add(
                pool.piece[n],
                last ? pool.peakStep[n] : pool.parentPeakStep[next],
                last ? pool.peakLogP[n] : pool.parentPeakLogP[next],
                sink);
    }

    @Override
    public void finish(WordSink sink) {
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
        append(node[best], committed, sink);
        committed.finish(sink);
        reset();
    }

    @Override
    public void reset() {
        pool.clear();
        Arrays.fill(slot, PrefixPool.NONE);
        committed.reset();
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
        checkIn = CHECK_STEPS;
        blank = true;
        logScale = 0;
    }

    @Override
    public void save(DataOutputStream out) throws IOException {
        out.writeLong(options.width());
        out.writeLong(options.maxDelaySteps());
        out.writeLong(pool.contextWords);
        pool.save(out);
        committed.save(out);
        SavedState.write(out, slot);
        SavedState.write(out, node);
        SavedState.write(out, blankMass);
        SavedState.write(out, pieceMass);
        out.writeInt(hypotheses);
        out.writeInt(root);
        out.writeInt(checkIn);
        out.writeBoolean(blank);
        out.writeLong(clock);
        out.writeDouble(logScale);
    }

    @Override
    public void load(DataInputStream in) throws IOException {
        SavedState.expect(in, "beam", options.width());
        SavedState.expect(in, "maxDelaySteps", options.maxDelaySteps());
        SavedState.expect(in, "words of language model context", pool.contextWords);
        pool.load(in);
        committed.load(in);
        SavedState.read(in, slot);
        SavedState.read(in, node);
        SavedState.read(in, blankMass);
        SavedState.read(in, pieceMass);
        hypotheses = in.readInt();
        root = in.readInt();
        checkIn = in.readInt();
        blank = in.readBoolean();
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

    /** For tests: nodes in use and in all. */
    int nodesUsed() {
        return pool.used();
    }

    int nodeCapacity() {
        return pool.capacity();
    }

    record Hypothesis(List<Integer> prefix, double logMass, double bonus) {}
}
