package io.mambaaudio.speech;

import io.mambaaudio.models.Mamba;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * A random Mamba-2 with a mel front end, in the format of our checkpoints: two layers, 12 letters, lively enough that sound makes it
 * write words. Every seed is another model.
 */
final class TinyModel {
    static final String MEL = """
            {"sample_rate_hz":16000,"window_samples":400,"hop_samples":160,"fft_size":512,"n_mels":20,"min_hz":20.0,\
            "max_hz":7600.0,"mel_scale":"slaney","norm":"none","window":"hann_periodic","power":2.0,"log":"natural",\
            "floor":1e-6,"pad":"none"}""";

    static final List<String> PIECES =
            List.of("<blank>", "\u2581a", "\u2581b", "\u2581ca", "a", "b", "c", "d", "ef", "g", "hij", "'");

    private static final int D_MODEL = 16;
    private static final int D_STATE = 8;
    private static final int HEADS = 4;
    private static final int HEAD_DIM = 8;
    private static final int D_INNER = HEADS * HEAD_DIM;
    private static final int CONV_DIM = D_INNER + 2 * D_STATE;
    private static final int MELS = 20;
    private static final int WINDOW = 12;
    private static final int LAYERS = 2;

    private static final String CONFIG = """
            {"model_type":"mamba2","hidden_size":16,"num_hidden_layers":2,"state_size":8,"conv_kernel":4,"expand":2,\
            "head_dim":8,"num_heads":4,"n_groups":1,"use_bias":false,"use_conv_bias":true,"layer_norm_epsilon":1e-5,\
            "time_step_limit":[0.0,1000.0],"chunk_size":64,"vocab_size":12,"tie_word_embeddings":false,\
            "hidden_act":"silu","rms_norm":true,"residual_in_fp32":true,\
            "frontend":{"n_mels":20,"window_frames":12,"stride_frames":4}}""";

    private final Map<String, int[]> shapes = new LinkedHashMap<>();
    private final Map<String, float[]> tensors = new LinkedHashMap<>();
    private final RandomGenerator random;

    private final float blankBias;

    private TinyModel(long seed, float blankBias) {
        random = new SplittableRandom(seed);
        this.blankBias = blankBias;
    }

    static Mamba open(long seed) {
        return open(seed, 0, Map.of());
    }

    /** Its checkpoint, for who reads it from a file. */
    static Path write(Path file, long seed) throws IOException {
        return Files.write(file, new TinyModel(seed, 0).bytes(Map.of()));
    }

    /** One that always says the blank. */
    static Mamba silent() {
        return open(1, 100, Map.of());
    }

    /** With some metadata replaced, or left out if empty. */
    static Mamba open(long seed, float blankBias, Map<String, String> replaced) {
        try {
            Path file = Files.createTempFile("tiny", ".safetensors");
            try {
                Files.write(file, new TinyModel(seed, blankBias).bytes(replaced));
                return Mamba.open(file);
            } finally {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private byte[] bytes(Map<String, String> replaced) {
        fill("frontend.mean", -8, 0, MELS);
        fill("frontend.scale", 0.25f, 0, MELS);
        fill("frontend.proj.weight", 0, 0.3f, D_MODEL, WINDOW * MELS);
        fill("frontend.proj.bias", 0, 0.1f, D_MODEL);
        for (int i = 0; i < LAYERS; i++) {
            layer("backbone.layers." + i + ".");
        }
        fill("backbone.norm_f.weight", 1, 0, D_MODEL);
        fill("lm_head.weight", 0, 1.2f, PIECES.size(), D_MODEL);
        fill("lm_head.bias", 0, 0, PIECES.size());
        float[] bias = Objects.requireNonNull(tensors.get("lm_head.bias"));
        bias[0] = blankBias;
        return safetensors(metadata(replaced));
    }

    private void layer(String name) {
        fill(name + "norm.weight", 1, 0, D_MODEL);
        fill(name + "mixer.in_proj.weight", 0, 0.3f, D_INNER + CONV_DIM + HEADS, D_MODEL);
        fill(name + "mixer.conv1d.weight", 0, 0.4f, CONV_DIM, 1, 4);
        fill(name + "mixer.conv1d.bias", 0, 0.1f, CONV_DIM);
        fill(name + "mixer.dt_bias", -1, 0.5f, HEADS);
        fill(name + "mixer.A_log", 0.5f, 0.3f, HEADS);
        fill(name + "mixer.D", 1, 0.1f, HEADS);
        fill(name + "mixer.norm.weight", 1, 0, D_INNER);
        fill(name + "mixer.out_proj.weight", 0, 0.3f, D_MODEL, D_INNER);
    }

    private void fill(String name, float mean, float spread, int... shape) {
        int size = 1;
        for (int s : shape) {
            size *= s;
        }
        float[] values = new float[size];
        for (int i = 0; i < size; i++) {
            values[i] = (float) (mean + spread * random.nextGaussian());
        }
        shapes.put(name, shape);
        tensors.put(name, values);
    }

    private static Map<String, String> metadata(Map<String, String> replaced) {
        Map<String, String> metadata = new LinkedHashMap<>();
        metadata.put("mamba_audio.format", "1");
        metadata.put("mamba_audio.config", CONFIG);
        metadata.put("mamba_audio.mel", MEL);
        metadata.put("mamba_audio.vocabulary", "[\"" + String.join("\",\"", PIECES) + "\"]");
        metadata.putAll(replaced);
        metadata.values().removeIf(String::isEmpty);
        return metadata;
    }

    private byte[] safetensors(Map<String, String> metadata) {
        List<String> entries = new ArrayList<>();
        List<String> strings = new ArrayList<>();
        metadata.forEach((key, value) -> strings.add(quote(key) + ":" + quote(value)));
        entries.add("\"__metadata__\":{" + String.join(",", strings) + "}");
        int at = 0;
        for (Map.Entry<String, float[]> tensor : tensors.entrySet()) {
            int end = at + 4 * tensor.getValue().length;
            entries.add("%s:{\"dtype\":\"F32\",\"shape\":%s,\"data_offsets\":[%d,%d]}"
                    .formatted(
                            quote(tensor.getKey()), java.util.Arrays.toString(shapes.get(tensor.getKey())), at, end));
            at = end;
        }
        byte[] header = ("{" + String.join(",", entries) + "}").getBytes(StandardCharsets.UTF_8);
        ByteBuffer out = ByteBuffer.allocate(8 + header.length + at).order(ByteOrder.LITTLE_ENDIAN);
        out.putLong(header.length).put(header);
        tensors.values().forEach(values -> {
            for (float value : values) {
                out.putFloat(value);
            }
        });
        return out.array();
    }

    private static String quote(String text) {
        return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
    }
}
