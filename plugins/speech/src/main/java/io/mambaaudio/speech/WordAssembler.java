package io.mambaaudio.speech;

import io.mambaaudio.speech.CtcDecoder.WordSink;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Puts words together from pieces that will not change any more. Holds one unfinished word of at most {@link #MAX_LETTERS} letters;
 * a longer one, which no language has, is cut, so that memory stays fixed.
 */
final class WordAssembler implements SavedState.Part {
    static final int MAX_LETTERS = 128;

    private final Pieces pieces;
    private final char[] letters = new char[MAX_LETTERS];
    private int length;
    private int count;
    private long firstStep;
    private long lastStep;
    private double logPosterior;
    private float bestFinished;

    WordAssembler(Pieces pieces) {
        this.pieces = pieces;
    }

    /** Takes the next piece, with the step and the natural logarithm of its posterior there. Without a sink, words are not made. */
    void add(int piece, long step, double logP, @Nullable WordSink sink) {
        char[] text = pieces.letters(piece);
        if (pieces.startsWord(piece) || length + text.length > MAX_LETTERS) {
            finish(sink);
        }
        int n = Math.min(text.length, MAX_LETTERS - length);
        System.arraycopy(text, 0, letters, length, n);
        length += n;
        lastStep = Math.max(lastStep, step); // peaks of a beam may lie the wrong way round; words never do
        if (count == 0) {
            firstStep = lastStep;
        }
        count++;
        logPosterior += logP;
    }

    /** Lets the unfinished word out, if there is one. */
    void finish(@Nullable WordSink sink) {
        if (length > 0) {
            float confidence = confidence();
            bestFinished = Math.max(bestFinished, confidence);
            if (sink != null) {
                sink.accept(new String(letters, 0, length), firstStep, lastStep, confidence);
            }
        }
        clearWord();
    }

    /** Raises the last piece's posterior, when a later step of the same run of it is more certain. */
    void raiseLast(long step, double oldLogP, double newLogP) {
        logPosterior += newLogP - oldLogP;
        lastStep = step;
        if (count == 1) {
            firstStep = step;
        }
    }

    boolean isEmpty() {
        return length == 0;
    }

    void appendTo(StringBuilder text) {
        text.append(letters, 0, length);
    }

    /** Of the unfinished word, 0 if there is none. */
    float confidence() {
        return length == 0 ? 0 : (float) Math.exp(Math.min(0, logPosterior / count));
    }

    /** Of the most certain word since the last reset or copy, the unfinished one included. */
    float bestConfidence() {
        return Math.max(bestFinished, confidence());
    }

    void reset() {
        clearWord();
        bestFinished = 0;
        lastStep = 0;
    }

    void copyFrom(WordAssembler other) {
        System.arraycopy(other.letters, 0, letters, 0, other.length);
        length = other.length;
        count = other.count;
        firstStep = other.firstStep;
        lastStep = other.lastStep;
        logPosterior = other.logPosterior;
        bestFinished = 0;
    }

    @Override
    public void save(DataOutputStream out) throws IOException {
        out.writeUTF(new String(letters, 0, length));
        out.writeInt(count);
        out.writeLong(firstStep);
        out.writeLong(lastStep);
        out.writeDouble(logPosterior);
        out.writeFloat(bestFinished);
    }

    @Override
    public void load(DataInputStream in) throws IOException {
        String word = in.readUTF();
        length = Math.min(word.length(), MAX_LETTERS);
        word.getChars(0, length, letters, 0);
        count = in.readInt();
        firstStep = in.readLong();
        lastStep = in.readLong();
        logPosterior = in.readDouble();
        bestFinished = in.readFloat();
    }

    private void clearWord() {
        length = 0;
        count = 0;
        logPosterior = 0;
    }
}
