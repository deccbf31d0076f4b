package io.mambaaudio.models.train;

/**
 * The widths of a mixer.
 *
 * @param dModel of its input and output
 * @param projected of what in_proj makes
 * @param convAt where in it the convolution's input begins
 * @param convChannels of the convolution
 * @param before rows before the first that the convolution looks at, {@code dConv - 1}
 * @param dInner of what goes into out_proj
 * @param dtWidth time steps: dInner of Mamba-1, heads of Mamba-2
 * @param bcWidth of what Mamba-1's x_proj makes; 0 for Mamba-2
 * @param stepStates floats of the states of one step of one sequence that the backward pass needs; 0 for Mamba-2
 */
record MixerSizes(
        int dModel,
        int projected,
        int convAt,
        int convChannels,
        int before,
        int dInner,
        int dtWidth,
        int bcWidth,
        int stepStates) {}
