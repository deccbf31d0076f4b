package io.mambaaudio.models;

import java.util.Optional;

/**
 * The dimensions of a model, in the words of the papers. Immutable.
 *
 * @param kind which recurrence
 * @param dModel width of the residual stream
 * @param nLayers blocks
 * @param vocabSize logits in a row
 * @param dInner channels of the recurrence, {@code expand * dModel}; S4D: dModel
 * @param dState N, state values a channel; S4D: N / 2 complex ones
 * @param dConv taps of the causal convolution; S4D: 1, for none
 * @param dtRank Mamba-1: rank of the time step's projection; else 0
 * @param nHeads Mamba-2: heads; else 0
 * @param headDim Mamba-2: channels a head; else 0
 * @param nGroups Mamba-2: groups of B and C that the heads share; else 0
 * @param useBias whether in_proj and out_proj have biases
 * @param useConvBias whether conv1d has a bias
 * @param tieWordEmbeddings whether the head is the embedding table
 * @param normEps added to the mean square in every RMSNorm
 * @param timeStepMin Mamba-2: least time step
 * @param timeStepMax Mamba-2: largest time step, possibly infinite
 * @param frontend the patch embedding of a model that takes mel frames; empty for one that takes tokens
 */
public record MambaConfig(
        Kind kind,
        int dModel,
        int nLayers,
        int vocabSize,
        int dInner,
        int dState,
        int dConv,
        int dtRank,
        int nHeads,
        int headDim,
        int nGroups,
        boolean useBias,
        boolean useConvBias,
        boolean tieWordEmbeddings,
        float normEps,
        float timeStepMin,
        float timeStepMax,
        Optional<FrameFrontend> frontend) {

    /** The recurrences. */
    public enum Kind {
        /** Selective state space (S6): Gu and Dao, 2023. Hugging Face calls it {@code mamba}. */
        MAMBA1,
        /** State space duality (SSD): Dao and Gu, 2024. Hugging Face calls it {@code mamba2}. */
        MAMBA2,
        /** Diagonal state space (S4D), which does not select: Gu, Goel, Gupta and Ré, 2022. We call it {@code s4d}. */
        S4D
    }

    /** Largest state of a session. That of the largest published model (2.7 B) takes 170 MB. */
    static final long MAX_STATE_BYTES = 1L << 30;

    /**
     * Channels of the causal convolution: Mamba-1 convolves x, Mamba-2 also B and C, S4D nothing.
     *
     * @return how many
     */
    public int convDim() {
        return kind == Kind.MAMBA2 ? dInner + 2 * nGroups * dState : dInner;
    }

    /**
     * Size of one layer's state: conv_state (dConv - 1, convDim), then ssm_state (N, dInner).
     *
     * @return floats
     */
    public int layerStateSize() {
        return (dConv - 1) * convDim() + dInner * dState;
    }

    /**
     * Size of a stream's state: the layers, then the frame window (windowFrames, nMels).
     *
     * @return floats
     */
    public int stateSize() {
        return nLayers * layerStateSize()
                + frontend.map(FrameFrontend::windowSize).orElse(0);
    }
}
