package io.mambaaudio.models.train;

import java.util.List;

/** A residual block, {@code x += mixer(norm(x))}: the forward pass, then the backward pass of the same batch. One thread calls. */
sealed interface Block permits MambaBlock, S4dBlock, AttentionBlock {
    /** What is trained, in the order of the checkpoint. */
    List<Parameter> parameters();

    /** x (batch, length, dModel) in place. */
    void forward(float[] x, int batch, int length);

    /** The gradient of the block's output becomes that of its input, in place; the parameters' gradients are added to. */
    void backward(float[] dx);

    /** Memory that the last batch's passes take beside parameters and x: what is kept and what they work in. */
    long activationBytes();
}
