package io.mambaaudio.models;

/** Where a {@link Session} computes. Chosen once, at open. */
public enum Backend {
    /** The fastest one that this machine has and that pays for this model; says why it chose. */
    AUTO,
    /** Plain loops: the specification of all the others. */
    SCALAR,
    /** The Vector API on the CPU. */
    VECTOR,
    /** An NVIDIA GPU, through JCuda. */
    CUDA
}
