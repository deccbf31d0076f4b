package io.mambaaudio.models.cpu;

import io.mambaaudio.models.MambaConfig;
import io.mambaaudio.models.backend.Layer;

/** One residual block over some rows: {@code x += mixer(norm(x))}. The residual x stays float32, whatever the weights are. */
final class Blocks {
    private static final float[] NONE = Layer.NONE;

    private Blocks() {}

    /**
     * Moves the rows through a block.
     *
     * @param at where in the states the layer's part begins
     * @param rows have x in {@code rows.x}
     */
    static void forward(Layer layer, MambaConfig c, Kernels k, int at, Rows rows) {
        switch (layer) {
            case Layer.Mamba1 w -> forward(w, c, k, at, rows);
            case Layer.Mamba2 w -> forward(w, c, k, at, rows);
            case Layer.S4d w -> forward(w, c, k, at, rows);
        }
    }

    /** Mamba-1: Gu and Dao 2023, as Hugging Face's {@code MambaMixer} computes it. */
    private static void forward(Layer.Mamba1 w, MambaConfig c, Kernels k, int at, Rows s) {
        int n = s.count;
        int dInner = c.dInner();
        int ssmAt = at + (c.dConv() - 1) * dInner;

        k.rmsNorm(s.x, w.norm(), c.normEps(), s.u, n);
        k.matMul(w.inProj(), w.inBias(), s.u, 0, c.dModel(), s.projected, 0, n, s.panel); // x (dInner), z (dInner)
        conv(w.convWeight(), w.convBias(), dInner, 2 * dInner, 0, k, at, s);
        k.matMul(w.xProj(), NONE, s.conv, 0, dInner, s.dtBC, 0, n, s.panel); // dt (dtRank), B (N), C (N)
        k.matMul(w.dtProj(), w.dtBias(), s.dtBC, 0, c.dtRank() + 2 * c.dState(), s.dt, 0, n, s.panel);
        k.timeStep(s.dt, dInner, 0, NONE, 0, Float.POSITIVE_INFINITY, s.dt, dInner, n);
        for (int from = 0, to; from < n; from = to) {
            to = s.inSequence ? n : from + 1;
            float[] state = s.states[from];
            k.selective(w.a(), w.d(), s.dt, s.conv, s.dtBC, c.dtRank(), c.dState(), state, ssmAt, s.y, from, to);
        }
        k.gate(s.y, dInner, s.projected, 2 * dInner, dInner, n);
        k.matMul(w.outProj(), w.outBias(), s.y, 0, dInner, s.u, 0, n, s.panel);
        k.add(s.x, s.u, n * c.dModel());
    }

    /** Mamba-2: Dao and Gu 2024, as Hugging Face's {@code Mamba2Mixer} computes it, the gated norm after the gate. */
    private static void forward(Layer.Mamba2 w, MambaConfig c, Kernels k, int at, Rows s) {
        int n = s.count;
        int dInner = c.dInner();
        int convDim = c.convDim();
        int nHeads = c.nHeads();
        int projected = dInner + convDim + nHeads;
        int ssmAt = at + (c.dConv() - 1) * convDim;

        k.rmsNorm(s.x, w.norm(), c.normEps(), s.u, n);
        k.matMul(
                w.inProj(),
                w.inBias(),
                s.u,
                0,
                c.dModel(),
                s.projected,
                0,
                n,
                s.panel); // z, xBC (convDim), dt (nHeads)
        conv(w.convWeight(), w.convBias(), convDim, projected, dInner, k, at, s);
        float least = c.timeStepMin();
        k.timeStep(s.projected, projected, dInner + convDim, w.dtBias(), least, c.timeStepMax(), s.dt, nHeads, n);
        for (int i = 0; i < n * nHeads; i++) {
            s.decay[i] = (float) Math.exp(s.dt[i] * w.a()[i % nHeads]);
        }
        for (int from = 0, to; from < n; from = to) {
            to = s.inSequence ? n : from + 1;
            k.dual(s.heads, s.decay, s.dt, w.d(), s.conv, s.states[from], ssmAt, s.y, from, to);
        }
        k.gate(s.y, dInner, s.projected, projected, 0, n);
        k.rmsNorm(s.y, w.gatedNorm(), c.normEps(), s.y, n);
        k.matMul(w.outProj(), w.outBias(), s.y, 0, dInner, s.u, 0, n, s.panel);
        k.add(s.x, s.u, n * c.dModel());
    }

    /** S4D: Gu, Goel, Gupta and Ré 2022, in a block as its published code has it: the recurrence, GELU, a gated linear unit. */
    private static void forward(Layer.S4d w, MambaConfig c, Kernels k, int at, Rows s) {
        int n = s.count;
        int dModel = c.dModel();

        k.rmsNorm(s.x, w.norm(), c.normEps(), s.u, n);
        for (int from = 0, to; from < n; from = to) {
            to = s.inSequence ? n : from + 1;
            k.diagonal(w.aRe(), w.aIm(), w.cRe(), w.cIm(), w.d(), s.u, s.states[from], at, s.y, from, to);
        }
        k.gelu(s.y, dModel, n);
        k.matMul(w.outProj(), w.outBias(), s.y, 0, dModel, s.projected, 0, n, s.panel); // a (dModel), b (dModel)
        k.glu(s.projected, s.u, dModel, n);
        k.add(s.x, s.u, n * dModel);
    }

    /** Row by row, since a state moves on with every one. */
    private static void conv(
            float[] weight, float[] bias, int channels, int inLength, int inAt, Kernels k, int at, Rows s) {
        for (int i = 0; i < s.count; i++) {
            k.conv(weight, bias, channels, s.projected, i * inLength + inAt, s.states[i], at, s.conv, i * channels);
        }
    }
}
