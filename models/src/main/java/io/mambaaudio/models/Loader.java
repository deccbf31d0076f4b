package io.mambaaudio.models;

import io.mambaaudio.models.backend.Layer;
import io.mambaaudio.models.backend.ModelWeights;
import io.mambaaudio.models.backend.S4dParameters;
import io.mambaaudio.models.cpu.Matrix;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Takes the weights of a model out of a checkpoint. Every shape follows from the configuration and is checked. */
final class Loader {
    private final Checkpoint checkpoint;
    private final MambaConfig c;
    private final Weights precision;
    private final String prefix;
    private long parameters;
    private long bytes;

    Loader(Checkpoint checkpoint, MambaConfig config, Weights precision) {
        this.checkpoint = checkpoint;
        this.c = config;
        this.precision = precision;
        this.prefix = prefix(checkpoint);
    }

    /** Hugging Face's models begin with "backbone.", some exports with "model." or nothing. */
    static String prefix(Checkpoint checkpoint) {
        for (String prefix : List.of("backbone.", "model.", "model.backbone.", "")) {
            if (checkpoint.has(prefix + "norm_f.weight")) {
                return prefix;
            }
        }
        throw checkpoint.error("found no tensor backbone.norm_f.weight, expected a Mamba model; check that it is one");
    }

    ModelWeights weights() {
        Optional<ModelWeights.Frontend> frontend = c.frontend().map(this::frontend);
        Optional<Matrix> embeddings = frontend.isPresent() ? Optional.empty() : Optional.of(embeddings());
        List<Layer> layers = layers();
        float[] finalNorm = vector(prefix + "norm_f.weight", c.dModel());
        Matrix head = c.tieWordEmbeddings() ? embeddings.orElseThrow() : matrix("lm_head", c.vocabSize(), c.dModel());
        float[] headBias = bias(checkpoint.has("lm_head.bias"), "lm_head.bias", c.vocabSize());
        return new ModelWeights(c, frontend, embeddings, layers, finalNorm, head, headBias);
    }

    private List<Layer> layers() {
        List<Layer> layers = new ArrayList<>();
        for (int i = 0; i < c.nLayers(); i++) {
            String name = prefix + "layers." + i + ".";
            layers.add(
                    switch (c.kind()) {
                        case MAMBA1 -> mamba1(name);
                        case MAMBA2 -> mamba2(name);
                        case S4D -> s4d(name);
                    });
        }
        return List.copyOf(layers);
    }

    private Layer mamba1(String layer) {
        String mixer = layer + "mixer.";
        return new Layer.Mamba1(
                vector(layer + "norm.weight", c.dModel()),
                matrix(mixer + "in_proj", 2L * c.dInner(), c.dModel()),
                bias(c.useBias(), mixer + "in_proj.bias", 2L * c.dInner()),
                convWeight(mixer),
                bias(c.useConvBias(), mixer + "conv1d.bias", c.convDim()),
                small(mixer + "x_proj", c.dtRank() + 2L * c.dState(), c.dInner()),
                small(mixer + "dt_proj", c.dInner(), c.dtRank()),
                vector(mixer + "dt_proj.bias", c.dInner()),
                minusExp(transposed(tensor(mixer + "A_log", c.dInner(), c.dState()), c.dInner(), c.dState())),
                vector(mixer + "D", c.dInner()),
                matrix(mixer + "out_proj", c.dModel(), c.dInner()),
                bias(c.useBias(), mixer + "out_proj.bias", c.dModel()));
    }

    private Layer mamba2(String layer) {
        String mixer = layer + "mixer.";
        long projected = (long) c.dInner() + c.convDim() + c.nHeads();
        return new Layer.Mamba2(
                vector(layer + "norm.weight", c.dModel()),
                matrix(mixer + "in_proj", projected, c.dModel()),
                bias(c.useBias(), mixer + "in_proj.bias", projected),
                convWeight(mixer),
                bias(c.useConvBias(), mixer + "conv1d.bias", c.convDim()),
                vector(mixer + "dt_bias", c.nHeads()),
                minusExp(vector(mixer + "A_log", c.nHeads())),
                vector(mixer + "D", c.nHeads()),
                vector(mixer + "norm.weight", c.dInner()),
                matrix(mixer + "out_proj", c.dModel(), c.dInner()),
                bias(c.useBias(), mixer + "out_proj.bias", c.dModel()));
    }

    private Layer s4d(String layer) {
        String mixer = layer + "mixer.";
        long pairs = c.dState() / 2;
        return new S4dParameters(
                        vector(mixer + "log_dt", c.dModel()),
                        tensor(mixer + "log_A_real", c.dModel(), pairs),
                        tensor(mixer + "A_imag", c.dModel(), pairs),
                        tensor(mixer + "C", c.dModel(), pairs, 2),
                        vector(mixer + "D", c.dModel()))
                .discretised(
                        vector(layer + "norm.weight", c.dModel()),
                        matrix(mixer + "out_proj", 2L * c.dModel(), c.dModel()),
                        bias(c.useBias(), mixer + "out_proj.bias", 2L * c.dModel()));
    }

    private Matrix embeddings() {
        String plural = prefix + "embeddings";
        boolean old = !checkpoint.has(plural + ".weight") && checkpoint.has(prefix + "embedding.weight");
        return matrix(old ? prefix + "embedding" : plural, c.vocabSize(), c.dModel());
    }

    private ModelWeights.Frontend frontend(FrameFrontend f) {
        return new ModelWeights.Frontend(
                vector("frontend.mean", f.nMels()),
                vector("frontend.scale", f.nMels()),
                matrix("frontend.proj", c.dModel(), f.windowSize()),
                vector("frontend.proj.bias", c.dModel()));
    }

    /** A large matrix, in the precision that was asked for. */
    private Matrix matrix(String name, long rows, long cols) {
        TensorReader reader = checkpoint.reader(name + ".weight").shaped(rows, cols);
        return counted(as(precision, stored(reader, name, (int) rows, (int) cols)));
    }

    /** A small matrix that decides the time step: never rounded further than the checkpoint does. */
    private Matrix small(String name, long rows, long cols) {
        TensorReader reader = checkpoint.reader(name + ".weight").shaped(rows, cols);
        return counted(as(Weights.F32, stored(reader, name, (int) rows, (int) cols)));
    }

    private static Matrix as(Weights precision, Matrix m) {
        return switch (precision) {
            case AS_STORED -> m;
            case F32 -> m instanceof Matrix.F32 ? m : new Matrix.F32(m.rows(), m.cols(), floats(m));
            case BF16 -> m instanceof Matrix.Bf16 ? m : Matrix.Bf16.of(m.rows(), m.cols(), floats(m));
            case INT8 -> m instanceof Matrix.Int8 ? m : Matrix.Int8.of(m.rows(), m.cols(), floats(m));
        };
    }

    private Matrix counted(Matrix m) {
        parameters += (long) m.rows() * m.cols();
        bytes += m.bytes();
        return m;
    }

    private Matrix stored(TensorReader reader, String name, int rows, int cols) {
        return switch (reader.type()) {
            case I8 -> new Matrix.Int8(rows, cols, reader.int8(), scales(reader, name, rows));
            case BF16 -> new Matrix.Bf16(rows, cols, reader.bf16());
            default -> new Matrix.F32(rows, cols, reader.floats());
        };
    }

    private float[] scales(TensorReader matrix, String name, int rows) {
        String scale = name + ".weight_scale";
        if (!checkpoint.has(scale)) {
            throw matrix.error("found dtype I8 without " + scale + ", expected one scale a row (" + rows + ")");
        }
        return checkpoint.reader(scale).shaped(rows).floats();
    }

    private static float[] floats(Matrix m) {
        if (m instanceof Matrix.F32 f) {
            return f.w();
        }
        float[] out = new float[Math.multiplyExact(m.rows(), m.cols())];
        for (int r = 0; r < m.rows(); r++) {
            m.row(r, out, r * m.cols());
        }
        return out;
    }

    private float[] convWeight(String mixer) {
        float[] taps = tensor(mixer + "conv1d.weight", c.convDim(), 1, c.dConv()); // (convDim, 1, dConv)
        return transposed(taps, c.convDim(), c.dConv());
    }

    private float[] bias(boolean there, String name, long n) {
        return there ? vector(name, n) : Layer.NONE;
    }

    private float[] vector(String name, long n) {
        return tensor(name, n);
    }

    private float[] tensor(String name, long... shape) {
        float[] values = checkpoint.reader(name).shaped(shape).floats();
        parameters += values.length;
        bytes += 4L * values.length;
        return values;
    }

    /** Weights read so far. */
    long parameters() {
        return parameters;
    }

    /** Memory they take. */
    long bytes() {
        return bytes;
    }

    /** (rows, cols) becomes (cols, rows), so that the channels lie side by side. */
    private static float[] transposed(float[] m, int rows, int cols) {
        float[] out = new float[m.length];
        for (int r = 0; r < rows; r++) {
            for (int col = 0; col < cols; col++) {
                out[col * rows + r] = m[r * cols + col];
            }
        }
        return out;
    }

    private static float[] minusExp(float[] aLog) {
        for (int i = 0; i < aLog.length; i++) {
            aLog[i] = (float) -Math.exp(aLog[i]);
        }
        return aLog;
    }
}
