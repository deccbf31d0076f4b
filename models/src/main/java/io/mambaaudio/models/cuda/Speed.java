package io.mambaaudio.models.cuda;

import io.mambaaudio.models.MambaConfig;
import io.mambaaudio.models.backend.Layer;
import io.mambaaudio.models.backend.ModelWeights;
import io.mambaaudio.models.cpu.Matrix;

/**
 * How fast a step is about, from measurements: an H100 (docs/gpu.md) and one core of an EPYC with AVX-512 (multiply-adds a second by the type
 * of the weights). Good for choosing between them, within a factor of two.
 */
final class Speed {
    /** AUTO takes the GPU from here on: opening it takes seconds and its memory may have other users. */
    static final double PAYS = 4;

    private static final double LONE_LAYER_MICROS = 15; // one stream: 12 to 17
    private static final double LAYER_MICROS = 60; // several streams: 62 at 64
    private static final double STATE_BYTES_PER_MICRO =
            1.4e6; // read and written, with all that grows with them: 1.3 at 512, 1.5 at 4,096
    private static final double F32_PER_MICRO = 6_400;
    private static final double BF16_PER_MICRO = 12_000;
    private static final double INT8_PER_MICRO = 45_000;

    private Speed() {}

    static double ofGpuOverCpu(ModelWeights w, int capacity) {
        return capacity * cpuMicros(w) / gpuMicros(w.config(), capacity);
    }

    private static double gpuMicros(MambaConfig c, int capacity) {
        double states = 8.0 * c.stateSize() * capacity / STATE_BYTES_PER_MICRO;
        return capacity == 1 ? LONE_LAYER_MICROS * c.nLayers() : LAYER_MICROS * c.nLayers() + states;
    }

    private static double cpuMicros(ModelWeights w) {
        double micros = micros(w.head());
        for (Layer layer : w.layers()) {
            micros += switch (layer) {
                case Layer.Mamba1 m ->
                    micros(m.inProj()) + micros(m.xProj()) + micros(m.dtProj()) + micros(m.outProj());
                case Layer.Mamba2 m -> micros(m.inProj()) + micros(m.outProj());
                case Layer.S4d m -> micros(m.outProj());
            };
        }
        return micros;
    }

    private static double micros(Matrix m) {
        double perMicro =
                switch (m) {
                    case Matrix.F32 f -> F32_PER_MICRO;
                    case Matrix.Bf16 b -> BF16_PER_MICRO;
                    case Matrix.Int8 q -> INT8_PER_MICRO;
                };
        return (double) m.rows() * m.cols() / perMicro;
    }
}
