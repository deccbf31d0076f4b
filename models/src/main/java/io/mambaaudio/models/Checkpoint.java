package io.mambaaudio.models;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The tensors and the metadata of a model, memory-mapped and validated: one safetensors file, or a Hugging Face folder ({@code config.json}
 * and {@code model.safetensors}, or its shards). A malformed file raises {@link CheckpointException}; it is never read outside its bytes,
 * and what is allocated is bounded by its size.
 *
 * <p>Immutable and usable by all threads until it is closed, which unmaps the files. A {@link Mamba} keeps nothing of it.
 */
public final class Checkpoint implements AutoCloseable {
    private static final String CONFIG_KEY = "mamba_audio.config";
    private static final String INDEX = "model.safetensors.index.json";

    private final Path path;
    private final List<Safetensors> files;
    private final Map<String, Safetensors> fileOf;
    private final Optional<String> configText;

    private Checkpoint(Path path, List<Safetensors> files, Optional<String> configText) {
        this.path = path;
        this.files = files;
        this.fileOf = new LinkedHashMap<>();
        for (Safetensors file : files) {
            for (String name : file.tensors().keySet()) {
                Safetensors other = fileOf.put(name, file);
                if (other != null) {
                    throw Safetensors.error(
                            file.file(),
                            "tensor " + Json.printable(name) + ": found also in "
                                    + other.file().getFileName() + ", expected every tensor once");
                }
            }
        }
        this.configText = configText.isPresent() ? configText : metadata(CONFIG_KEY);
    }

    /**
     * Opens one safetensors file.
     *
     * @param file the file
     * @return the checkpoint, to be closed by the caller
     * @throws CheckpointException if it cannot be read or is malformed
     */
    public static Checkpoint open(Path file) {
        return of(file, List.of(Safetensors.open(file)), Optional.empty());
    }

    /**
     * Opens a folder as Hugging Face writes it: {@code config.json} with {@code model.safetensors}, or with the shards that
     * {@code model.safetensors.index.json} lists. {@code config.json} may be missing when the file's metadata has the configuration.
     *
     * @param folder the folder
     * @return the checkpoint, to be closed by the caller
     * @throws CheckpointException if it cannot be read or is malformed
     */
    public static Checkpoint openFolder(Path folder) {
        if (!Files.isDirectory(folder)) {
            throw Safetensors.error(
                    folder, "found no such folder, expected one with config.json and model.safetensors");
        }
        Path config = folder.resolve("config.json");
        Optional<String> configText = Files.exists(config) ? Optional.of(text(config)) : Optional.empty();
        Path single = folder.resolve("model.safetensors");
        if (Files.exists(single) || !Files.exists(folder.resolve(INDEX))) {
            return of(folder, List.of(Safetensors.open(single)), configText);
        }
        return of(folder, shards(folder), configText);
    }

    private static Checkpoint of(Path path, List<Safetensors> files, Optional<String> configText) {
        try {
            return new Checkpoint(path, files, configText);
        } catch (CheckpointException e) {
            files.forEach(Safetensors::close);
            throw e;
        }
    }

    private static List<Safetensors> shards(Path folder) {
        Path index = folder.resolve(INDEX);
        Map<String, Object> root = Json.object(text(index), Json.printable(index.toString()));
        if (!(root.get("weight_map") instanceof Map<?, ?> weightMap)) {
            throw Safetensors.error(index, "found no weight_map, expected tensor names with their files");
        }
        List<Safetensors> open = new java.util.ArrayList<>();
        try {
            for (Object name : new LinkedHashSet<>(weightMap.values())) { // JSON may have null in it
                open.add(Safetensors.open(shard(folder, index, name)));
            }
            return List.copyOf(open);
        } catch (CheckpointException e) {
            open.forEach(Safetensors::close);
            throw e;
        }
    }

    private static Path shard(Path folder, Path index, @Nullable Object name) {
        if (!(name instanceof String text) || !text.matches("[A-Za-z0-9._-]{1,200}") || text.startsWith(".")) {
            throw Safetensors.error(
                    index,
                    "weight_map: found the file " + Json.printable(String.valueOf(name))
                            + ", expected the name of a file beside it");
        }
        return folder.resolve(text);
    }

    private static String text(Path file) {
        try {
            long size = Files.size(file);
            if (!Files.isRegularFile(file) || size > Json.MAX_CONFIG_BYTES) {
                throw Safetensors.error(
                        file, "found " + size + " bytes, expected a JSON file of at most " + Json.MAX_CONFIG_BYTES);
            }
            return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw Safetensors.unreadable(file, e);
        }
    }

    /**
     * What was opened.
     *
     * @return the file or the folder
     */
    public Path path() {
        return path;
    }

    /**
     * The tensors of all files.
     *
     * @return their names, in the order of the headers
     */
    public Set<String> names() {
        return Collections.unmodifiableSet(fileOf.keySet());
    }

    /**
     * A value of the header's metadata.
     *
     * @param key such as {@code mamba_audio.mel}
     * @return the value, of the first file that has one
     */
    public Optional<String> metadata(String key) {
        return files.stream()
                .filter(f -> f.metadata().containsKey(key))
                .findFirst()
                .map(f -> f.metadata().getOrDefault(key, ""));
    }

    /**
     * A tensor's shape.
     *
     * @param name the tensor
     * @return its dimensions, outermost first
     * @throws CheckpointException if there is no such tensor
     */
    public List<Long> shape(String name) {
        return tensor(name).shape();
    }

    /**
     * A tensor of F32, F16, BF16 or F64 as floats.
     *
     * @param name the tensor
     * @return its elements, row-major; the caller's own
     * @throws CheckpointException if there is no such tensor, it has another type, or a value is not finite
     */
    public float[] floats(String name) {
        return new TensorReader(file(name), tensor(name)).floats();
    }

    /**
     * A tensor of I32, I64, U8 or I8 as integers.
     *
     * @param name the tensor
     * @return its elements, row-major; the caller's own
     * @throws CheckpointException if there is no such tensor, it has another type, or a value does not fit
     */
    public int[] ints(String name) {
        return new TensorReader(file(name), tensor(name)).ints();
    }

    /** Unmaps the files. */
    @Override
    public void close() {
        files.forEach(Safetensors::close);
    }

    boolean has(String name) {
        return fileOf.containsKey(name);
    }

    TensorReader reader(String name) {
        return new TensorReader(file(name), tensor(name));
    }

    /** The configuration's JSON. */
    String configText() {
        return configText.orElseThrow(() -> Safetensors.error(
                path,
                "found no configuration, expected the metadata " + CONFIG_KEY
                        + " or a config.json; give the folder that holds both files"));
    }

    /** For messages. */
    String configName() {
        boolean own = metadata(CONFIG_KEY).equals(configText);
        return Json.printable(path.toString()) + (own ? ": " + CONFIG_KEY : "/config.json");
    }

    List<MemorySegment> data() {
        return files.stream().map(Safetensors::data).toList();
    }

    CheckpointException error(String message) {
        return Safetensors.error(path, message);
    }

    private TensorInfo tensor(String name) {
        TensorInfo info = file(name).tensors().get(name);
        return java.util.Objects.requireNonNull(info);
    }

    private Safetensors file(String name) {
        Safetensors file = fileOf.get(name);
        if (file == null) {
            throw error("found no tensor " + Json.printable(name)
                    + ", expected one; it is not the checkpoint that is needed here");
        }
        return file;
    }
}
