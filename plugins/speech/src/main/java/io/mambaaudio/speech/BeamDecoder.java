package io.mambaaudio.speech;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Words from a {@link BeamSearch}; see {@link CtcDecoder#beam}. */
final class BeamDecoder implements CtcDecoder, SavedState.Part {
    private final BeamSearch search;
    private final PrefixPool pool;
    private final WordAssembler committed;
    private final WordAssembler scratch;
    private final double[] logP; // (pieces) of this step
    private final int[] path; // (longest) from a hypothesis up to the root
    private boolean blank = true;

    BeamDecoder(Pieces pieces, BeamOptions options) {
        search = new BeamSearch(pieces, options);
        pool = search.pool();
        committed = new WordAssembler(pieces);
        scratch = new WordAssembler(pieces);
        logP = new double[pieces.size()];
        path = new int[BeamSearch.longestPath(options) + 1];
    }

    @Override
    public boolean accept(long step, float[] logits, WordSink sink) {
        blank = Logits.best(logits, logP.length) == Pieces.BLANK;
        if (!Logits.logSoftmax(logits, logP)) {
            return false;
        }
        long before = search.bestSerial();
        search.step(step, logP);
        boolean moved = commit(sink);
        return moved || search.bestSerial() != before;
    }

    /** Takes over the pieces that all hypotheses share, after deciding disagreements that are too old. */
    private boolean commit(WordSink sink) {
        boolean moved = false;
        boolean more = true;
        while (more) {
            search.dropRivals();
            more = takeShared(sink);
            moved |= more;
        }
        moved |= finishWordAtRoot(sink);
        return moved;
    }

    private boolean takeShared(WordSink sink) {
        boolean moved = false;
        while (search.advanceRoot()) {
            add(search.root(), search.nextToBest(), committed, sink);
            moved = true;
        }
        return moved;
    }

    /** The word need not wait until all agree on which word comes next. */
    private boolean finishWordAtRoot(WordSink sink) {
        boolean ends = !committed.isEmpty() && search.wordEndsAtRoot();
        if (ends) {
            committed.finish(sink);
        }
        return ends;
    }

    /** Adds the piece of a node, with its peak as the next node of the hypothesis, if there is one, remembers it. */
    private void add(int n, int next, WordAssembler to, @Nullable WordSink sink) {
        boolean last = next == PrefixPool.NONE;
        to.add(
                pool.piece[n],
                last ? pool.peakStep[n] : pool.parentPeakStep[next],
                last ? pool.peakLogP[n] : pool.parentPeakLogP[next],
                sink);
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
        append(search.best(), scratch, sink);
    }

    private void append(int hypothesis, WordAssembler to, @Nullable WordSink sink) {
        int length = search.path(hypothesis, path);
        while (--length >= 0) {
            add(path[length], length > 0 ? path[length - 1] : PrefixPool.NONE, to, sink);
        }
    }

    @Override
    public boolean pause(WordSink sink) {
        long shown = search.bestSerial();
        search.settle();
        boolean changed = search.bestSerial() != shown;
        takeShared(sink);
        boolean said = !committed.isEmpty();
        committed.finish(sink);
        return said || changed;
    }

    @Override
    public void finish(WordSink sink) {
        append(search.bestAtEnd(), committed, sink);
        committed.finish(sink);
        reset();
    }

    @Override
    public void reset() {
        search.reset();
        committed.reset();
        blank = true;
    }

    /** For tests. */
    BeamSearch search() {
        return search;
    }

    @Override
    public void save(DataOutputStream out) throws IOException {
        search.save(out);
        committed.save(out);
        out.writeBoolean(blank);
    }

    @Override
    public void load(DataInputStream in) throws IOException {
        search.load(in);
        committed.load(in);
        blank = in.readBoolean();
    }
}
