package io.mambaaudio.speech;

import io.mambaaudio.models.Mamba;
import io.mambaaudio.pretrained.Pretrained;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Supplier;

/** The models of {@code io.mambaaudio.pretrained}, which may not be there. */
final class ShippedModels {
    private ShippedModels() {}

    /** A builder with both, as files in a folder of the caller's. */
    static Transcriber.Builder builder(Path folder) {
        return found(() -> Transcriber.builder(Mamba.open(Pretrained.SPEECH.file(folder)))
                .languageModel(NGram.read(Pretrained.ENGLISH_WORDS.file(folder))));
    }

    /** A builder with both, which leaves no files behind. */
    static Transcriber.Builder builder() {
        return found(() -> {
            try {
                Path folder = Files.createTempDirectory("mamba-audio");
                try (InputStream words = Pretrained.ENGLISH_WORDS.address().openStream()) {
                    return Transcriber.builder(Mamba.open(Pretrained.SPEECH.file(folder)))
                            .languageModel(NGram.read(words, "of the shipped words"));
                } finally {
                    delete(folder);
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    private static Transcriber.Builder found(Supplier<Transcriber.Builder> open) {
        try {
            return open.get();
        } catch (NoClassDefFoundError | NullPointerException e) {
            throw new SpeechException(
                    "there are no shipped weights here; add mamba-audio-pretrained, or build a Transcriber with a model",
                    e);
        } catch (UncheckedIOException e) {
            throw new SpeechException(
                    "the shipped weights cannot be unpacked; make room in the folder of temporary files", e);
        }
    }

    private static void delete(Path folder) throws IOException {
        try (var copies = Files.list(folder)) {
            for (Path copy : copies.toList()) {
                Files.delete(copy);
            }
        }
        Files.delete(folder);
    }
}
