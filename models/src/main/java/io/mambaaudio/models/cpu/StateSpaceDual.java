package io.mambaaudio.models.cpu;

import static io.mambaaudio.models.cpu.VectorMath.F;

import io.mambaaudio.models.Parallel;
import io.mambaaudio.models.cpu.Gemm.View;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * Mamba-2's state space dual for training, over a chunk of time and one head, forwards and backwards, in its matrix form (Dao and Gu 2024,
 * section 6): with {@code s_i} the sum of {@code dt A} up to step i, {@code M_ij = exp(s_i - s_j)} for {@code j <= i},
 * {@code Y = (C B^T * M) (dt X) + exp(s) C h_0 + D X} and {@code h_1 = exp(s_last) h_0 + (exp(s_last - s) B)^T (dt X)}. No state of a single
 * step is ever made. One head's place to work, one pass at a time.
 */
public final class StateSpaceDual {
    private static final int LANES = F.length();

    private final int n;
    private final int p;
    private final Gemm gemm = new Gemm();
    private final float[] s; // (steps)
    private final float[] m; // (steps, steps): M
    private final float[] g; // (steps, steps): C B^T
    private final float[] w; // (steps, steps): their product; then the gradient of g
    private final float[] dtx; // (steps, p)
    private final float[] dDtx; // (steps, p)
    private final float[] scaled; // (steps, n)
    private final float[] fromState; // (steps, n)
    private final float[] dDecay; // (steps): the gradient of s

    /**
     * A place to work.
     *
     * @param steps of a chunk at most
     * @param n N
     * @param p channels of the head
     */
    public StateSpaceDual(int steps, int n, int p) {
        this.n = n;
        this.p = p;
        s = new float[steps];
        m = new float[steps * steps];
        g = new float[steps * steps];
        w = new float[steps * steps];
        dtx = new float[steps * p];
        dDtx = new float[steps * p];
        scaled = new float[steps * n];
        fromState = new float[steps * n];
        dDecay = new float[steps];
    }

    /** Memory it takes. */
    public long floats() {
        return 2L * s.length + 3L * m.length + 2L * dtx.length + 2L * scaled.length;
    }

    /**
     * One chunk's inputs; row t of each view is step t.
     *
     * @param steps how long the chunk is
     * @param a A of the head
     * @param d D of the head
     * @param dt (steps, 1)
     * @param x (steps, p)
     * @param b (steps, N)
     * @param c (steps, N)
     */
    public record Chunk(int steps, float a, float d, View dt, View x, View b, View c) {}

    /**
     * Forwards.
     *
     * @param h the state (N, p) from hAt, before and afterwards
     * @param y (steps, p), written
     */
    public void forward(Chunk in, float[] h, int hAt, View y) {
        int steps = in.steps;
        prepare(in);
        times(steps, p, steps, View.rows(w, 0, steps), View.rows(dtx, 0, p), y, false);
        scale(in.c, in, false);
        times(steps, p, n, View.rows(scaled, 0, n), View.rows(h, hAt, p), y, true);
        for (int t = 0; t < steps; t++) {
            for (int i = 0; i < p; i++) {
                y.data()[row(y, t) + i] += in.d * in.x.data()[row(in.x, t) + i];
            }
        }
        decay(h, hAt, steps);
        scale(in.b, in, true);
        times(n, p, steps, View.rows(scaled, 0, n).transposed(), View.rows(dtx, 0, p), View.rows(h, hAt, p), true);
    }

    /**
     * Where the gradients of a chunk go.
     *
     * @param h of the state after the chunk, and then of the one before it (N, p) from hAt
     * @param hAt where it begins
     * @param dt (steps, 1), written
     * @param x (steps, p), written
     * @param b this head's part (steps, N), written
     * @param c this head's part (steps, N), written
     * @param ad A and D of the head, added to
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared, never printed
    public record Gradients(float[] h, int hAt, View dt, View x, float[] b, float[] c, float[] ad) {}

    /**
     * Backwards.
     *
     * @param h the state before the chunk (N, p) from hAt
     * @param dy the gradient of y (steps, p)
     */
    public void backward(Chunk in, float[] h, int hAt, View dy, Gradients out) {
        int steps = in.steps;
        View state = View.rows(h, hAt, p);
        View dState = View.rows(out.h, out.hAt, p);
        prepare(in);
        times(steps, p, steps, View.rows(w, 0, steps).transposed(), dy, View.rows(dDtx, 0, p), false);
        scale(in.b, in, true);
        times(steps, p, n, View.rows(scaled, 0, n), dState, View.rows(dDtx, 0, p), true);
        times(steps, steps, p, dy, View.rows(dtx, 0, p).transposed(), View.rows(w, 0, steps), false);
        insideChunk(steps);
        View dG = View.rows(w, 0, steps);
        times(steps, n, steps, dG, in.b, View.rows(out.c, 0, n), false);
        times(steps, n, steps, dG.transposed(), in.c, View.rows(out.b, 0, n), false);

        times(steps, n, p, dy, state.transposed(), View.rows(fromState, 0, n), false);
        for (int t = 0; t < steps; t++) {
            dDecay[t] += addScaled((float) Math.exp(s[t]), t, in.c, out.c);
        }
        times(steps, n, p, View.rows(dtx, 0, p), dState.transposed(), View.rows(fromState, 0, n), false);
        float last = 0;
        for (int t = 0; t < steps; t++) {
            float carried = addScaled((float) Math.exp(s[steps - 1] - s[t]), t, in.b, out.b);
            dDecay[t] -= carried;
            last += carried;
        }
        last += (float) Math.exp(s[steps - 1]) * TrainingKernels.dot(h, hAt, out.h, out.hAt, n * p);
        dDecay[steps - 1] += last;
        decay(out.h, out.hAt, steps);
        scale(in.c, in, false);
        times(n, p, steps, View.rows(scaled, 0, n).transposed(), dy, dState, true);
        inputs(in, dy, out);
    }

    /** s, M, G, W and dt X. */
    private void prepare(Chunk in) {
        int steps = in.steps;
        float sum = 0;
        for (int t = 0; t < steps; t++) {
            float dt = in.dt.data()[row(in.dt, t)];
            sum += dt * in.a;
            s[t] = sum;
            for (int i = 0; i < p; i++) {
                dtx[t * p + i] = dt * in.x.data()[row(in.x, t) + i];
            }
        }
        times(steps, steps, n, in.c, in.b.transposed(), View.rows(g, 0, steps), false);
        for (int t = 0; t < steps; t++) {
            for (int j = 0; j < steps; j += LANES) {
                VectorMask<Float> inside = F.indexInRange(j, steps);
                VectorMask<Float> past = F.indexInRange(j, t + 1);
                FloatVector decay = VectorMath.exp(
                                FloatVector.fromArray(F, s, j, past).neg().add(s[t]))
                        .blend(0f, past.not());
                decay.intoArray(m, t * steps + j, inside);
                decay.mul(FloatVector.fromArray(F, g, t * steps + j, inside)).intoArray(w, t * steps + j, inside);
            }
        }
    }

    /** The gradient of W becomes that of G; what it says about s begins dDecay: the sum of a row less the sum of a column. */
    private void insideChunk(int steps) {
        Arrays.fill(dDecay, 0, steps, 0);
        for (int t = 0; t < steps; t++) {
            float sum = 0;
            for (int j = 0; j <= t; j++) {
                float dG = w[t * steps + j] * m[t * steps + j];
                float e = dG * g[t * steps + j];
                w[t * steps + j] = dG;
                dDecay[j] -= e;
                sum += e;
            }
            Arrays.fill(w, t * steps + t + 1, (t + 1) * steps, 0);
            dDecay[t] += sum;
        }
    }

    /** {@code to += factor fromState} in row t; the answer is its product with the row of {@code with}. */
    private float addScaled(float factor, int t, View with, float[] to) {
        float product = 0;
        int at = row(with, t);
        for (int i = 0; i < n; i++) {
            float d = factor * fromState[t * n + i];
            to[t * n + i] += d;
            product += d * with.data()[at + i];
        }
        return product;
    }

    /** From the gradients of s and of dt X to those of dt, A, X and D. */
    private void inputs(Chunk in, View dy, Gradients out) {
        float later = 0;
        for (int t = in.steps - 1; t >= 0; t--) {
            later += dDecay[t];
            float dt = in.dt.data()[row(in.dt, t)];
            int xAt = row(in.x, t);
            int dyAt = row(dy, t);
            int to = row(out.x, t);
            for (int i = 0; i < p; i++) {
                out.x.data()[to + i] = dt * dDtx[t * p + i] + in.d * dy.data()[dyAt + i];
            }
            float product = TrainingKernels.dot(dDtx, t * p, in.x.data(), xAt, p);
            out.dt.data()[row(out.dt, t)] = in.a * later + product;
            out.ad[0] += dt * later;
            out.ad[1] += TrainingKernels.dot(in.x.data(), xAt, dy.data(), dyAt, p);
        }
    }

    /** Rows of B or C times exp(s), or times exp(s_last - s). */
    private void scale(View rows, Chunk in, boolean toTheEnd) {
        for (int t = 0; t < in.steps; t++) {
            float factor = (float) Math.exp(toTheEnd ? s[in.steps - 1] - s[t] : s[t]);
            for (int i = 0; i < n; i++) {
                scaled[t * n + i] = factor * rows.data()[row(rows, t) + i];
            }
        }
    }

    private void decay(float[] h, int hAt, int steps) {
        float factor = (float) Math.exp(s[steps - 1]);
        for (int i = 0; i < n * p; i++) {
            h[hAt + i] *= factor;
        }
    }

    private static int row(View view, int t) {
        return view.at() + t * view.rowStride();
    }

    private void times(int rows, int columns, int depth, View a, View b, View c, boolean add) {
        gemm.multiply(rows, columns, depth, a, b, c.data(), c.at(), c.rowStride(), add, Parallel.SERIAL);
    }
}
