package io.mambaaudio.models.cpu;

import io.mambaaudio.models.MambaConfig;
import io.mambaaudio.models.backend.Layer;

/** One step of one residual block: {@code x += mixer(norm(x))}. The residual x stays float32, whatever the weights are. */
final class Blocks {
    private Blocks() {}

    /**
     * One step.
     *
     * @param state a stream's state; this layer's part begins at {@code at}
     * @param s has x in {@code s.x}
     */
    static void step(Layer layer, MambaConfig c, Kernels k, float[] state, int at, Scratch s) {
        switch (layer) {
            case Layer.Mamba1 w -> step(w, c, k, state, at, s);
            case Layer.Mamba2 w -> step(w, c, k, state, at, s);
        }
    }

    /** Mamba-1: Gu and Dao 2023, as Hugging Face's {@code MambaMixer} computes it. */
    private static void step(Layer.Mamba1 w, MambaConfig c, Kernels k, float[] state, int at, Scratch s) {
        int dInner = c.dInner();
        int ssmAt = at + (c.dConv() - 1) * dInner;
        int bAt = c.dtRank();
        int cAt = bAt + c.dState();

        k.rmsNorm(s.x, w.norm(), c.normEps(), s.u);
        k.matVec(w.inProj(), w.inBias(), s.u, s.projected); // x (dInner), z (dInner)
        k.conv(w.convWeight(), w.convBias(), dInner, s.projected, 0, state, at, s.conv);
        k.matVec(w.xProj(), Layer.NONE, s.conv, s.dtBC); // dt (dtRank), B (N), C (N)
        k.matVec(w.dtProj(), w.dtBias(), s.dtBC, s.dt);
        k.timeStep(s.dt, 0, Layer.NONE, 0, Float.POSITIVE_INFINITY, s.dt, dInner);
        k.selective(w.a(), w.d(), s.dt, s.conv, s.dtBC, bAt, cAt, c.dState(), state, ssmAt, s.y);
        k.gate(s.y, s.projected, dInner, dInner);
        k.matVec(w.outProj(), w.outBias(), s.y, s.u);
        k.add(s.x, s.u, c.dModel());
    }

    /** Mamba-2: Dao and Gu 2024, as Hugging Face's {@code Mamba2Mixer} computes it, the gated norm after the gate. */
    private static void step(Layer.Mamba2 w, MambaConfig c, Kernels k, float[] state, int at, Scratch s) {
        int dInner = c.dInner();
        int convDim = c.convDim();
        int ssmAt = at + (c.dConv() - 1) * convDim;

        k.rmsNorm(s.x, w.norm(), c.normEps(), s.u);
        k.matVec(w.inProj(), w.inBias(), s.u, s.projected); // z (dInner), xBC (convDim), dt (nHeads)
        k.conv(w.convWeight(), w.convBias(), convDim, s.projected, dInner, state, at, s.conv);
        k.timeStep(s.projected, dInner + convDim, w.dtBias(), c.timeStepMin(), c.timeStepMax(), s.dt, c.nHeads());
        heads(w, c, k, state, ssmAt, s);
        k.gate(s.y, s.projected, 0, dInner);
        k.rmsNorm(s.y, w.gatedNorm(), c.normEps(), s.y);
        k.matVec(w.outProj(), w.outBias(), s.y, s.u);
        k.add(s.x, s.u, c.dModel());
    }

    /** Head by head: {@code h = exp(dt A) h + dt B x; y = C h + D x}; the heads of a group share B and C. */
    private static void heads(Layer.Mamba2 w, MambaConfig c, Kernels k, float[] state, int ssmAt, Scratch s) {
        int n = c.dState();
        int headDim = c.headDim();
        int headsPerGroup = c.nHeads() / c.nGroups();
        for (int head = 0; head < c.nHeads(); head++) {
            int bAt = c.dInner() + head / headsPerGroup * n;
            int cAt = bAt + c.nGroups() * n;
            float dt = s.dt[head];
            float decay = (float) Math.exp(dt * w.a()[head]);
            int hAt = ssmAt + head * n * headDim; // (N, headDim)
            k.dual(decay, dt, w.d()[head], s.conv, head * headDim, bAt, cAt, n, headDim, state, hAt, s.y);
        }
    }
}
