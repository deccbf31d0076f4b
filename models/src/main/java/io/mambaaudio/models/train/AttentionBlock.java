package io.mambaaudio.models.train;

import io.mambaaudio.models.cpu.Gemm.View;
import io.mambaaudio.models.cpu.TrainingKernels;
import java.util.List;

/**
 * A Transformer's block: {@code x += out(attention(qkv(norm(x)))); x += down(gelu(up(norm(x))))}. It stands beside Mamba's in experiments; no
 * session computes it.
 */
final class AttentionBlock implements Block {
    private static final int WIDER = 4;

    private final Compute compute;
    private final AttentionWeights w;
    private final int d;
    private int batch;
    private int length;
    private float[] x = {}; // (rows, d): the input, normed, what the heads answer
    private float[] u = {};
    private float[] answers = {};
    private float[] qkv = {}; // (rows, 3 d)
    private float[] middle = {}; // (rows, d): after the attention, and normed
    private float[] normed = {};
    private float[] wide = {}; // (rows, 4 d): before and after gelu
    private float[] act = {};
    private float[] change = {}; // (rows, d)
    private float[] dWide = {}; // (rows, 4 d); of it (rows, 3 d) for qkv

    AttentionBlock(Compute compute, AttentionWeights w) {
        this.compute = compute;
        this.w = w;
        this.d = w.dModel();
    }

    AttentionWeights weights() {
        return w;
    }

    @Override
    public List<Parameter> parameters() {
        return w.all();
    }

    @Override
    public void forward(float[] all, int batch, int length) {
        reserve(batch, length);
        int rows = batch * length;
        System.arraycopy(all, 0, x, 0, x.length);
        w.norm().forward(compute, rows, x, u);
        w.qkv().forward(compute, rows, View.rows(u, 0, d), qkv);
        heads((head, at, qkvAt) -> head.forward(answers, at, d));
        w.out().forward(compute, rows, View.rows(answers, 0, d), change);
        TrainingKernels.addScaled(1, change, 0, all, 0, all.length);
        System.arraycopy(all, 0, middle, 0, all.length);
        w.mlpNorm().forward(compute, rows, middle, normed);
        w.up().forward(compute, rows, View.rows(normed, 0, d), wide);
        int width = WIDER * d;
        compute.rows(
                rows, (from, to) -> TrainingKernels.gelu(wide, from * width, act, from * width, (to - from) * width));
        w.down().forward(compute, rows, View.rows(act, 0, width), change);
        TrainingKernels.addScaled(1, change, 0, all, 0, all.length);
    }

    @Override
    public void backward(float[] dx) {
        int rows = batch * length;
        int width = WIDER * d;
        w.down().backwardWeights(compute, rows, View.rows(act, 0, width), dx);
        w.down().backwardInput(compute, rows, dx, dWide, width, false);
        compute.rows(
                rows,
                (from, to) ->
                        TrainingKernels.geluBackward(wide, from * width, dWide, from * width, (to - from) * width));
        w.up().backwardWeights(compute, rows, View.rows(normed, 0, d), dWide);
        w.up().backwardInput(compute, rows, dWide, change, d, false);
        w.mlpNorm().backward(compute, rows, middle, change, dx, true);
        w.out().backwardWeights(compute, rows, View.rows(answers, 0, d), dx);
        w.out().backwardInput(compute, rows, dx, change, d, false);
        heads((head, at, qkvAt) -> head.backward(change, at, d, dWide, qkvAt));
        w.qkv().backwardWeights(compute, rows, View.rows(u, 0, d), dWide);
        w.qkv().backwardInput(compute, rows, dWide, change, d, false);
        w.norm().backward(compute, rows, x, change, dx, true);
    }

    @FunctionalInterface
    private interface HeadWork {
        void run(Attention head, int at, int qkvAt);
    }

    /** Every head of every sequence, which has taken its queries, keys and values. */
    private void heads(HeadWork work) {
        compute.parallel().run(batch * w.heads(), part -> {
            int first = part / w.heads() * length * d;
            int channel = part % w.heads() * w.headDim();
            Attention head = new Attention(w.headDim(), length);
            head.take(qkv, 3 * first + channel, d);
            work.run(head, first + channel, 3 * first + channel);
        });
    }

    private void reserve(int batch, int length) {
        int rows = batch * length;
        if (this.batch * this.length != rows) {
            x = new float[rows * d];
            u = new float[rows * d];
            answers = new float[rows * d];
            middle = new float[rows * d];
            normed = new float[rows * d];
            change = new float[rows * d];
            qkv = new float[rows * 3 * d];
            wide = new float[rows * WIDER * d];
            act = new float[rows * WIDER * d];
            dWide = new float[rows * WIDER * d];
        }
        this.batch = batch;
        this.length = length;
    }

    @Override
    public long activationBytes() {
        return 4L * (6L * x.length + qkv.length + 3L * wide.length);
    }
}
