package io.mambaaudio.music;

import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Random;

/** A model that is no musician, and sounds to play to it. */
final class Tiny {
    static final long SEED = 20261124;

    private Tiny() {}

    static Path file(String name) {
        try {
            return Path.of(Objects.requireNonNull(Tiny.class.getResource(name)).toURI());
        } catch (URISyntaxException e) {
            throw new AssertionError(e);
        }
    }

    static MusicModel model() {
        return MusicModel.open(file("tiny.safetensors"));
    }

    /** Chords of decaying tones, a new one every 0.3 s, and from {@code endSeconds} on silence. */
    static float[] music(int rate, double seconds, double endSeconds) {
        float[] sound = new float[(int) (seconds * rate)];
        Random random = new Random(SEED);
        int end = (int) (endSeconds * rate);
        for (int start = 0; start < end; start += (int) (0.3 * rate)) {
            for (int note = 0; note < 3; note++) {
                double hz = 440 * Math.pow(2, (random.nextInt(30) - 24) / 12.0);
                for (int i = start; i < Math.min(end, start + rate); i++) {
                    double t = (i - start) / (double) rate;
                    double level = 0.1 * Math.exp(-4 * t) * Math.min(1, t / 0.004);
                    sound[i] +=
                            (float) (level * (Math.sin(2 * Math.PI * hz * t) + 0.4 * Math.sin(4 * Math.PI * hz * t)));
                }
            }
        }
        for (int i = 0; i < rate / 100; i++) { // no click at the end
            sound[end - 1 - i] *= i / (rate / 100f);
        }
        return sound;
    }
}
