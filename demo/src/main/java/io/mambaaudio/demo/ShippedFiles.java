package io.mambaaudio.demo;

import io.mambaaudio.pretrained.Pretrained;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/**
 * The shipped models as files. A build lays them beside the jars, where the launcher points to; a program that was started in another way
 * has them inside a jar, from where they are copied once to the user's cache folder.
 */
final class ShippedFiles {
    private ShippedFiles() {}

    /** The speech model's checkpoint. */
    static Path speechModel() {
        return file("speech/model.safetensors", Pretrained.SPEECH);
    }

    /** The small speech model's checkpoint. */
    static Path tinySpeechModel() {
        return file("speech-tiny/model.safetensors", Pretrained.SPEECH_TINY);
    }

    /** The words that go with both. */
    static Path englishWords() {
        return file("speech/words.ngram", Pretrained.ENGLISH_WORDS);
    }

    /** The small language model of bytes. */
    static Path languageModel() {
        return file("language/model.safetensors", Pretrained.ENGLISH_BYTES);
    }

    private static Path file(String resource, Pretrained pretrained) {
        Optional<Path> laidOut = Optional.ofNullable(System.getProperty("mamba.audio.home"))
                .map(home -> Path.of(home, "weights/io/mambaaudio/pretrained", resource))
                .filter(Files::isRegularFile);
        return laidOut.orElseGet(() -> pretrained.file(cacheFolder()));
    }

    /** Where this system keeps what can be made again. */
    private static Path cacheFolder() {
        String home = System.getProperty("user.home");
        String system = System.getProperty("os.name").toLowerCase(Locale.ROOT);
        Path caches;
        if (system.startsWith("windows")) {
            caches = environment("LOCALAPPDATA").orElse(Path.of(home, "AppData", "Local"));
        } else if (system.startsWith("mac")) {
            caches = Path.of(home, "Library", "Caches");
        } else {
            caches = environment("XDG_CACHE_HOME").orElse(Path.of(home, ".cache"));
        }
        return caches.resolve("mamba-audio");
    }

    private static Optional<Path> environment(String name) {
        return Optional.ofNullable(System.getenv(name))
                .filter(value -> !value.isBlank())
                .map(Path::of);
    }
}
