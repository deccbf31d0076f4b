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
        this.mean = tensor(checkpoint, "frontend.mean", nMels);
        this.scale = tensor(checkpoint, "frontend.scale", nMels);
        this.base = tensor(checkpoint, "music.base.weight", (long) pair * CONTEXT_FRAMES * nMels);
        this.baseBias = tensor(checkpoint, "music.base.bias", pair);
        this.unwhiten = tensor(checkpoint, "music.unwhiten", (long) pair * pair);
        this.groups = new Group[shape.groups().size()];
        int at = 0;
        for (int g = 0; g < groups.length; g++) {
            int n = shape.groups().get(g);
            int k = shape.components().get(g);
            long rows = k * (1 + 2L * n);
            String name = "music.groups." + g + ".";
            groups[g] = new Group(
                    at,
                    n,
                    k,
                    at == 0 ? new float[0] : tensor(checkpoint, name + "before", (long) hidden * at),
                    tensor(checkpoint, name + "mix", rows * hidden),
                    tensor(checkpoint, name + "bias", rows));
            at += n;
        }
    }

    private static float[] tensor(Checkpoint checkpoint, String name, long size) {
        float[] values = checkpoint.floats(name);
        if (values.length != size) {
            throw new MusicException(checkpoint.path() + ": " + name + " has " + values.length + " values, expected "
                    + size + "; export the model again");
        }
        return values;
    }

    /** Where chance comes from. */
    interface Draws {
        /** One of {@code count} components by their logits. */
        int component(float[] logits, int count);

        /** How many deviations from the mean. */
        double deviations();
    }

    /** Work space of one stream. */
    Scratch scratch() {
        int most = Arrays.stream(groups).mapToInt(Group::k).max().orElse(1);
        return new Scratch(
                new float[CONTEXT_FRAMES * nMels], new float[pair], new float[hidden], new float[most], most);
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
    record Scratch(float[] past, float[] z, float[] h, float[] logits, int maxComponents) {}

    /**
     * Draws the next pair.
     *
     * @param row what the model said after the last pair: features first
     * @param frames (CONTEXT_FRAMES, nMels) the last log-mel frames, oldest first
     * @param out (2, nMels) log-mel frames, within the range of frames
     */
    void draw(float[] row, float[] frames, Draws draws, Scratch s, float[] out) {
        for (int i = 0; i < s.past.length; i++) {
            s.past[i] = (frames[i] - mean[i % nMels]) * scale[i % nMels];
        }
        for (int g = 0; g < groups.length; g++) {
            drawGroup(groups[g], row, g * hidden, draws, s);
        }
        for (int i = 0; i < pair; i++) {
            float value = baseBias[i]
                    + dot(base, i * s.past.length, s.past, s.past.length)
                    + dot(unwhiten, i * pair, s.z, pair);
            out[i] = value >= lowest ? Math.min(value, highest) : lowest; // NaN, too: the model takes finite frames
        }
    }

    private void drawGroup(Group g, float[] row, int at, Draws draws, Scratch s) {
        for (int i = 0; i < hidden; i++) {
            float x = row[at + i] + dot(g.before, i * g.at, s.z, g.at);
            s.h[i] = x / (1 + (float) StrictMath.exp(-x));
        }
        for (int c = 0; c < g.k; c++) {
            s.logits[c] = g.bias[c] + dot(g.mix, c * hidden, s.h, hidden);
        }
        int chosen = draws.component(s.logits, g.k);
        int means = g.k + chosen * g.n;
        int logs = g.k + g.k * g.n + chosen * g.n;
        for (int i = 0; i < g.n; i++) {
            float mu = g.bias[means + i] + dot(g.mix, (means + i) * hidden, s.h, hidden);
            float bent = g.bias[logs + i] + dot(g.mix, (logs + i) * hidden, s.h, hidden);
            double sigma = StrictMath.exp(LOG_LIMIT * StrictMath.tanh(bent / LOG_LIMIT));
            s.z[g.at + i] = mu + (float) (sigma * draws.deviations());
        }
    }

    /** Eight sums at a time: one would wait for each addition. */
    private static float dot(float[] w, int at, float[] x, int count) {
        float s0 = 0;
        float s1 = 0;
        float s2 = 0;
        float s3 = 0;
        float s4 = 0;
        float s5 = 0;
        float s6 = 0;
        float s7 = 0;
        int i = 0;
        for (; i + 8 <= count; i += 8) {
            s0 += w[at + i] * x[i];
            s1 += w[at + i + 1] * x[i + 1];
            s2 += w[at + i + 2] * x[i + 2];
            s3 += w[at + i + 3] * x[i + 3];
            s4 += w[at + i + 4] * x[i + 4];
            s5 += w[at + i + 5] * x[i + 5];
            s6 += w[at + i + 6] * x[i + 6];
            s7 += w[at + i + 7] * x[i + 7];
        }
        for (; i < count; i++) {
            s0 += w[at + i] * x[i];
        }
        return ((s0 + s4) + (s1 + s5)) + ((s2 + s6) + (s3 + s7));
    }

    /**
     * The sizes that {@code mamba_audio.music} names.
     *
     * @param groups coefficients of each group
     * @param components of each group's mixture
     * @param hidden width of a group's features
     * @param pitches notes that the model names
     * @param lowestPitch MIDI number of the first
     */
    record MusicShape(List<Integer> groups, List<Integer> components, int hidden, int pitches, int lowestPitch) {
        int featureSize() {
            return groups.size() * hidden;
        }
    }
}
