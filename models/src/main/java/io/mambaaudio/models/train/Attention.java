package io.mambaaudio.models.train;

import io.mambaaudio.models.cpu.TrainingKernels;
import java.util.Arrays;

/**
 * Causal attention of one head over one sequence, with rotary positions (Su et al. 2021). Keys and values lie with time along a row,
 * (headDim, length), so that all places are computed side by side. The scores of one query at a time are there: memory grows with the length,
 * not with its square, and the backward pass computes them again.
 */
final class Attention {
    private static final double BASE = 10_000;

    private final int headDim;
    private final int length;
    private final float scale;
    private final float[] q; // (headDim, length), rotated
    private final float[] k;
    private final float[] v;
    private final float[] scores; // (length) of one query

    Attention(int headDim, int length) {
        this.headDim = headDim;
        this.length = length;
        this.scale = (float) (1 / Math.sqrt(headDim));
        this.q = new float[headDim * length];
        this.k = new float[headDim * length];
        this.v = new float[headDim * length];
        this.scores = new float[length];
    }

    /** Queries, keys and values of rows of {@code 3 dModel}; the head's first query is at {@code at}, its key dModel further. */
    void take(float[] qkv, int at, int dModel) {
        for (int t = 0; t < length; t++) {
            for (int d = 0; d < headDim; d++) {
                int from = at + t * 3 * dModel + d;
                q[d * length + t] = qkv[from];
                k[d * length + t] = qkv[from + dModel];
                v[d * length + t] = qkv[from + 2 * dModel];
            }
        }
        rotate(q, 1);
        rotate(k, 1);
    }

    /** Turns the pair of channels (2 i, 2 i + 1) at time t by {@code t BASE^(-2 i / headDim)}, or back. */
    private void rotate(float[] x, int direction) {
        for (int d = 0; d < headDim; d += 2) {
            double speed = direction * Math.pow(BASE, -d / (double) headDim);
            for (int t = 0; t < length; t++) {
                float cos = (float) Math.cos(t * speed);
                float sin = (float) Math.sin(t * speed);
                float a = x[d * length + t];
                float b = x[(d + 1) * length + t];
                x[d * length + t] = a * cos - b * sin;
                x[(d + 1) * length + t] = a * sin + b * cos;
            }
        }
    }

    /** Writes what the head answers at every time, to rows of {@code dModel}. */
    void forward(float[] out, int at, int dModel) {
        for (int t = 0; t < length; t++) {
            weigh(t);
            for (int d = 0; d < headDim; d++) {
                out[at + t * dModel + d] = TrainingKernels.dot(scores, 0, v, d * length, t + 1);
            }
        }
    }

    /** The softmax of the scores of a query. */
    private void weigh(int t) {
        Arrays.fill(scores, 0, t + 1, 0);
        for (int d = 0; d < headDim; d++) {
            TrainingKernels.addScaled(scale * q[d * length + t], k, d * length, scores, 0, t + 1);
        }
        TrainingKernels.softmax(scores, 0, t + 1);
    }

    /** From the gradient of what {@link #forward} wrote to that of the rows that {@link #take} read. */
    void backward(float[] dOut, int outAt, int dModel, float[] dQkv, int at) {
        float[] dq = new float[q.length];
        float[] dk = new float[q.length];
        float[] dv = new float[q.length];
        float[] dScores = new float[length];
        for (int t = 0; t < length; t++) {
            weigh(t);
            int n = t + 1;
            Arrays.fill(dScores, 0, n, 0);
            for (int d = 0; d < headDim; d++) {
                float up = dOut[outAt + t * dModel + d];
                TrainingKernels.addScaled(up, v, d * length, dScores, 0, n);
                TrainingKernels.addScaled(up, scores, 0, dv, d * length, n);
            }
            float mean = TrainingKernels.dot(scores, 0, dScores, 0, n);
            for (int i = 0; i < n; i++) {
                dScores[i] = scale * scores[i] * (dScores[i] - mean);
            }
            for (int d = 0; d < headDim; d++) {
                dq[d * length + t] = TrainingKernels.dot(dScores, 0, k, d * length, n);
                TrainingKernels.addScaled(q[d * length + t], dScores, 0, dk, d * length, n);
            }
        }
        rotate(dq, -1);
        rotate(dk, -1);
        for (int t = 0; t < length; t++) {
            for (int d = 0; d < headDim; d++) {
                int to = at + t * 3 * dModel + d;
                dQkv[to] = dq[d * length + t];
                dQkv[to + dModel] = dk[d * length + t];
                dQkv[to + 2 * dModel] = dv[d * length + t];
            }
        }
    }
}
