package io.mambaaudio.models.train;

/**
 * What a layer keeps of its forward pass for the backward pass; the rest is computed again, chunk by chunk, from the states at the chunks'
 * boundaries. The gradients are the same.
 */
public enum Keep {
    /** Every value, the state after every step among them: the most memory. */
    EVERYTHING,
    /** The layer's input and what in_proj makes of it, as the Mamba paper's kernel does: the states are computed again. */
    PROJECTIONS,
    /** The layer's input alone: the least memory; in_proj is computed again, too. */
    INPUT
}
