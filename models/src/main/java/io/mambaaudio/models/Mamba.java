package io.mambaaudio.models;

import io.mambaaudio.models.backend.ModelWeights;
import io.mambaaudio.models.cpu.Matrix;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/**
 * A model: its configuration and its weights. Immutable, shared by threads and by all its sessions, and independent of the checkpoint that
 * it was loaded from.
 */
public final class Mamba {
    private final MambaConfig config;
    private final Weights precision;
    private final Optional<Vocabulary> vocabulary;
    private final Optional<String> melJson;
    private final ModelWeights weights;
    private final long fingerprint;
    private final long parameters;
    private final long weightBytes;

    private Mamba(Checkpoint checkpoint, MambaConfig config, Weights precision) {
        Loader loader = new Loader(checkpoint, config, precision);
        this.config = config;
        this.precision = precision;
        this.weights = loader.weights();
        this.melJson = checkpoint.metadata("mamba_audio.mel");
        this.vocabulary = checkpoint
                .metadata("mamba_audio.vocabulary")
                .map(json -> Vocabulary.read(
                        json, Json.printable(checkpoint.path() + ": mamba_audio.vocabulary"), config.vocabSize()));
        this.parameters = loader.parameters();
        this.weightBytes = loader.bytes();
        this.fingerprint = Fingerprint.of(checkpoint.data(), config + "/" + precision);
    }

    /**
     * Takes the weights out of a checkpoint, which may be closed afterwards.
     *
     * @param checkpoint an open checkpoint of kind {@code mamba}, {@code mamba2} or {@code s4d}
     * @param precision how the large matrices are kept
     * @return the model
     * @throws CheckpointException if a tensor is missing, has the wrong shape or type, or is not finite
     */
    public static Mamba load(Checkpoint checkpoint, Weights precision) {
        MambaConfig config = ConfigReader.read(
                checkpoint.configText(), checkpoint.configName(), suffix -> checkpoint.names().stream()
                        .anyMatch(name -> name.endsWith(suffix)));
        return new Mamba(checkpoint, config, precision);
    }

    /**
     * Opens a checkpoint, loads its weights as they are stored, and closes it.
     *
     * @param path a safetensors file of ours, or a Hugging Face folder
     * @return the model
     * @throws CheckpointException if it cannot be read or is malformed
     */
    public static Mamba open(Path path) {
        try (Checkpoint checkpoint = Files.isDirectory(path) ? Checkpoint.openFolder(path) : Checkpoint.open(path)) {
            return load(checkpoint, Weights.AS_STORED);
        }
    }

    /**
     * Opens a session: one stream's state.
     *
     * @param backend where it computes
     * @return a session at the start of a stream
     * @throws ModelException if the backend cannot be had here; the message says what to do
     */
    public Session open(Backend backend) {
        return new Session(SessionBatch.open(this, backend, 1));
    }

    /**
     * The dimensions.
     *
     * @return the configuration
     */
    public MambaConfig config() {
        return config;
    }

    /**
     * What the logits stand for.
     *
     * @return the word pieces, if the checkpoint has them
     */
    public Optional<Vocabulary> vocabulary() {
        return vocabulary;
    }

    /**
     * What frames the model was trained on.
     *
     * @return the JSON of its mel specification, if the checkpoint has one
     */
    public Optional<String> melJson() {
        return melJson;
    }

    /**
     * How the large matrices are kept.
     *
     * @return what was asked for at load
     */
    public Weights precision() {
        return precision;
    }

    /**
     * Identifies the weights, the configuration and the precision.
     *
     * @return 64 bits that two different models do not share but by an accident of one in 2^64
     */
    public long fingerprint() {
        return fingerprint;
    }

    /**
     * Weights of the model.
     *
     * @return how many there are
     */
    public long parameters() {
        return parameters;
    }

    /**
     * Memory that the weights take, shared by all sessions.
     *
     * @return bytes
     */
    public long weightBytes() {
        return weightBytes;
    }

    /**
     * One line for the user: kind, sizes, precision.
     *
     * @return such as {@code mamba2, 10 layers, d_model=512, d_state=32, 16.8 M parameters, int8 weights in 17.2 MB}
     */
    public String describe() {
        String kind =
                switch (config.kind()) {
                    case MAMBA1 -> "mamba";
                    case MAMBA2 -> "mamba2";
                    case S4D -> "s4d";
                };
        return String.format(
                Locale.ROOT,
                "%s, %d layers, d_model=%d, d_state=%d, %.1f M parameters, %s weights in %.1f MB",
                kind,
                config.nLayers(),
                config.dModel(),
                config.dState(),
                parameters / 1e6,
                storage(),
                weightBytes / 1e6);
    }

    private String storage() {
        return switch (weights.head()) {
            case Matrix.F32 m -> "float32";
            case Matrix.Bf16 m -> "bfloat16";
            case Matrix.Int8 m -> "int8";
        };
    }

    ModelWeights weights() {
        return weights;
    }
}
