package io.mambaaudio.speech;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;

/** The likeliest label of each step; see {@link CtcDecoder#greedy}. */
final class GreedyDecoder implements CtcDecoder, SavedState.Part {
    private final Pieces pieces;
    private final WordAssembler word;
    private int last = Pieces.BLANK;
    private double lastLogP;

    GreedyDecoder(Pieces pieces) {
        this.pieces = pieces;
        this.word = new WordAssembler(pieces);
    }

    @Override
    public boolean accept(long step, float[] logits, WordSink sink) {
        int best = Logits.best(logits, pieces.size());
        if (best == Pieces.BLANK) {
            last = best;
            return false;
        }
        double logP = Logits.logPosterior(logits, pieces.size(), best);
        boolean fresh = best != last;
        if (fresh) {
            word.add(best, step, logP, sink);
        } else if (logP > lastLogP) {
            word.raiseLast(step, lastLogP, logP);
        }
        lastLogP = fresh ? logP : Math.max(logP, lastLogP);
        last = best;
        return fresh;
    }

    @Override
    public boolean blank() {
        return last == Pieces.BLANK;
    }

    @Override
    public String tentative() {
        StringBuilder text = new StringBuilder();
        word.appendTo(text);
        return text.toString();
    }

    @Override
    public float tentativeConfidence() {
        return word.confidence();
    }

    @Override
    public boolean pause(WordSink sink) {
        boolean said = !word.isEmpty();
        word.finish(sink);
        return said;
    }

    @Override
    public void finish(WordSink sink) {
        word.finish(sink);
        reset();
    }

    @Override
    public void reset() {
        word.reset();
        last = Pieces.BLANK;
    }

    @Override
    public void save(DataOutputStream out) throws IOException {
        out.writeLong(1);
        word.save(out);
        out.writeInt(last);
        out.writeDouble(lastLogP);
    }

    @Override
    public void load(DataInputStream in) throws IOException {
        SavedState.expect(in, "beam", 1);
        word.load(in);
        last = in.readInt();
        lastLogP = in.readDouble();
    }
}
