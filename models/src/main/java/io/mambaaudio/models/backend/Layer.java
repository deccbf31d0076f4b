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
}
