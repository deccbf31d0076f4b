package io.mambaaudio.demo;

import io.mambaaudio.models.Backend;
import io.mambaaudio.models.Checkpoint;
import io.mambaaudio.models.Mamba;
import io.mambaaudio.models.Tokenizer;
import io.mambaaudio.models.Weights;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Option;

/** Which language model runs, and where. */
final class LanguageOptions {
    @Option(
            names = "--backend",
            defaultValue = "auto",
            paramLabel = "NAME",
            description = "Where the model computes: auto, scalar, vector, cuda. Default: ${DEFAULT-VALUE}.")
    private Backend backend = Backend.AUTO;

    @Option(
            names = "--weights",
            defaultValue = "as_stored",
            paramLabel = "NAME",
            description = "How the matrices are kept: as_stored, f32, bf16, int8. Default: ${DEFAULT-VALUE}.")
    private Weights weights = Weights.AS_STORED;

    /** A language model with its tokens. */
    record Language(Mamba model, Tokenizer tokenizer) {
        /** What stands before a text of which nothing is known: the token between texts, or a new line. */
        int start() {
            return tokenizer.endOfText().orElse('\n');
        }
    }

    Backend backend() {
        return backend;
    }

    /**
     * The model and what the command is to do with it.
     *
     * @param arguments the model and a text or file, or that alone, for the model that ships
     */
    Language open(List<String> arguments) {
        Path path = arguments.size() > 1 ? Path.of(arguments.getFirst()) : ShippedFiles.languageModel();
        try (Checkpoint checkpoint = Files.isDirectory(path) ? Checkpoint.openFolder(path) : Checkpoint.open(path)) {
            Mamba model = Mamba.load(checkpoint, weights);
            if (model.config().frontend().isPresent()) {
                throw new UserError(path + " is a model that hears; give one that reads text");
            }
            return new Language(model, Tokenizer.beside(path, model.config().vocabSize()));
        }
    }
}
