package io.mambaaudio.models;

import io.mambaaudio.models.backend.ModelWeights;
import io.mambaaudio.models.backend.Slots;
import io.mambaaudio.models.cpu.CpuSlots;
import io.mambaaudio.models.cpu.Kernels;
import io.mambaaudio.models.cpu.ScalarKernels;
import io.mambaaudio.models.cpu.VectorKernels;

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
            case CUDA -> // here models.cuda plugs in
                throw new ModelException(
                        "backend=cuda is not in this build, which computes on the CPU only; choose auto, vector or scalar");
        };
    }

    /** Why AUTO does not take the GPU. */
    private static String whyNotCuda() {
        return "; cuda is not in this build";
    }

    private static Slots automatic(ModelWeights weights, int capacity) {
        if (!hasVectorModule()) {
            return cpu(
                    weights,
                    Backend.SCALAR,
                    new ScalarKernels(),
                    "scalar: no module " + MODULE + ", add --add-modules " + MODULE + " to java for a faster one"
                            + whyNotCuda(),
                    capacity);
        }
        if (VectorKernels.laneBits() < 128) {
            return cpu(
                    weights,
                    Backend.SCALAR,
                    new ScalarKernels(),
                    "scalar: vectors have only " + VectorKernels.laneBits() + " bits here" + whyNotCuda(),
                    capacity);
        }
        return vector(weights, whyNotCuda(), capacity);
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
