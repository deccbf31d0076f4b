package io.mambaaudio.lv2;

import io.mambaaudio.models.Backend;
import io.mambaaudio.models.Mamba;
import io.mambaaudio.speech.EndpointRules;
import io.mambaaudio.speech.GateRules;
import io.mambaaudio.speech.Transcriber;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.SplittableRandom;

/**
 * A tiny random model that writes words when it hears sound (tiny.safetensors is the bytes of TinyModel of the speech module's tests,
 * seed 7), and sound for it.
 */
final class Tiny {
    private static final Mamba MODEL = model();

    private Tiny() {}

    private static Mamba model() {
        try (InputStream in = Objects.requireNonNull(Tiny.class.getResourceAsStream("tiny.safetensors"))) {
            Path file = Files.createTempFile("tiny", ".safetensors");
            try {
                Files.write(file, in.readAllBytes());
                return Mamba.open(file);
            } finally {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Transcriber.Builder recogniser() {
        return Transcriber.builder(MODEL)
                .backend(Backend.SCALAR)
                .gateRules(new GateRules(0, -200))
                .endpointRules(new EndpointRules(0.2, 0.2, 6, 5, false));
    }

    /** Bursts of tones and noise between near silence: (channels, frames). */
    static float[][] sound(long seed, int channels, int rateHz, double seconds) {
        SplittableRandom random = new SplittableRandom(seed);
        float[][] sound = new float[channels][(int) (seconds * rateHz)];
        double level = 0;
        double phase = 0;
        double hz = 300;
        for (int i = 0; i < sound[0].length; i++) {
            if (i % (rateHz / 7) == 0) {
                level = random.nextInt(3) == 0 ? 0.0003 : random.nextDouble(0.01, 0.3);
                hz = random.nextDouble(100, 3000);
            }
            phase += 2 * Math.PI * hz / rateHz;
            for (float[] channel : sound) {
                channel[i] = (float) (level * (Math.sin(phase) + 0.3 * random.nextDouble(-1, 1)));
            }
        }
        return sound;
    }
}
