package io.mambaaudio.models;

import io.mambaaudio.models.cpu.Kernels;
import io.mambaaudio.models.cpu.ScalarKernels;
import io.mambaaudio.models.cpu.VectorKernels;

/** Resolves a wish to a backend of this machine, or says why not. */
final class Backends {
    private static final String MODULE = "jdk.incubator.vector";

    private Backends() {}

    /**
     * A backend that is there.
     *
     * @param why in a few words, for {@link Session#describe()}
     */
    record Choice(Backend backend, Kernels kernels, String why) {}

    static Choice choose(Backend wish) {
        return switch (wish) {
            case SCALAR -> new Choice(Backend.SCALAR, new ScalarKernels(), "scalar: plain loops, as asked for");
            case VECTOR -> vector();
            case AUTO -> automatic();
            case CUDA ->
                throw new ModelException(
                        "backend=cuda is not in this build, which computes on the CPU only; choose auto, vector or scalar");
        };
    }

    private static Choice automatic() {
        if (!hasVectorModule()) {
            return new Choice(
                    Backend.SCALAR,
                    new ScalarKernels(),
                    "scalar: no module " + MODULE + ", add --add-modules " + MODULE + " to java for a faster one");
        }
        if (VectorKernels.laneBits() < 128) {
            return new Choice(
                    Backend.SCALAR,
                    new ScalarKernels(),
                    "scalar: vectors have only " + VectorKernels.laneBits() + " bits here");
        }
        return vector();
    }

    private static Choice vector() {
        if (!hasVectorModule()) {
            throw new ModelException("backend=vector needs the module " + MODULE + "; add --add-modules " + MODULE
                    + " to java, or choose auto or scalar");
        }
        return new Choice(Backend.VECTOR, new VectorKernels(), "vector: " + VectorKernels.laneBits() + "-bit lanes");
    }

    private static boolean hasVectorModule() {
        return ModuleLayer.boot().findModule(MODULE).isPresent();
    }
}
