package io.mambaaudio.models.cuda;

import io.mambaaudio.models.MambaConfig;
import io.mambaaudio.models.backend.ModelWeights;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A model on the card: its weights and the kernels. Immutable, shared by its sets of slots and closed with the last of them. */
final class CudaModel {
    private final Gpu gpu;
    private final MambaConfig config;
    private final Ptx step;
    private final Arena arena = new Arena("weights");
    private final ModelWeights weights;
    private Optional<StreamModel> streamModel = Optional.empty();
    private boolean streamTried;
    private Optional<BatchModel> batchModel = Optional.empty();
    private boolean batchTried;
    private @Nullable Ptx scan;
    private int users;

    final long mean; // (nMels) or 0
    final long scale; // (nMels) or 0
    final DeviceMatrix input; // the patch embedding or the table of tokens
    final long inputBias; // (dModel) or 0
    final List<DeviceLayer> layers;
    final long finalNorm; // (dModel)
    final DeviceMatrix head;
    final long headBias; // (vocabSize) or 0

    CudaModel(Gpu gpu, ModelWeights w) {
        this.gpu = gpu;
        this.config = w.config();
        this.weights = w;
        this.step = new Ptx("step");
        ModelWeights.Frontend f = w.frontend().orElse(null);
        this.mean = f == null ? 0 : arena.put(f.mean());
        this.scale = f == null ? 0 : arena.put(f.scale());
        this.input = DeviceMatrix.of(f == null ? w.embeddings().orElseThrow() : f.proj(), arena);
        this.inputBias = f == null ? 0 : arena.put(f.bias());
        this.layers =
                w.layers().stream().map(layer -> DeviceLayer.of(layer, arena)).toList();
        this.finalNorm = arena.put(w.finalNorm());
        this.head = DeviceMatrix.of(w.head(), arena);
        this.headBias = arena.put(w.headBias());
    }

    Gpu gpu() {
        return gpu;
    }

    MambaConfig config() {
        return config;
    }

    /** The layout for one stream, made when it is first wanted; empty if the model does not fit it. */
    synchronized Optional<StreamModel> stream() {
        if (!streamTried) {
            streamTried = true;
            streamModel = StreamModel.of(gpu, weights);
        }
        return streamModel;
    }

    /** The packing for tensor cores, made when it is first wanted; empty if the model does not fit it. */
    synchronized Optional<BatchModel> batch() {
        if (!batchTried) {
            batchTried = true;
            batchModel = BatchModel.of(this);
        }
        return batchModel;
    }

    /** The kernels for whole sequences. */
    synchronized Ptx scan() {
        if (scan == null) {
            scan = new Ptx("scan");
        }
        return scan;
    }

    Kernel kernel(String name) {
        return step.kernel(name);
    }

    synchronized void retain() {
        users++;
    }

    synchronized void release() {
        if (--users == 0) {
            close();
        }
    }

    /** Gives everything back; also after a failure on the way. */
    void close() {
        streamModel.ifPresent(StreamModel::close);
        batchModel.ifPresent(BatchModel::close);
        if (scan != null) {
            scan.close();
        }
        arena.close();
        step.close();
        gpu.close();
    }
}
