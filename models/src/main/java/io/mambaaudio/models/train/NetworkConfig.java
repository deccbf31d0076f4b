package io.mambaaudio.models.train;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.jr.ob.JSON;

/**
 * The sizes of a network that takes tokens and is trained from scratch.
 *
 * @param kind what its blocks are
 * @param vocabSize tokens that there are
 * @param dModel width of the residual stream
 * @param nLayers blocks
 * @param dState N, state values a channel; even for S4D, 1 for attention
 * @param headDim channels a head, of Mamba-2 and attention; 1 for the others
 * @param tied whether the head is the embedding table
 */
public record NetworkConfig(Kind kind, int vocabSize, int dModel, int nLayers, int dState, int headDim, boolean tied) {
    static final int D_CONV = 4;
    static final int EXPAND = 2;
    static final float EPS = 1e-5f;

    /** What a block is. */
    public enum Kind {
        /** Selective state space: Gu and Dao 2023. */
        MAMBA1,
        /** State space duality: Dao and Gu 2024. */
        MAMBA2,
        /** A diagonal state space that does not select: Gu, Goel, Gupta and Re 2022. */
        S4D,
        /** A Transformer, to compare with: no session computes its checkpoints. */
        ATTENTION
    }

    /** Checks the sizes. */
    public NetworkConfig {
        for (int size : new int[] {vocabSize, dModel, nLayers, dState, headDim}) {
            if (size < 1 || size > 1 << 20) {
                throw new IllegalArgumentException("found a size of " + size + ", expected 1 to " + (1 << 20));
            }
        }
        int width = kind == Kind.ATTENTION ? dModel : EXPAND * dModel;
        if (width % headDim != 0 || (kind == Kind.ATTENTION && headDim % 2 != 0)) {
            throw new IllegalArgumentException("headDim=" + headDim + " does not fit a width of " + width
                    + "; choose a divisor, of attention an even one");
        }
        if (kind == Kind.S4D && dState % 2 != 0) {
            throw new IllegalArgumentException("dState=" + dState + " is odd; S4D's states come in pairs");
        }
    }

    /**
     * Mamba-1 with the paper's defaults: N = 16, four taps, twice as wide inside, head tied to the embeddings.
     *
     * @param vocabSize tokens that there are
     * @param dModel width
     * @param nLayers blocks
     * @return the sizes
     */
    public static NetworkConfig mamba1(int vocabSize, int dModel, int nLayers) {
        return new NetworkConfig(Kind.MAMBA1, vocabSize, dModel, nLayers, 16, 1, true);
    }

    /**
     * Mamba-2 with one group of B and C, four taps, twice as wide inside, head tied to the embeddings.
     *
     * @param vocabSize tokens that there are
     * @param dModel width
     * @param nLayers blocks
     * @param dState N
     * @param headDim channels a head, a divisor of {@code 2 dModel}
     * @return the sizes
     */
    public static NetworkConfig mamba2(int vocabSize, int dModel, int nLayers, int dState, int headDim) {
        return new NetworkConfig(Kind.MAMBA2, vocabSize, dModel, nLayers, dState, headDim, true);
    }

    /**
     * S4D with the usual N: N = 64, and as many channels as its input has.
     *
     * @param vocabSize tokens that there are
     * @param dModel width
     * @param nLayers blocks
     * @return the sizes
     */
    public static NetworkConfig s4d(int vocabSize, int dModel, int nLayers) {
        return new NetworkConfig(Kind.S4D, vocabSize, dModel, nLayers, 64, 1, true);
    }

    /**
     * A Transformer with rotary positions and a feed-forward layer four times as wide.
     *
     * @param vocabSize tokens that there are
     * @param dModel width
     * @param nLayers blocks
     * @param headDim channels a head, an even divisor of {@code dModel}
     * @return the sizes
     */
    public static NetworkConfig attention(int vocabSize, int dModel, int nLayers, int headDim) {
        return new NetworkConfig(Kind.ATTENTION, vocabSize, dModel, nLayers, 1, headDim, true);
    }

    int nHeads() {
        return dInner() / headDim;
    }

    /** Channels of Mamba-2's convolution: x, B, C. */
    int convDim() {
        return dInner() + 2 * dState;
    }

    int dInner() {
        return EXPAND * dModel;
    }

    int dtRank() {
        return Math.ceilDiv(dModel, 16);
    }

    /** As Hugging Face writes it, for the checkpoint. */
    String json() {
        Map<String, Object> c = new LinkedHashMap<>();
        c.put(
                "model_type",
                switch (kind) {
                    case MAMBA1 -> "mamba";
                    case MAMBA2 -> "mamba2";
                    case S4D -> "s4d";
                    case ATTENTION -> "transformer";
                });
        c.put("vocab_size", vocabSize);
        c.put("hidden_size", dModel);
        c.put("num_hidden_layers", nLayers);
        c.put("state_size", dState);
        switch (kind) {
            case MAMBA1 -> mamba1(c);
            case MAMBA2 -> mamba2(c);
            case S4D -> c.put("use_bias", true);
            case ATTENTION -> c.put("head_dim", headDim);
        }
        c.put("layer_norm_epsilon", 1e-5);
        c.put("tie_word_embeddings", tied);
        return JSON.std.asString(c);
    }

    private void mamba1(Map<String, Object> c) {
        c.put("architectures", List.of("MambaForCausalLM"));
        mamba(c);
        c.put("intermediate_size", dInner());
        c.put("time_step_rank", dtRank());
    }

    private void mamba2(Map<String, Object> c) {
        c.put("architectures", List.of("Mamba2ForCausalLM"));
        mamba(c);
        c.put("head_dim", headDim);
        c.put("num_heads", nHeads());
        c.put("n_groups", 1);
    }

    private static void mamba(Map<String, Object> c) {
        c.put("conv_kernel", D_CONV);
        c.put("expand", EXPAND);
        c.put("use_bias", false);
        c.put("use_conv_bias", true);
        c.put("hidden_act", "silu");
    }
}
