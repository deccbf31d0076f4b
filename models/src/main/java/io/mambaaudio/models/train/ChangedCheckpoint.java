package io.mambaaudio.models.train;

import io.mambaaudio.models.Checkpoint;
import io.mambaaudio.models.Weights;
import io.mambaaudio.models.cpu.Matrix;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/** A checkpoint with some of its tensors replaced, as a file of its own. What is not replaced keeps its bits. */
public final class ChangedCheckpoint {
    private static final List<String> METADATA =
            List.of("format", "name", "config", "mel", "vocabulary", "training", "licence");

    private final Checkpoint source;
    private final Map<String, Parameter> changed;
    private final Map<String, String> metadata = new LinkedHashMap<>();

    /**
     * Begins with the metadata of the source.
     *
     * @param source stays open until the file is written; one of ours, with its configuration in the file
     * @param changed what is replaced, under the source's names
     */
    public ChangedCheckpoint(Checkpoint source, List<Parameter> changed) {
        this.source = source;
        this.changed = changed.stream().collect(Collectors.toMap(Parameter::name, Function.identity()));
        for (String key : METADATA) {
            source.metadata("mamba_audio." + key).ifPresent(value -> metadata.put("mamba_audio." + key, value));
        }
    }

    /**
     * Adds to a line of the metadata.
     *
     * @param key without {@code mamba_audio.}
     * @param more put behind what is there
     * @return this
     */
    public ChangedCheckpoint note(String key, String more) {
        metadata.merge("mamba_audio." + key, more, (before, after) -> before + "; " + after);
        return this;
    }

    /**
     * Writes the file.
     *
     * @param file where to
     * @param matrices how the large matrices that changed are kept; AS_STORED: as 8-bit integers where the source has them
     * @throws IOException if it cannot be written
     */
    public void write(Path file, Weights matrices) throws IOException {
        SafetensorsWriter out = new SafetensorsWriter(metadata);
        for (String name : source.names()) {
            boolean scale = name.endsWith(StoredTensors.SCALE) && source.names().contains(matrixOf(name));
            if (!scale) {
                Optional<Parameter> replaced = Optional.ofNullable(changed.get(name));
                replaced.ifPresentOrElse(p -> replace(out, p, matrices), () -> copy(out, name));
            }
        }
        out.write(file);
    }

    private static String matrixOf(String scale) {
        return scale.substring(0, scale.length() - StoredTensors.SCALE.length());
    }

    private void copy(SafetensorsWriter out, String name) {
        int[] shape = source.shape(name).stream().mapToInt(Math::toIntExact).toArray();
        String scale = name + StoredTensors.SCALE;
        if (!source.names().contains(scale)) {
            out.float32(name, source.floats(name), shape);
            return;
        }
        int[] ints = source.ints(name);
        byte[] bytes = new byte[ints.length];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) ints[i];
        }
        out.int8(name, bytes, shape).float32(scale, source.floats(scale), shape[0]);
    }

    private void replace(SafetensorsWriter out, Parameter p, Weights matrices) {
        boolean wasInt8 = source.names().contains(p.name() + StoredTensors.SCALE);
        boolean int8 = matrices == Weights.INT8 || (matrices == Weights.AS_STORED && wasInt8);
        if (p.decay() && int8) {
            Matrix.Int8 m = Matrix.Int8.of(p.shape()[0], p.shape()[1], p.value());
            out.int8(p.name(), m.q(), p.shape()).float32(p.name() + StoredTensors.SCALE, m.scale(), p.shape()[0]);
        } else if (p.decay() && matrices == Weights.BF16) {
            out.bfloat16(p.name(), p.value(), p.shape());
        } else {
            out.float32(p.name(), p.value(), p.shape());
        }
    }
}
