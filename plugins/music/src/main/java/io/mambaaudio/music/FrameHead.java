package io.mambaaudio.music;

import io.mambaaudio.models.Checkpoint;
import java.util.Arrays;
import java.util.List;

/**
 * From the model's row to the next pair of frames: the density of {@code models/training/music/model.py}, sampled. Immutable.
 *
 * <p>A linear prediction from the last four frames, plus {@code unwhiten * z}. Of z, group after group is drawn from a mixture of
 * Gaussians: {@code h = silu(features + before * z so far)}, {@code parameters = mix * h + bias}: k logits, then k means, then k
 * logarithms of deviations, bent to ±3.
 */
final class FrameHead {
    static final int CONTEXT_FRAMES = 4;
    private static final float LOG_LIMIT = 3;

    private final int nMels;
    private final int pair; // 2 nMels
    private final int hidden;
    private final float[] mean; // (nMels)
    private final float[] scale; // (nMels)
    private final float[] base; // (pair, CONTEXT_FRAMES * nMels)
    private final float[] baseBias; // (pair)
    private final float[] unwhiten; // (pair, pair)
    private final Group[] groups;
    private final float lowest; // log-mel values
    private final float highest;

    /**
     * One group of coefficients.
     *
     * @param at its first coefficient
     * @param n coefficients
     * @param k components
     * @param before (hidden, at)
     * @param mix (k (1 + 2 n), hidden)
     * @param bias (k (1 + 2 n))
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared, never printed
    private record Group(int at, int n, int k, float[] before, float[] mix, float[] bias) {}

    FrameHead(Checkpoint checkpoint, int nMels, MusicShape shape, float lowest, float highest) {
        this.nMels = nMels;
        this.pair = 2 * nMels;
        this.hidden = shape.hidden();
        this.lowest = lowest;
        this.highest = highest;
        this.mean = HeadTensors.vector(checkpoint, "frontend.mean", nMels);
        this.scale = HeadTensors.vector(checkpoint, "frontend.scale", nMels);
        this.base = HeadTensors.matrix(checkpoint, "music.base.weight", pair, CONTEXT_FRAMES * nMels);
        this.baseBias = HeadTensors.vector(checkpoint, "music.base.bias", pair);
        this.unwhiten = HeadTensors.matrix(checkpoint, "music.unwhiten", pair, pair);
        this.groups = new Group[shape.groups().size()];
        int at = 0;
        for (int g = 0; g < groups.length; g++) {
            int n = shape.groups().get(g);
            int k = shape.components().get(g);
            int rows = k * (1 + 2 * n);
            String name = "music.groups." + g + ".";
            groups[g] = new Group(
                    at,
                    n,
                    k,
                    at == 0 ? new float[0] : HeadTensors.matrix(checkpoint, name + "before", hidden, at),
                    HeadTensors.matrix(checkpoint, name + "mix", rows, hidden),
                    HeadTensors.vector(checkpoint, name + "bias", rows));
            at += n;
        }
    }

    /** Where chance comes from. */
    interface Draws {
        /** One of {@code count} components by their logits. */
        int component(float[] logits, int count);

        /** How many deviations from the mean. */
        double deviations();

        /** Whether something of this probability happens. */
        boolean happens(double probability);
    }

    /** The most that is chosen from. */
    int maxComponents() {
        return Arrays.stream(groups).mapToInt(Group::k).max().orElse(1);
    }

    /** Work space of one stream. */
    Scratch scratch() {
        int most = maxComponents();
        return new Scratch(new float[CONTEXT_FRAMES * nMels], new float[pair], new float[hidden], new float[most]);
    }

    /**
     * What one stream works in.
     *
     * @param past (CONTEXT_FRAMES, nMels) normalised
     * @param z (pair)
     * @param h (hidden)
     * @param logits (components)
     */
    @SuppressWarnings("ArrayRecordComponent")
    record Scratch(float[] past, float[] z, float[] h, float[] logits) {}

    /**
     * Draws the next pair.
     *
     * @param features what the model said after the last pair, with the notes told ({@link NoteHead#sound})
     * @param frames (CONTEXT_FRAMES, nMels) the last log-mel frames, oldest first
     * @param out (2, nMels) log-mel frames, within the range of frames
     */
    void draw(float[] features, float[] frames, Draws draws, Scratch s, float[] out) {
        for (int i = 0; i < s.past.length; i++) {
            s.past[i] = (frames[i] - mean[i % nMels]) * scale[i % nMels];
        }
        for (int g = 0; g < groups.length; g++) {
            drawGroup(groups[g], features, g * hidden, draws, s);
        }
        for (int i = 0; i < pair; i++) {
            float value = baseBias[i]
                    + HeadTensors.dot(base, i * s.past.length, s.past, s.past.length)
                    + HeadTensors.dot(unwhiten, i * pair, s.z, pair);
            out[i] = value >= lowest ? Math.min(value, highest) : lowest; // NaN, too: the model takes finite frames
        }
    }

    private void drawGroup(Group g, float[] features, int at, Draws draws, Scratch s) {
        for (int i = 0; i < hidden; i++) {
            s.h[i] = features[at + i] + HeadTensors.dot(g.before, i * g.at, s.z, g.at);
        }
        HeadTensors.silu(s.h, hidden);
        for (int c = 0; c < g.k; c++) {
            s.logits[c] = g.bias[c] + HeadTensors.dot(g.mix, c * hidden, s.h, hidden);
        }
        int chosen = draws.component(s.logits, g.k);
        int means = g.k + chosen * g.n;
        int logs = g.k + g.k * g.n + chosen * g.n;
        for (int i = 0; i < g.n; i++) {
            float mu = g.bias[means + i] + HeadTensors.dot(g.mix, (means + i) * hidden, s.h, hidden);
            float bent = g.bias[logs + i] + HeadTensors.dot(g.mix, (logs + i) * hidden, s.h, hidden);
            double sigma = StrictMath.exp(LOG_LIMIT * StrictMath.tanh(bent / LOG_LIMIT));
            s.z[g.at + i] = mu + (float) (sigma * draws.deviations());
        }
    }

    /**
     * The sizes that {@code mamba_audio.music} names.
     *
     * @param groups coefficients of each group
     * @param components of each group's mixture
     * @param hidden width of a group's features
     * @param noteHidden width of what notes are drawn from
     * @param soundHidden width of what notes do to the features
     * @param pitches notes that the model names
     * @param lowestPitch MIDI number of the first
     */
    record MusicShape(
            List<Integer> groups,
            List<Integer> components,
            int hidden,
            int noteHidden,
            int soundHidden,
            int pitches,
            int lowestPitch) {
        int rowSize() {
            return featureSize() + 3 * pitches + noteHidden + soundHidden;
        }

        int featureSize() {
            return groups.size() * hidden;
        }
    }
}
