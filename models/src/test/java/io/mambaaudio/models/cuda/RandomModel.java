package io.mambaaudio.models.cuda;

import io.mambaaudio.models.FrameFrontend;
import io.mambaaudio.models.MambaConfig;
import io.mambaaudio.models.backend.Layer;
import io.mambaaudio.models.backend.ModelWeights;
import io.mambaaudio.models.cpu.Matrix;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/** Models of any size with random weights that keep the signal's scale. Seeded. */
final class RandomModel {
    /** How its large matrices are kept. */
    enum Kind {
        F32,
        BF16,
        INT8
    }

    private final Random random;
    private final Kind kind;

    private RandomModel(long seed, Kind kind) {
        this.random = new Random(seed);
        this.kind = kind;
    }

    static ModelWeights mamba1(int dModel, int layers, int dState, int dtRank, int vocab, Kind kind, long seed) {
        MambaConfig c = new MambaConfig(
                MambaConfig.Kind.MAMBA1,
                dModel,
                layers,
                vocab,
                2 * dModel,
                dState,
                4,
                dtRank,
                0,
                0,
                0,
                false,
                true,
                false,
                1e-5f,
                0,
                Float.POSITIVE_INFINITY,
                Optional.empty());
        return new RandomModel(seed, kind).weights(c);
    }

    static ModelWeights mamba2(
            int dModel,
            int layers,
            int dState,
            int headDim,
            int groups,
            int vocab,
            Optional<FrameFrontend> f,
            Kind kind,
            long seed) {
        MambaConfig c = new MambaConfig(
                MambaConfig.Kind.MAMBA2,
                dModel,
                layers,
                vocab,
                2 * dModel,
                dState,
                4,
                0,
                2 * dModel / headDim,
                headDim,
                groups,
                false,
                true,
                false,
                1e-5f,
                0,
                1000,
                f);
        return new RandomModel(seed, kind).weights(c);
    }

    /** As large as the shipped speech model. */
    static ModelWeights speech(Kind kind) {
        return mamba2(512, 10, 32, 64, 1, 256, Optional.of(new FrameFrontend(80, 12, 4)), kind, 1);
    }

    /** The model of the benchmark table: 90.7 M parameters without the table of tokens. */
    static ModelWeights table(Kind kind) {
        return mamba1(768, 24, 16, 48, 256, kind, 1);
    }

    private ModelWeights weights(MambaConfig c) {
        Optional<ModelWeights.Frontend> frontend = c.frontend()
                .map(f -> new ModelWeights.Frontend(
                        uniform(f.nMels(), -1, 1),
                        uniform(f.nMels(), 0.5f, 1),
                        matrix(c.dModel(), f.windowSize()),
                        uniform(c.dModel(), -0.1f, 0.1f)));
        Optional<Matrix> embeddings =
                frontend.isPresent() ? Optional.empty() : Optional.of(matrix(c.vocabSize(), c.dModel()));
        List<Layer> layers = new ArrayList<>();
        for (int i = 0; i < c.nLayers(); i++) {
            layers.add(c.kind() == MambaConfig.Kind.MAMBA1 ? mamba1(c) : mamba2(c));
        }
        return new ModelWeights(
                c,
                frontend,
                embeddings,
                List.copyOf(layers),
                uniform(c.dModel(), 0.8f, 1.2f),
                matrix(c.vocabSize(), c.dModel()),
                uniform(c.vocabSize(), -1, 1));
    }

    private Layer mamba1(MambaConfig c) {
        int dInner = c.dInner();
        return new Layer.Mamba1(
                uniform(c.dModel(), 0.8f, 1.2f),
                matrix(2 * dInner, c.dModel()),
                Layer.NONE,
                uniform(4 * dInner, -0.8f, 0.8f),
                uniform(dInner, -0.1f, 0.1f),
                small(c.dtRank() + 2 * c.dState(), dInner),
                small(dInner, c.dtRank()),
                uniform(dInner, -6, -1),
                uniform(dInner * c.dState(), -16, -1),
                uniform(dInner, 0.5f, 1.5f),
                matrix(c.dModel(), dInner),
                Layer.NONE);
    }

    private Layer mamba2(MambaConfig c) {
        int dInner = c.dInner();
        return new Layer.Mamba2(
                uniform(c.dModel(), 0.8f, 1.2f),
                matrix(dInner + c.convDim() + c.nHeads(), c.dModel()),
                Layer.NONE,
                uniform(4 * c.convDim(), -0.8f, 0.8f),
                uniform(c.convDim(), -0.1f, 0.1f),
                uniform(c.nHeads(), -6, -1),
                uniform(c.nHeads(), -8, -1),
                uniform(c.nHeads(), 0.5f, 1.5f),
                uniform(dInner, 0.8f, 1.2f),
                matrix(c.dModel(), dInner),
                Layer.NONE);
    }

    private Matrix small(int rows, int cols) {
        float limit = (float) Math.sqrt(3.0 / cols);
        float[] w = uniform(rows * cols, -limit, limit);
        if (kind == Kind.BF16) { // a checkpoint in bfloat16 has nothing finer
            for (int i = 0; i < w.length; i++) {
                w[i] = Float.intBitsToFloat(Float.floatToRawIntBits(w[i]) & 0xFFFF_0000);
            }
        }
        return new Matrix.F32(rows, cols, w);
    }

    private Matrix matrix(int rows, int cols) {
        float limit = (float) Math.sqrt(3.0 / cols);
        float[] w = uniform(rows * cols, -limit, limit);
        return switch (kind) {
            case F32 -> new Matrix.F32(rows, cols, w);
            case BF16 -> Matrix.Bf16.of(rows, cols, w);
            case INT8 -> Matrix.Int8.of(rows, cols, w);
        };
    }

    private float[] uniform(int n, float least, float largest) {
        float[] values = new float[n];
        for (int i = 0; i < n; i++) {
            values[i] = least + (largest - least) * random.nextFloat();
        }
        return values;
    }
}
