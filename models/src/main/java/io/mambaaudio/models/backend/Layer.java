package io.mambaaudio.models.backend;

import io.mambaaudio.models.cpu.Matrix;

/** The weights of one residual block. Immutable by convention: nobody writes to the arrays. */
@SuppressWarnings("ArrayRecordComponent") // never compared, never printed
public sealed interface Layer {
    /** No bias. */
    float[] NONE = {};

    /**
     * Mamba-1: Gu and Dao 2023, as Hugging Face's {@code MambaMixer} has it.
     *
     * @param norm (dModel)
     * @param inProj (2 dInner, dModel): x, z
     * @param inBias (2 dInner) or empty
     * @param convWeight (dConv, dInner)
     * @param convBias (dInner) or empty
     * @param xProj (dtRank + 2 N, dInner): dt, B, C
     * @param dtProj (dInner, dtRank)
     * @param dtBias (dInner)
     * @param a A = -exp(A_log), (N, dInner)
     * @param d D (dInner)
     * @param outProj (dModel, dInner)
     * @param outBias (dModel) or empty
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
            implements Layer {}

    /**
     * Mamba-2: Dao and Gu 2024, as Hugging Face's {@code Mamba2Mixer} has it, the gated norm after the gate.
     *
     * @param norm (dModel)
     * @param inProj (2 dInner + 2 nGroups N + nHeads, dModel): z, x, B, C, dt
     * @param inBias as many as inProj has rows, or empty
     * @param convWeight (dConv, dInner + 2 nGroups N)
     * @param convBias (dInner + 2 nGroups N) or empty
     * @param dtBias (nHeads)
     * @param a A = -exp(A_log), (nHeads)
     * @param d D (nHeads)
     * @param gatedNorm (dInner)
     * @param outProj (dModel, dInner)
     * @param outBias (dModel) or empty
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
            implements Layer {}

    /**
     * S4D, the diagonal S4: Gu, Goel, Gupta and Re 2022, as the minimal version of the published code has it, discretised. Of the N complex
     * states of a channel only one of each conjugate pair is kept, N / 2, so that {@code y = 2 Re(C x) + D u}.
     *
     * @param norm (dModel)
     * @param aRe real part of exp(dt A), (N / 2, dModel)
     * @param aIm its imaginary part, (N / 2, dModel)
     * @param cRe real part of 2 C (exp(dt A) - 1) / A, (N / 2, dModel): B is 1 and its zero-order hold is kept with C
     * @param cIm its imaginary part, (N / 2, dModel)
     * @param d D (dModel)
     * @param outProj (2 dModel, dModel): a, b of a gated linear unit {@code a sigmoid(b)}
     * @param outBias (2 dModel) or empty
     */
    record S4d(
            float[] norm,
            float[] aRe,
            float[] aIm,
            float[] cRe,
            float[] cIm,
            float[] d,
            Matrix outProj,
            float[] outBias)
            implements Layer {}
}
