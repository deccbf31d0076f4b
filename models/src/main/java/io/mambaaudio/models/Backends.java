package io.mambaaudio.models;

import io.mambaaudio.models.backend.ModelWeights;
import io.mambaaudio.models.backend.Slots;
import io.mambaaudio.models.cpu.CpuSlots;
import io.mambaaudio.models.cpu.Kernels;
import io.mambaaudio.models.cpu.ScalarKernels;
import io.mambaaudio.models.cpu.VectorKernels;
import io.mambaaudio.models.cuda.CudaBackend;

/** Resolves a wish to a backend of this machine, or says why not. */
final class Backends {
    private static final String MODULE = "jdk.incubator.vector";

    private Backends() {}

    /** Slots for so many streams on the backend that is wished for. */
    static Slots open(ModelWeights weights, Backend wish, int capacity) {
        return switch (wish) {
            case SCALAR ->
                cpu(weights, Backend.SCALAR, new ScalarKernels(), "scalar: plain loops, as asked for", capacity);
            case VECTOR -> vector(weights, "", capacity);
            case AUTO -> automatic(weights, capacity);
            case CUDA -> CudaBackend.open(weights, capacity);
        };
    }

    private static Slots automatic(ModelWeights weights, int capacity) {
        String whyNotCuda = "; " + CudaBackend.whyNot(weights, capacity).orElse("");
        if (whyNotCuda.length() == 2) {
            try {
                return CudaBackend.open(weights, capacity);
            } catch (ModelException e) {
                whyNotCuda = "; " + e.getMessage();
            }
        }
        if (!hasVectorModule()) {
            return cpu(
                    weights,
                    Backend.SCALAR,
                    new ScalarKernels(),
                    "scalar: no module " + MODULE + ", add --add-modules " + MODULE + " to java for a faster one"
                            + whyNotCuda,
                    capacity);
        }
        if (VectorKernels.laneBits() < 128) {
            return cpu(
                    weights,
                    Backend.SCALAR,
                    new ScalarKernels(),
                    "scalar: vectors have only " + VectorKernels.laneBits() + " bits here" + whyNotCuda,
                    capacity);
        }
        return vector(weights, whyNotCuda, capacity);
    }

    private static Slots vector(ModelWeights weights, String remark, int capacity) {
        if (!hasVectorModule()) {
            throw new ModelException("backend=vector needs the module " + MODULE + "; add --add-modules " + MODULE
                    + " to java, or choose auto or scalar");
        }
        String why = "vector: " + VectorKernels.laneBits() + "-bit lanes" + remark;
        return cpu(weights, Backend.VECTOR, new VectorKernels(), why, capacity);
    }

    private static Slots cpu(ModelWeights weights, Backend backend, Kernels kernels, String why, int capacity) {
        return new CpuSlots(weights, backend, kernels, why, capacity);
    }

    private static boolean hasVectorModule() {
        return ModuleLayer.boot().findModule(MODULE).isPresent();
    }
}
