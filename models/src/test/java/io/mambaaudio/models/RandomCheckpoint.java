package io.mambaaudio.models;

import io.mambaaudio.models.cpu.Matrix;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import tools.jackson.jr.ob.JSON;

/** Speech checkpoints (Mamba-2 with a frame front end) of any size with random weights that keep the signal's scale. Seeded. */
record RandomCheckpoint(
        int nMels,
        int window,
        int stride,
        int dModel,
        int layers,
        int dState,
        int headDim,
        int vocab,
        boolean int8,
        long seed) {

    static RandomCheckpoint tiny(boolean int8, long seed) {
        return new RandomCheckpoint(5, 3, 2, 32, 2, 8, 16, 11, int8, seed);
    }

    /** As large as the shipped speech model. */
    static RandomCheckpoint speech() {
        return new RandomCheckpoint(80, 12, 4, 512, 10, 32, 64, 256, false, 1);
    }

    Path write(Path file) {
        return writer().write(file);
    }

    SafetensorsWriter writer() {
        Random random = new Random(seed);
        SafetensorsWriter out = new SafetensorsWriter().metadata(metadata());
        int dInner = 2 * dModel;
        int heads = dInner / headDim;
        int convDim = dInner + 2 * dState;
        out.floats("frontend.mean", uniform(random, nMels, -1, 1), nMels);
        out.floats("frontend.scale", uniform(random, nMels, 0.5f, 1), nMels);
        matrix(out, random, "frontend.proj", dModel, window * nMels);
        out.floats("frontend.proj.bias", uniform(random, dModel, -0.1f, 0.1f), dModel);
        for (int i = 0; i < layers; i++) {
            String layer = "backbone.layers." + i + ".";
            String mixer = layer + "mixer.";
            out.floats(layer + "norm.weight", uniform(random, dModel, 0.8f, 1.2f), dModel);
            matrix(out, random, mixer + "in_proj", dInner + convDim + heads, dModel);
            out.floats(mixer + "conv1d.weight", uniform(random, convDim * 4, -0.8f, 0.8f), convDim, 1, 4);
            out.floats(mixer + "conv1d.bias", uniform(random, convDim, -0.1f, 0.1f), convDim);
            out.floats(mixer + "dt_bias", uniform(random, heads, -6, -1), heads);
            out.floats(mixer + "A_log", uniform(random, heads, 0, 2), heads);
            out.floats(mixer + "D", uniform(random, heads, 0.5f, 1.5f), heads);
            out.floats(mixer + "norm.weight", uniform(random, dInner, 0.8f, 1.2f), dInner);
            matrix(out, random, mixer + "out_proj", dModel, dInner);
        }
        out.floats("backbone.norm_f.weight", uniform(random, dModel, 0.8f, 1.2f), dModel);
        matrix(out, random, "lm_head", vocab, dModel);
        return out.floats("lm_head.bias", uniform(random, vocab, -1, 1), vocab);
    }

    Map<String, String> metadata() {
        List<String> pieces = new ArrayList<>(List.of(Vocabulary.BLANK));
        for (int i = 1; i < vocab; i++) {
            pieces.add((i % 2 == 0 ? "" : "\u2581") + "p" + i);
        }
        Map<String, Object> config = new LinkedHashMap<>();
        config.put("model_type", "mamba2");
        config.put("hidden_size", dModel);
        config.put("num_hidden_layers", layers);
        config.put("state_size", dState);
        config.put("conv_kernel", 4);
        config.put("expand", 2);
        config.put("head_dim", headDim);
        config.put("num_heads", 2 * dModel / headDim);
        config.put("n_groups", 1);
        config.put("use_bias", false);
        config.put("use_conv_bias", true);
        config.put("layer_norm_epsilon", 1e-5);
        config.put("time_step_limit", List.of(0.0, 1000.0));
        config.put("vocab_size", vocab);
        config.put("tie_word_embeddings", false);
        config.put("frontend", Map.of("n_mels", nMels, "window_frames", window, "stride_frames", stride));
        return Map.of(
                "mamba_audio.format",
                "1",
                "mamba_audio.config",
                JSON.std.asString(config),
                "mamba_audio.mel",
                "{\"n_mels\": " + nMels + "}",
                "mamba_audio.vocabulary",
                JSON.std.asString(pieces));
    }

    private void matrix(SafetensorsWriter out, Random random, String name, int rows, int cols) {
        float limit = (float) Math.sqrt(3.0 / cols);
        float[] w = uniform(random, rows * cols, -limit, limit);
        if (int8) {
            Matrix.Int8 m = Matrix.Int8.of(rows, cols, w);
            out.add(name + ".weight", "I8", m.q(), rows, cols);
            out.floats(name + ".weight_scale", m.scale(), rows);
        } else {
            out.floats(name + ".weight", w, rows, cols);
        }
    }

    private static float[] uniform(Random random, int n, float least, float largest) {
        float[] values = new float[n];
        for (int i = 0; i < n; i++) {
            values[i] = least + (largest - least) * random.nextFloat();
        }
        return values;
    }
}
