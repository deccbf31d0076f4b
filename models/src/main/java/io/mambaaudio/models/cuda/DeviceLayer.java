package io.mambaaudio.models.cuda;

import io.mambaaudio.models.backend.Layer;

/** A layer's weights on the card: {@link Layer} with addresses for arrays; 0 where there is none. */
sealed interface DeviceLayer {
    /** See {@link Layer.Mamba1}. */
    record Mamba1(
            long norm,
            DeviceMatrix inProj,
            long inBias,
            long convWeight,
            long convBias,
            DeviceMatrix xProj,
            DeviceMatrix dtProj,
            long dtBias,
            long a,
            long d,
            DeviceMatrix outProj,
            long outBias)
            implements DeviceLayer {}

    /** See {@link Layer.Mamba2}. */
    record Mamba2(
            long norm,
            DeviceMatrix inProj,
            long inBias,
            long convWeight,
            long convBias,
            long dtBias,
            long a,
            long d,
            long gatedNorm,
            DeviceMatrix outProj,
            long outBias)
            implements DeviceLayer {}

    static DeviceLayer of(Layer layer, Arena to) {
        return switch (layer) {
            case Layer.Mamba1 m ->
                new Mamba1(
                        to.put(m.norm()),
                        DeviceMatrix.of(m.inProj(), to),
                        to.put(m.inBias()),
                        to.put(m.convWeight()),
                        to.put(m.convBias()),
                        DeviceMatrix.of(m.xProj(), to),
                        DeviceMatrix.of(m.dtProj(), to),
                        to.put(m.dtBias()),
                        to.put(m.a()),
                        to.put(m.d()),
                        DeviceMatrix.of(m.outProj(), to),
                        to.put(m.outBias()));
            case Layer.Mamba2 m ->
                new Mamba2(
                        to.put(m.norm()),
                        DeviceMatrix.of(m.inProj(), to),
                        to.put(m.inBias()),
                        to.put(m.convWeight()),
                        to.put(m.convBias()),
                        to.put(m.dtBias()),
                        to.put(m.a()),
                        to.put(m.d()),
                        to.put(m.gatedNorm()),
                        DeviceMatrix.of(m.outProj(), to),
                        to.put(m.outBias()));
            case Layer.S4d m -> throw new IllegalArgumentException("S4D has no kernels"); // CudaBackend refuses it
        };
    }
}
