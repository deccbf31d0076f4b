package io.mambaaudio.models;

import io.mambaaudio.models.cpu.Kernels;
import io.mambaaudio.models.cpu.Matrix;

/** The weights of one residual block and its step. Immutable; the state is the session's. */
@SuppressWarnings("ArrayRecordComponent") // never compared, never printed
sealed interface Layer {
    /** No bias. */
    float[] NONE = {};

    /**
     * One step: {@code x += mixer(norm(x))}. The residual x stays float32, whatever the weights are.
     *
     * @param state the session's state; this layer's part begins at {@code at}: conv_state (dConv - 1, convDim), ssm_state (N, dInner)
     * @param s has x in {@code s.x}
     */
    void step(MambaConfig c, Kernels k, float[] state, int at, Scratch s);

    /**
     * Mamba-1: Gu and Dao 2023, as Hugging Face's {@code MambaMixer} computes it.
     *
     * @param inProj (2 dInner, dModel): x, z
     * @param convWeight (dConv, dInner)
     * @param xProj (dtRank + 2 N, dInner): dt, B, C
     * @param dtProj (dInner, dtRank)
     * @param a A = -exp(A_log), (N, dInner)
     * @param d D (dInner)
     * @param outProj (dModel, dInner)
     */
    record Mamba1(
            float[] norm,
            Matrix inProj,
            float[] inBias,
            float[] convWeight,
            float[] convBias,
            Matrix xProj,
            Matrix dtProj,
            float[] dtBias,
            float[] a,
            float[] d,
            Matrix outProj,
            float[] outBias)
            implements Layer {

        @Override
        public void step(MambaConfig c, Kernels k, float[] state, int at, Scratch s) {
            int dInner = c.dInner();
            int ssmAt = at + (c.dConv() - 1) * dInner;

            k.rmsNorm(s.x, norm, c.normEps(), s.u);
            k.matVec(inProj, inBias, s.u, s.projected); // x (dInner), z (dInner)
            k.conv(convWeight, convBias, dInner, s.projected, 0, state, at, s.conv);
            k.matVec(xProj, NONE, s.conv, s.dtBC); // dt (dtRank), B (N), C (N)
            k.matVec(dtProj, dtBias, s.dtBC, s.dt);
            k.timeStep(s.dt, 0, NONE, 0, Float.POSITIVE_INFINITY, s.dt, dInner);
            k.selective(a, d, s.dt, s.conv, s.dtBC, c.dtRank(), c.dtRank() + c.dState(), c.dState(), state, ssmAt, s.y);
            k.gate(s.y, s.projected, dInner, dInner);
            k.matVec(outProj, outBias, s.y, s.u);
            k.add(s.x, s.u, c.dModel());
        }
    }

    /**
     * Mamba-2: Dao and Gu 2024, as Hugging Face's {@code Mamba2Mixer} computes it, the gated norm after the gate.
     *
     * @param inProj (2 dInner + 2 nGroups N + nHeads, dModel): z, x, B, C, dt
     * @param convWeight (dConv, dInner + 2 nGroups N)
     * @param dtBias (nHeads)
     * @param a A = -exp(A_log), (nHeads)
     * @param d D (nHeads)
     * @param gatedNorm (dInner)
     * @param outProj (dModel, dInner)
     */
    record Mamba2(
            float[] norm,
            Matrix inProj,
            float[] inBias,
            float[] convWeight,
            float[] convBias,
            float[] dtBias,
            float[] a,
            float[] d,
            float[] gatedNorm,
            Matrix outProj,
            float[] outBias)
            implements Layer {

        @Override
        public void step(MambaConfig c, Kernels k, float[] state, int at, Scratch s) {
            int dInner = c.dInner();
            int convDim = c.convDim();
            int ssmAt = at + (c.dConv() - 1) * convDim;

            k.rmsNorm(s.x, norm, c.normEps(), s.u);
            k.matVec(inProj, inBias, s.u, s.projected); // z (dInner), xBC (convDim), dt (nHeads)
            k.conv(convWeight, convBias, convDim, s.projected, dInner, state, at, s.conv);
            k.timeStep(s.projected, dInner + convDim, dtBias, c.timeStepMin(), c.timeStepMax(), s.dt, c.nHeads());
            ssm(c, k, state, ssmAt, s);
            k.gate(s.y, s.projected, 0, dInner);
            k.rmsNorm(s.y, gatedNorm, c.normEps(), s.y);
            k.matVec(outProj, outBias, s.y, s.u);
            k.add(s.x, s.u, c.dModel());
        }

        /** Head by head: {@code h = exp(dt A) h + dt B x; y = C h + D x}; the heads of a group share B and C. */
        private void ssm(MambaConfig c, Kernels k, float[] state, int ssmAt, Scratch s) {
            int n = c.dState();
            int headDim = c.headDim();
            int headsPerGroup = c.nHeads() / c.nGroups();
            for (int head = 0; head < c.nHeads(); head++) {
                int bAt = c.dInner() + head / headsPerGroup * n;
                int cAt = bAt + c.nGroups() * n;
                float dt = s.dt[head];
                float decay = (float) Math.exp(dt * a[head]);
                int hAt = ssmAt + head * n * headDim; // (N, headDim)
                k.dual(decay, dt, d[head], s.conv, head * headDim, bAt, cAt, n, headDim, state, hAt, s.y);
            }
        }
    }
}
