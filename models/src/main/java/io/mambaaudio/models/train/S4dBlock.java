package io.mambaaudio.models.train;

import io.mambaaudio.models.cpu.Gemm.View;
import io.mambaaudio.models.cpu.S4dScan;
import io.mambaaudio.models.cpu.TrainingKernels;
import java.util.Arrays;
import java.util.List;

/**
 * An S4D block: norm, the recurrence, GELU, out_proj, a gated linear unit. Of the forward pass stay its input and the states at the chunks'
 * boundaries; the backward pass computes all else again, chunk by chunk. It trains by the recurrence, which on a core takes a fraction of the
 * time of the convolution.
 */
final class S4dBlock implements Block {
    private static final int BLOCK = S4dScan.BLOCK;

    private final Compute compute;
    private final S4dWeights w;
    private final int d; // dModel
    private final int blocks; // of channels
    private final int size; // one part's state (pairs, 2, BLOCK)
    private final S4dScan.Discrete[] systems;

    private Chunks chunks = new Chunks(0, 0, 1);
    private float[] input = {}; // (batch, length, d)
    private float[][] states = {}; // at the start of each chunk (batch, blocks, pairs, 2, BLOCK)
    private float[] x = {}; // of a chunk (rows, d): the input, normed, after the recurrence, after GELU
    private float[] u = {};
    private float[] y = {};
    private float[] act = {};
    private float[] ab = {}; // (rows, 2 d), and its gradient
    private float[] dAb = {};
    private float[] out = {}; // (rows, d), and gradients on their way
    private float[] dRow = {};
    private float[][] h = {}; // each part's states of a chunk (steps + 1, pairs, 2, BLOCK)

    S4dBlock(Compute compute, S4dWeights w) {
        this.compute = compute;
        this.w = w;
        this.d = w.channels();
        this.blocks = Math.ceilDiv(d, BLOCK);
        this.size = w.pairs() * 2 * BLOCK;
        this.systems = systems();
    }

    private S4dScan.Discrete[] systems() {
        S4dScan.Discrete[] all = new S4dScan.Discrete[blocks];
        Arrays.setAll(all, i -> S4dScan.Discrete.of(w.pairs()));
        return all;
    }

    @Override
    public List<Parameter> parameters() {
        return w.all();
    }

    @Override
    public void forward(float[] all, int batch, int length) {
        reserve(batch, length);
        System.arraycopy(all, 0, input, 0, input.length);
        w.discretise(systems);
        float[] state = new float[batch * blocks * size];
        for (int i = 0; i < chunks.count(); i++) {
            states[i] = state.clone();
            compute(i, state);
            chunks.add(i, out, d, all);
        }
    }

    /** One chunk, from x to out; the state moves on. */
    private void compute(int i, float[] state) {
        int rows = rows(i);
        chunks.gather(i, input, d, x);
        w.norm().forward(compute, rows, x, u);
        scan(chunks.steps(i), state);
        compute.rows(rows, (from, to) -> TrainingKernels.gelu(y, from * d, act, from * d, (to - from) * d));
        w.outProj().forward(compute, rows, View.rows(act, 0, d), ab);
        compute.rows(rows, (from, to) -> {
            for (int r = from; r < to; r++) {
                TrainingKernels.glu(ab, r * 2 * d, out, r * d, d);
            }
        });
    }

    private void scan(int steps, float[] state) {
        compute.parallel().run(parts(), part -> {
            float[] ys = new float[steps * BLOCK];
            System.arraycopy(state, part * size, h[part], 0, size);
            S4dScan.forward(systems[part % blocks], steps, gather(u, part, steps), h[part], ys);
            System.arraycopy(h[part], steps * size, state, part * size, size);
            scatter(ys, part, steps, y);
        });
    }

    @Override
    public void backward(float[] dx) {
        float[][] g = new float[parts()][size]; // each part's gradient of the state
        S4dScan.Discrete[] gradients = new S4dScan.Discrete[parts()];
        Arrays.setAll(gradients, i -> S4dScan.Discrete.of(w.pairs()));
        for (int i = chunks.count() - 1; i >= 0; i--) {
            compute(i, states[i].clone());
            chunks.gather(i, dx, d, out);
            backward(rows(i), chunks.steps(i), g, gradients);
            chunks.add(i, out, d, dx);
        }
        w.gradients(sums(gradients));
    }

    /** From the gradient of the chunk's output to that of its input, in out. */
    private void backward(int rows, int steps, float[][] g, S4dScan.Discrete[] gradients) {
        compute.rows(rows, (from, to) -> {
            for (int r = from; r < to; r++) {
                TrainingKernels.gluBackward(ab, r * 2 * d, out, r * d, dAb, r * 2 * d, d);
            }
        });
        w.outProj().backwardWeights(compute, rows, View.rows(act, 0, d), dAb);
        w.outProj().backwardInput(compute, rows, dAb, dRow, d, false);
        compute.rows(rows, (from, to) -> TrainingKernels.geluBackward(y, from * d, dRow, from * d, (to - from) * d));
        compute.parallel().run(parts(), part -> {
            float[] du = new float[steps * BLOCK];
            S4dScan.backward(
                    systems[part % blocks],
                    steps,
                    gather(u, part, steps),
                    h[part],
                    gather(dRow, part, steps),
                    g[part],
                    gradients[part],
                    du);
            scatter(du, part, steps, dRow);
        });
        w.norm().backward(compute, rows, x, dRow, out, false);
    }

    /** Over the sequences, in their order. */
    private S4dScan.Discrete[] sums(S4dScan.Discrete[] gradients) {
        S4dScan.Discrete[] sums = systems();
        for (int part = 0; part < gradients.length; part++) {
            S4dScan.Discrete from = gradients[part];
            S4dScan.Discrete to = sums[part % blocks];
            TrainingKernels.addScaled(1, from.aRe(), 0, to.aRe(), 0, to.aRe().length);
            TrainingKernels.addScaled(1, from.aIm(), 0, to.aIm(), 0, to.aIm().length);
            TrainingKernels.addScaled(1, from.cRe(), 0, to.cRe(), 0, to.cRe().length);
            TrainingKernels.addScaled(1, from.cIm(), 0, to.cIm(), 0, to.cIm().length);
            TrainingKernels.addScaled(1, from.d(), 0, to.d(), 0, BLOCK);
        }
        return sums;
    }

    private int parts() {
        return chunks.batch() * blocks;
    }

    private int rows(int chunk) {
        return chunks.batch() * chunks.steps(chunk);
    }

    /** A block's columns of a sequence's rows, (steps, BLOCK), zeros beyond the last channel. */
    private float[] gather(float[] rows, int part, int steps) {
        float[] to = new float[steps * BLOCK];
        int first = part % blocks * BLOCK;
        int columns = Math.min(BLOCK, d - first);
        for (int t = 0; t < steps; t++) {
            System.arraycopy(rows, (part / blocks * steps + t) * d + first, to, t * BLOCK, columns);
        }
        return to;
    }

    private void scatter(float[] block, int part, int steps, float[] rows) {
        int first = part % blocks * BLOCK;
        int columns = Math.min(BLOCK, d - first);
        for (int t = 0; t < steps; t++) {
            System.arraycopy(block, t * BLOCK, rows, (part / blocks * steps + t) * d + first, columns);
        }
    }

    private void reserve(int batch, int length) {
        if (chunks.batch() == batch && chunks.length() == length) {
            return;
        }
        chunks = Chunks.of(batch, length, compute.mostSteps());
        int rows = chunks.rows();
        input = new float[batch * length * d];
        states = new float[chunks.count()][];
        x = new float[rows * d];
        u = new float[rows * d];
        y = new float[rows * d];
        act = new float[rows * d];
        ab = new float[rows * 2 * d];
        dAb = new float[rows * 2 * d];
        out = new float[rows * d];
        dRow = new float[rows * d];
        h = new float[parts()][(chunks.most() + 1) * size];
    }

    @Override
    public long activationBytes() {
        long floats = input.length + 6L * x.length + 2L * ab.length;
        floats += (long) chunks.count() * parts() * size + (long) parts() * (chunks.most() + 1) * size;
        return 4 * floats;
    }
}
