package io.mambaaudio.models;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Reads the keys of Hugging Face's {@code mamba} and {@code mamba2} configurations and of our {@code s4d}, with their defaults, and checks every value. */
final class ConfigReader {
    private static final int MAX_SIZE = 1 << 24;
    private static final int MAX_CONV_DIM = 1 << 26;

    private final String where;
    private final Map<String, Object> keys;
    private final Predicate<String> hasTensor;

    private ConfigReader(String where, Map<String, Object> keys, Predicate<String> hasTensor) {
        this.where = where;
        this.keys = keys;
        this.hasTensor = hasTensor;
    }

    /**
     * The configuration.
     *
     * @param hasTensor whether the checkpoint has a tensor whose name ends so; settles what the configuration leaves open
     */
    static MambaConfig read(String text, String where, Predicate<String> hasTensor) {
        MambaConfig config = new ConfigReader(where, Json.object(text, where), hasTensor).config();
        long convDim = config.dInner() + 2L * config.nGroups() * config.dState();
        if (convDim > MAX_CONV_DIM) {
            throw new CheckpointException(where + ": found n_groups=" + config.nGroups() + " and state_size="
                    + config.dState() + ", expected sizes of less than " + MAX_CONV_DIM + " channels");
        }
        double convState = (config.dConv() - 1.0) * convDim;
        long window =
                config.frontend().map(f -> (long) f.nMels() * f.windowFrames()).orElse(0L);
        double bytes = 4.0 * (config.nLayers() * (convState + (double) config.dInner() * config.dState()) + window);
        if (bytes > MambaConfig.MAX_STATE_BYTES) {
            throw new CheckpointException(where + ": found a state of " + (long) bytes + " bytes, expected at most "
                    + MambaConfig.MAX_STATE_BYTES + "; its sizes are wrong");
        }
        return config;
    }

    private MambaConfig config() {
        MambaConfig.Kind kind = kind();
        if (kind == MambaConfig.Kind.S4D) {
            return s4d();
        }
        boolean mamba2 = kind == MambaConfig.Kind.MAMBA2;
        requireActivation("silu", "swish");
        int dModel = size("hidden_size");
        int dInner = dInner(dModel, mamba2);
        int headDim = mamba2 ? size("head_dim", 64) : 0;
        int nHeads = mamba2 ? size("num_heads", Math.max(1, dInner / headDim)) : 0;
        int nGroups = mamba2 ? size("n_groups", 8) : 0;
        if (mamba2) {
            checkHeads(dInner, nHeads, headDim, nGroups);
        }
        float[] limit = mamba2 ? timeStepLimit() : new float[] {0, Float.POSITIVE_INFINITY};
        Optional<FrameFrontend> frontend = frontend();
        return new MambaConfig(
                kind,
                dModel,
                size("num_hidden_layers"),
                size("vocab_size"),
                dInner,
                size("state_size", mamba2 ? 128 : 16),
                size("conv_kernel", 4),
                mamba2 ? 0 : dtRank(dModel),
                nHeads,
                headDim,
                nGroups,
                flag("use_bias", hasTensor.test("layers.0.mixer.in_proj.bias")),
                flag("use_conv_bias", hasTensor.test("layers.0.mixer.conv1d.bias")),
                tied(frontend),
                epsilon(),
                limit[0],
                limit[1],
                frontend);
    }

    /** Ours: no other format has this kind. */
    private MambaConfig s4d() {
        requireActivation("gelu", "gelu");
        int dModel = size("hidden_size");
        int dState = size("state_size", 64);
        if (dState % 2 != 0) {
            throw error("state_size", dState, "an even number, since states come in conjugate pairs");
        }
        Optional<FrameFrontend> frontend = frontend();
        return new MambaConfig(
                MambaConfig.Kind.S4D,
                dModel,
                size("num_hidden_layers"),
                size("vocab_size"),
                dModel,
                dState,
                1,
                0,
                0,
                0,
                0,
                flag("use_bias", hasTensor.test("layers.0.mixer.out_proj.bias")),
                false,
                tied(frontend),
                epsilon(),
                0,
                Float.POSITIVE_INFINITY,
                frontend);
    }

    private boolean tied(Optional<FrameFrontend> frontend) {
        return frontend.isEmpty() && flag("tie_word_embeddings", !hasTensor.test("lm_head.weight"));
    }

    private MambaConfig.Kind kind() {
        Object type = keys.get("model_type");
        if ("mamba".equals(type)) {
            return MambaConfig.Kind.MAMBA1;
        }
        if ("mamba2".equals(type)) {
            return MambaConfig.Kind.MAMBA2;
        }
        if ("s4d".equals(type)) {
            return MambaConfig.Kind.S4D;
        }
        throw error("model_type", type, "mamba, mamba2 or s4d");
    }

    private void requireActivation(String name, String alias) {
        Object act = keys.getOrDefault("hidden_act", name);
        if (!name.equals(act) && !alias.equals(act)) {
            throw error("hidden_act", act, name);
        }
    }

    private int dInner(int dModel, boolean mamba2) {
        double dInner = Math.floor(number("expand", 2) * dModel);
        if (!(dInner >= 1 && dInner <= MAX_SIZE)) {
            throw error("expand", keys.get("expand"), "a factor that gives expand * hidden_size = 1 to " + MAX_SIZE);
        }
        if (!mamba2 && keys.containsKey("intermediate_size") && size("intermediate_size") != (int) dInner) {
            throw error("intermediate_size", keys.get("intermediate_size"), "expand * hidden_size = " + (int) dInner);
        }
        return (int) dInner;
    }

    private void checkHeads(int dInner, int nHeads, int headDim, int nGroups) {
        if ((long) nHeads * headDim != dInner) {
            throw error(
                    "num_heads", nHeads, "num_heads * head_dim(" + headDim + ") = expand * hidden_size = " + dInner);
        }
        if (nHeads % nGroups != 0) {
            throw error("n_groups", nGroups, "a divisor of num_heads=" + nHeads);
        }
    }

    private int dtRank(int dModel) {
        Object rank = keys.get("time_step_rank");
        return rank == null || "auto".equals(rank) ? Math.ceilDiv(dModel, 16) : size("time_step_rank");
    }

    private float epsilon() {
        double eps = number("layer_norm_epsilon", 1e-5);
        if (!(eps > 0 && eps < 1)) {
            throw error("layer_norm_epsilon", keys.get("layer_norm_epsilon"), "a number above 0 and below 1");
        }
        return (float) eps;
    }

    private float[] timeStepLimit() {
        Object limit = keys.get("time_step_limit");
        if (limit == null) {
            return new float[] {0, Float.POSITIVE_INFINITY};
        }
        if (limit instanceof List<?> list && list.size() == 2) {
            float min = (float) real(list.get(0));
            float max = (float) real(list.get(1));
            if (min >= 0 && min <= max) { // false for NaN
                return new float[] {min, max};
            }
        }
        throw error("time_step_limit", limit, "two numbers, 0 <= least <= largest");
    }

    private Optional<FrameFrontend> frontend() {
        Object found = keys.get("frontend");
        if (found == null) {
            return Optional.empty();
        }
        if (!(found instanceof Map<?, ?> map)) {
            throw error("frontend", found, "an object with n_mels, window_frames, stride_frames");
        }
        int nMels = size("frontend.n_mels", map.get("n_mels"));
        int window = size("frontend.window_frames", map.get("window_frames"));
        int stride = size("frontend.stride_frames", map.get("stride_frames"));
        if (stride > window) {
            throw error("frontend.stride_frames", stride, "at most window_frames=" + window);
        }
        return Optional.of(new FrameFrontend(nMels, window, stride));
    }

    private int size(String key) {
        return size(key, keys.get(key));
    }

    private int size(String key, int whenMissing) {
        return keys.get(key) == null ? whenMissing : size(key);
    }

    private int size(String key, @Nullable Object value) {
        if (value instanceof Integer n && n >= 1 && n <= MAX_SIZE) {
            return n;
        }
        throw error(key, value, "a whole number from 1 to " + MAX_SIZE);
    }

    private boolean flag(String key, boolean whenMissing) {
        Object value = keys.get(key);
        if (value == null) {
            return whenMissing;
        }
        if (value instanceof Boolean flag) {
            return flag;
        }
        throw error(key, value, "true or false");
    }

    private double number(String key, double whenMissing) {
        Object value = keys.get(key);
        if (value == null) {
            return whenMissing;
        }
        double number = real(value);
        if (!Double.isFinite(number)) {
            throw error(key, value, "a finite number");
        }
        return number;
    }

    /** A number as JSON, as Python's {@code Infinity}, or as {@code {"__float__": "Infinity"}}; NaN for anything else. */
    private static double real(@Nullable Object value) {
        if (value instanceof Number n) {
            return n.doubleValue();
        }
        Object inner = value instanceof Map<?, ?> map && map.size() == 1 ? map.get("__float__") : value;
        return "Infinity".equals(inner) ? Double.POSITIVE_INFINITY : Double.NaN;
    }

    private CheckpointException error(String key, @Nullable Object found, String expected) {
        return new CheckpointException(
                where + ": " + key + ": found " + Json.printable(String.valueOf(found)) + ", expected " + expected);
    }
}
