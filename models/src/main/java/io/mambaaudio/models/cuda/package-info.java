/**
 * Streams on an NVIDIA GPU, through JCuda's driver API: a user needs the driver and nothing else. Weights and states stay on the card; frames
 * or tokens go in, rows of logits come out. The kernels are in {@code models/src/main/cuda} and shipped as PTX.
 *
 * <p>{@link io.mambaaudio.models.cuda.CudaBackend} opens; {@link io.mambaaudio.models.cuda.CudaSlots} is the step; everything else serves the two.
 * Not exported.
 */
package io.mambaaudio.models.cuda;
