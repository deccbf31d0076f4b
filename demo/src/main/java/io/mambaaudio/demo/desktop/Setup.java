package io.mambaaudio.demo.desktop;

import io.mambaaudio.engine.AudioInput;
import io.mambaaudio.engine.AudioInputs;
import io.mambaaudio.models.Backend;
import io.mambaaudio.models.Mamba;
import io.mambaaudio.speech.Transcriber;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * What the window is opened with.
 *
 * @param model the model's file or folder
 * @param shipped whether that is the one that comes with the application
 * @param backend where it computes
 * @param recogniser from a model to transcribers of it, with language model and hotwords as the command line says
 * @param sample opens the shipped recording
 * @param files to transcribe at once, in order
 * @param theme light or dark
 */
public record Setup(
        Path model,
        boolean shipped,
        Backend backend,
        Function<Mamba, Transcriber.Builder> recogniser,
        Supplier<AudioInput> sample,
        List<Path> files,
        Theme theme) {
    /** Copies the list. */
    public Setup {
        files = List.copyOf(files);
    }

    /** The recording that everybody can try, at the pace of speech. */
    Source sampleSource() {
        return new Source("Shipped recording", false, () -> AudioInputs.paced(sample.get()));
    }
}
