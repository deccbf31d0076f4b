package io.mambaaudio.models.backend;

import io.mambaaudio.models.MambaConfig;
import io.mambaaudio.models.cpu.Matrix;
import java.util.List;
import java.util.Optional;

/**
 * All weights of a model. Immutable by convention: nobody writes to the arrays.
 *
 * @param frontend of a model that takes frames
 * @param embeddings (vocabSize, dModel) of a model that takes tokens
 * @param finalNorm (dModel)
 * @param head (vocabSize, dModel)
 * @param headBias (vocabSize) or empty
 */
@SuppressWarnings("ArrayRecordComponent") // never compared, never printed
public record ModelWeights(
        MambaConfig config,
        Optional<Frontend> frontend,
        Optional<Matrix> embeddings,
        List<Layer> layers,
        float[] finalNorm,
        Matrix head,
        float[] headBias) {

    /**
     * The patch embedding of a window of frames.
     *
     * @param mean (nMels)
     * @param scale (nMels)
     * @param proj (dModel, windowFrames * nMels)
     * @param bias (dModel)
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared, never printed
    public record Frontend(float[] mean, float[] scale, Matrix proj, float[] bias) {}
}
