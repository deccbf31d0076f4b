package io.mambaaudio.demo.desktop;

import io.mambaaudio.demo.Main;
import io.mambaaudio.engine.AudioInput;
import io.mambaaudio.engine.AudioInputs;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;

/** The shipped recording: 16 kHz, one channel. */
final class Samples {
    static final int RATE_HZ = 16_000;

    private Samples() {}

    static InputStream open() {
        return Objects.requireNonNull(Main.class.getResourceAsStream("sample.wav"));
    }

    /** As a file in a folder. */
    static Path file(Path folder) {
        try (InputStream in = open()) {
            return Files.write(folder.resolve("sample.wav"), in.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static float[] mono() {
        try (AudioInput input = AudioInputs.stream("sample", open())) {
            float[][] block = new float[1][1 << 20];
            int frames = 0;
            float[][] piece = new float[1][4096];
            input.start();
            for (int n = input.read(piece, 4096); n >= 0; n = input.read(piece, 4096)) {
                System.arraycopy(piece[0], 0, block[0], frames, n);
                frames += n;
            }
            return Arrays.copyOf(block[0], frames);
        }
    }
}
