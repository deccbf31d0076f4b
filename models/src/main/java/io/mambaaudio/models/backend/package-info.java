/**
 * The seam between the sessions of a model and what computes them. {@link io.mambaaudio.models.backend.Slots} is the whole of it: the states of
 * some streams on one device and everything that moves them on. Whoever implements it gets the weights as
 * {@link io.mambaaudio.models.backend.ModelWeights}. Not exported.
 *
 * <p>A state is {@code config.stateSize()} 32-bit floats, in one layout on every device, so that a snapshot moves between them:
 *
 * <ol>
 *   <li>for every layer, {@code config.layerStateSize()} floats: conv_state (d_conv - 1, conv_dim), oldest input first; then ssm_state,
 *       for Mamba-1 (d_state, d_inner), for Mamba-2 (n_heads, d_state, head_dim), for S4D (d_state / 2, real and imaginary part, d_inner): the
 *       channels of a state lie side by side;
 *   <li>if the model has a frame front end, its window (window_frames, n_mels), oldest frame first, each kept as
 *       {@code (frame - mean) * scale}.
 * </ol>
 */
package io.mambaaudio.models.backend;
