package io.mambaaudio.models.train;

import io.mambaaudio.models.Checkpoint;
import io.mambaaudio.models.MambaConfig;
import java.util.Optional;

/** The tensors of a checkpoint as parameters; 8-bit matrices become floats. Their shapes were checked when the model was loaded. */
final class StoredTensors {
    static final String SCALE = "_scale";

    private static final float[] NO_GRADIENT = {};

    private final Checkpoint checkpoint;
    private final MambaConfig config;
    private final String prefix;

    StoredTensors(Checkpoint checkpoint, MambaConfig config) {
        this.checkpoint = checkpoint;
        this.config = config;
        String last = "norm_f.weight";
        String name = checkpoint.names().stream()
                .filter(n -> n.endsWith(last))
                .findFirst()
                .orElse(last);
        this.prefix = name.substring(0, name.length() - last.length());
    }

    /** What stands before {@code layers.0}. */
    String prefix() {
        return prefix;
    }

    float[] floats(String name) {
        if (!checkpoint.names().contains(name + SCALE)) {
            return checkpoint.floats(name);
        }
        int[] steps = checkpoint.ints(name);
        float[] scale = checkpoint.floats(name + SCALE);
        int cols = steps.length / scale.length;
        float[] out = new float[steps.length];
        for (int i = 0; i < out.length; i++) {
            out[i] = steps[i] * scale[i / cols];
        }
        return out;
    }

    private Parameter parameter(String name, boolean trained) {
        int[] shape = checkpoint.shape(name).stream().mapToInt(Math::toIntExact).toArray();
        float[] value = floats(name);
        boolean matrix = shape.length == 2 && !name.endsWith("A_log");
        return new Parameter(name, shape, value, trained ? new float[value.length] : NO_GRADIENT, matrix);
    }

    private Optional<Parameter> optional(String name, boolean trained) {
        return checkpoint.names().contains(name) ? Optional.of(parameter(name, trained)) : Optional.empty();
    }

    Linear linear(String name, boolean trained) {
        return new Linear(parameter(name + ".weight", trained), optional(name + ".bias", trained));
    }

    RmsNorm norm(String name, boolean trained) {
        return new RmsNorm(parameter(name + ".weight", trained), config.normEps());
    }

    Mamba2Parameters mamba2(int layer, boolean trained) {
        String name = prefix + "layers." + layer + ".";
        String mixer = name + "mixer.";
        CausalConv conv =
                new CausalConv(parameter(mixer + "conv1d.weight", trained), optional(mixer + "conv1d.bias", trained));
        return new Mamba2Parameters(
                norm(name + "norm", trained),
                linear(mixer + "in_proj", trained),
                conv,
                parameter(mixer + "dt_bias", trained),
                parameter(mixer + "A_log", trained),
                parameter(mixer + "D", trained),
                norm(mixer + "norm", trained),
                linear(mixer + "out_proj", trained));
    }
}
