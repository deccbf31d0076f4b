package io.mambaaudio.models.train;

import java.util.List;

/** What differs between Mamba-1 and Mamba-2: from the convolution's output to the input of out_proj, over one chunk of a batch. */
sealed interface Mixer permits Mamba1Mixer, Mamba2Mixer {
    MixerSizes sizes();

    RmsNorm norm();

    Linear inProj();

    CausalConv conv();

    Linear outProj();

    /** What is trained, of the whole block. */
    List<Parameter> parameters();

    /** Makes room for chunks of so many sequences and steps. */
    void reserve(int batch, int steps);

    /** Floats of the states of all sequences between two chunks. */
    int stateSize();

    /** Memory beside the chunks, after {@link #reserve}. */
    long floats();

    /** Takes the parameters as they are now, and begins gradients. */
    void begin();

    /**
     * From c.act and the projection to c.mixed.
     *
     * @param state before the chunk; moves on
     * @param keepStates whether c.h gets what {@link #backward} needs
     */
    void forward(MixerChunk c, int batch, int steps, float[] projection, float[] state, boolean keepStates);

    /**
     * From c.dMixed to c.dAct and the columns of c.dProjected that do not go through the convolution. Chunks come from the last to the first.
     *
     * @param state before the chunk
     */
    void backward(MixerChunk c, int batch, int steps, float[] projection, float[] state);

    /** Hands over the gradients that were gathered over the chunks. */
    void end();
}
