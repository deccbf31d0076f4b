package io.mambaaudio.models.cuda;

import io.mambaaudio.models.MambaConfig;
import io.mambaaudio.models.ModelException;
import io.mambaaudio.models.backend.ModelWeights;
import io.mambaaudio.models.backend.Slots;
import java.util.Locale;
import java.util.Optional;

/** The way in: opens a model on the GPU, or says in one line why not. */
public final class CudaBackend {
    private static final String MISSING = "JCuda or the NVIDIA driver's libcuda cannot be loaded here";

    private static final String NO_S4D = "cuda has no kernels for S4D";

    private CudaBackend() {}

    /**
     * Puts the weights on the card and makes room for the states.
     *
     * @param capacity streams
     * @throws ModelException if there is no GPU, its driver is too old, its memory does not suffice, or JCuda is missing
     */
    public static Slots open(ModelWeights weights, int capacity) {
        if (weights.config().kind() == MambaConfig.Kind.S4D) {
            throw new ModelException("backend=cuda: " + NO_S4D + "; choose backend=auto");
        }
        try {
            return opened(weights, capacity);
        } catch (LinkageError e) {
            throw new ModelException(
                    "backend=cuda: " + MISSING
                            + "; install the NVIDIA driver (and jcuda and jcuda-natives, in an application of"
                            + " your own), or choose backend=auto",
                    e);
        }
    }

    /**
     * Why AUTO does not take the GPU, in some words; empty if it does. Where it would not pay it is not even looked for.
     *
     * @param capacity streams
     */
    public static Optional<String> whyNot(ModelWeights weights, int capacity) {
        if (weights.config().kind() == MambaConfig.Kind.S4D) {
            return Optional.of(NO_S4D);
        }
        double faster = Speed.ofGpuOverCpu(weights, capacity);
        if (faster < Speed.PAYS) {
            return Optional.of(String.format(
                    Locale.ROOT, "cuda pays from %.0f times as fast, and is about %.1f here", Speed.PAYS, faster));
        }
        return whyNot();
    }

    /** Why there is no GPU to compute on here, in one line; empty if there is one. */
    public static Optional<String> whyNot() {
        try {
            new Gpu().close();
            return Optional.empty();
        } catch (ModelException e) {
            return Optional.ofNullable(e.getMessage());
        } catch (LinkageError e) {
            return Optional.of("backend=cuda: " + MISSING);
        }
    }

    private static Slots opened(ModelWeights weights, int capacity) {
        Gpu gpu = new Gpu();
        CudaModel model;
        try {
            model = new CudaModel(gpu, weights);
        } catch (RuntimeException e) {
            gpu.close();
            throw e;
        }
        try {
            return new CudaSlots(model, capacity);
        } catch (RuntimeException e) {
            model.close();
            throw e;
        }
    }
}
