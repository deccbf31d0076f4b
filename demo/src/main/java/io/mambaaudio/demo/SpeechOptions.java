package io.mambaaudio.demo;

import io.mambaaudio.models.Backend;
import io.mambaaudio.models.Mamba;
import io.mambaaudio.speech.Hotwords;
import io.mambaaudio.speech.NGram;
import io.mambaaudio.speech.Transcriber;
import io.mambaaudio.speech.TranscriptEvent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import picocli.CommandLine.Option;

/** The options that say how speech is recognised, shared by the commands that do. */
final class SpeechOptions {
    private static final int MAX_BEAM = 1024;
    private static final int WARM_UP_STEPS = 500;

    @Option(
            names = "--model",
            paramLabel = "DIR",
            description =
                    "A speech model: a folder with model.safetensors, or the file; or one of the two that ship, base and tiny "
                            + "(a quarter of the size). Default: base.")
    private Optional<Path> model = Optional.empty();

    @Option(
            names = "--backend",
            defaultValue = "auto",
            paramLabel = "NAME",
            description = "Where the model computes: auto, scalar, vector, cuda. Default: ${DEFAULT-VALUE}.")
    private Backend backend = Backend.AUTO;

    @Option(
            names = "--hotwords",
            paramLabel = "FILE",
            description = "Phrases to prefer, one a line; a number behind a phrase is its boost.")
    private Optional<Path> hotwords = Optional.empty();

    @Option(
            names = "--lm",
            paramLabel = "FILE",
            description =
                    "A word n-gram model, ARPA or compact ('mamba-audio lm' makes it), or none. Default: the shipped one, "
                            + "English.")
    private Optional<String> languageModel = Optional.empty();

    @Option(
            names = "--beam",
            paramLabel = "N",
            description = "Search with N hypotheses, 1 to " + MAX_BEAM
                    + "; 1 takes the best letter at each step, without a language model. Default: "
                    + Transcriber.DEFAULT_BEAM + ".")
    private Optional<Integer> beam = Optional.empty();

    @Option(names = "--digits", description = "Write numbers in digits in finished text: 21 for twenty one.")
    private boolean digits;

    /** All that transcribers of one run share; opened once. */
    record Recogniser(
            Mamba model,
            Backend backend,
            Optional<Hotwords> hotwords,
            Optional<NGram> languageModel,
            Optional<Integer> beam,
            boolean digits) {
        /**
         * A transcriber for one input. Warm-up makes its first steps as fast as all others, which matters where sound does not
         * wait.
         */
        Transcriber transcriber(Consumer<TranscriptEvent> listener, boolean warmUp) {
            return builder()
                    .listener(listener)
                    .warmUpSteps(warmUp ? WARM_UP_STEPS : 0)
                    .build();
        }

        /** For who makes many. */
        Transcriber.Builder builder() {
            Transcriber.Builder builder =
                    Transcriber.builder(model).backend(backend).digits(digits);
            hotwords.ifPresent(builder::hotwords);
            languageModel.ifPresent(builder::languageModel);
            beam.ifPresent(builder::beam);
            return builder;
        }
    }

    Backend backend() {
        return backend;
    }

    Path modelPath() {
        return model.map(SpeechOptions::named).orElseGet(ShippedFiles::speechModel);
    }

    /** A shipped model by its name, unless there is a file of that name. */
    static Path named(Path given) {
        if (Files.exists(given)) {
            return given;
        }
        return switch (given.toString()) {
            case "base" -> ShippedFiles.speechModel();
            case "tiny" -> ShippedFiles.tinySpeechModel();
            default -> given;
        };
    }

    boolean isShipped() {
        return model.isEmpty();
    }

    /** For who chooses the model later: from a model to transcribers of it, with everything else as the options say. */
    Function<Mamba, Transcriber.Builder> recogniser() {
        check();
        Optional<Hotwords> preferred = hotwords.map(Hotwords::read);
        Optional<NGram> language = languageModel();
        return chosen -> new Recogniser(chosen, backend, preferred, language, beam, digits).builder();
    }

    Recogniser open() {
        check();
        return new Recogniser(
                Mamba.open(modelPath()), backend, hotwords.map(Hotwords::read), languageModel(), beam, digits);
    }

    /** The one that was asked for, or the shipped one unless a beam of 1 leaves no use for it. */
    private Optional<NGram> languageModel() {
        boolean greedy = beam.filter(n -> n == 1).isPresent();
        if (languageModel.isPresent()) {
            boolean none = languageModel.get().equals("none");
            if (greedy && !none) {
                throw new UserError("--lm " + languageModel.get()
                        + " needs hypotheses to choose from, --beam is 1; choose --beam 2 or more, or leave out --lm");
            }
            return languageModel.filter(name -> !none).map(name -> NGram.read(Path.of(name)));
        }
        return greedy ? Optional.empty() : Optional.of(NGram.read(ShippedFiles.englishWords()));
    }

    private void check() {
        beam.filter(n -> n < 1 || n > MAX_BEAM).ifPresent(n -> {
            throw new UserError("--beam " + n + " is out of range; choose 1 to " + MAX_BEAM);
        });
    }
}
