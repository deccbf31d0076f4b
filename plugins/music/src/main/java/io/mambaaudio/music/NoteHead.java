package io.mambaaudio.music;

import io.mambaaudio.models.Checkpoint;
import io.mambaaudio.music.FrameHead.Draws;
import io.mambaaudio.music.FrameHead.MusicShape;

/**
 * From the model's row to the notes that begin in the next step, and from these to the features that the sound is drawn from: {@code
 * sample_notes} and {@code features} of {@code models/training/music/model.py}. Immutable.
 *
 * <p>Whether notes begin at all, which is the lowest, and then, going up, which of the others: {@code h = silu(row + in * notes of the two
 * steps before)}, {@code logits = out * h + bias}, one set for the lowest, one for those above. The features of the sound are those of the
 * row and {@code out * silu(row + in * notes of this step and the one before)}.
 */
final class NoteHead {
    private final int pitches;
    private final int noteHidden;
    private final int soundHidden;
    private final int featureSize;
    private final float[] noteIn; // (2 pitches + 1, noteHidden): two steps, and a row for "these are known"
    private final float[] noteOut; // (2 pitches, noteHidden)
    private final float[] noteBias; // (2 pitches)
    private final float[] mix; // (pitches, pitches), strictly lower: what a note below adds
    private final float[] soundIn; // (2 pitches + 1, soundHidden)
    private final float[] soundOut; // (featureSize, soundHidden)

    NoteHead(Checkpoint checkpoint, MusicShape shape) {
        pitches = shape.pitches();
        noteHidden = shape.noteHidden();
        soundHidden = shape.soundHidden();
        featureSize = shape.featureSize();
        int told = 2 * pitches + 1;
        noteIn = turned(HeadTensors.matrix(checkpoint, "music.notes.in", noteHidden, told), noteHidden, told);
        noteOut = HeadTensors.matrix(checkpoint, "music.notes.out", 2 * pitches, noteHidden);
        noteBias = HeadTensors.vector(checkpoint, "music.notes.bias", 2 * pitches);
        mix = HeadTensors.matrix(checkpoint, "music.notes.mix", pitches, pitches);
        soundIn = turned(HeadTensors.matrix(checkpoint, "music.sound.in", soundHidden, told), soundHidden, told);
        soundOut = HeadTensors.matrix(checkpoint, "music.sound.out", featureSize, soundHidden);
    }

    /** So that the column of a note lies in one piece. */
    private static float[] turned(float[] matrix, int rows, int columns) {
        float[] turned = new float[matrix.length];
        for (int r = 0; r < rows; r++) {
            for (int c = 0; c < columns; c++) {
                turned[c * rows + r] = matrix[r * columns + c];
            }
        }
        return turned;
    }

    /** Work space of one stream. */
    Scratch scratch() {
        return new Scratch(
                new float[Math.max(noteHidden, soundHidden)],
                new float[2 * pitches],
                new float[pitches],
                new float[featureSize]);
    }

    /**
     * What one stream works in.
     *
     * @param h (hidden)
     * @param logits (2 pitches)
     * @param lowest (pitches) log shares of each pitch to be the lowest
     * @param features (featureSize) what {@link #sound} leaves
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared, never printed
    record Scratch(float[] h, float[] logits, float[] lowest, float[] features) {}

    /**
     * Draws the notes that begin in the next step.
     *
     * @param row what the model said after the last pair
     * @param before (pitches) 1 where a note began in the newest step
     * @param earlier (pitches) and in the step before it
     * @param known whether these are known
     * @param taste what is preferred
     * @param temperature of those notes of a chord that are not the lowest; the others are for {@code draws} to know
     * @param begin (pitches) gets 1 where a note begins, else 0
     */
    void draw(
            float[] row,
            float[] before,
            float[] earlier,
            boolean known,
            Taste taste,
            float temperature,
            Draws draws,
            Scratch s,
            float[] begin) {
        tell(row, featureSize + 3 * pitches, noteIn, noteHidden, before, earlier, known, s.h);
        for (int i = 0; i < 2 * pitches; i++) {
            s.logits[i] = noteBias[i] + HeadTensors.dot(noteOut, i * noteHidden, s.h, noteHidden);
        }
        double noneOfAll = 0; // log probability; taste in pitches does not change how often notes begin
        double noneBelow = 0;
        for (int p = 0; p < pitches; p++) {
            noneOfAll -= softplus(s.logits[p]);
            double logit = s.logits[p] + taste.leaning(p);
            s.lowest[p] = (float) (noneBelow - softplus(-logit));
            noneBelow -= softplus(logit);
            begin[p] = 0;
        }
        if (draws.happens(taste.timed(1 - StrictMath.exp(noneOfAll)))) {
            chord(draws.component(s.lowest, pitches), taste, temperature, draws, s, begin);
        }
    }

    private void chord(int lowest, Taste taste, float temperature, Draws draws, Scratch s, float[] begin) {
        begin[lowest] = 1;
        for (int p = lowest + 1; p < pitches; p++) {
            double logit = s.logits[pitches + p] + taste.leaning(p) + HeadTensors.dot(mix, p * pitches, begin, p);
            if (draws.happens(1 / (1 + StrictMath.exp(-logit / Math.max(temperature, 1e-3))))) {
                begin[p] = 1;
            }
        }
    }

    /** The features of the sound in which just these notes begin. */
    void sound(float[] row, float[] begin, float[] before, Scratch s) {
        tell(row, featureSize + 3 * pitches + noteHidden, soundIn, soundHidden, begin, before, true, s.h);
        for (int i = 0; i < featureSize; i++) {
            s.features[i] = row[i] + HeadTensors.dot(soundOut, i * soundHidden, s.h, soundHidden);
        }
    }

    /** h = silu(row + in * (newer, older, known)) */
    private void tell(
            float[] row, int at, float[] in, int hidden, float[] newer, float[] older, boolean known, float[] h) {
        System.arraycopy(row, at, h, 0, hidden);
        if (known) {
            add(in, 2 * pitches * hidden, h, hidden);
            for (int p = 0; p < pitches; p++) {
                if (newer[p] != 0) {
                    add(in, p * hidden, h, hidden);
                }
                if (older[p] != 0) {
                    add(in, (pitches + p) * hidden, h, hidden);
                }
            }
        }
        HeadTensors.silu(h, hidden);
    }

    private static void add(float[] from, int at, float[] to, int count) {
        for (int i = 0; i < count; i++) {
            to[i] += from[at + i];
        }
    }

    private static double softplus(double x) {
        return x > 30 ? x : StrictMath.log1p(StrictMath.exp(x));
    }
}
