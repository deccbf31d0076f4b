package io.mambaaudio.flink;

import io.mambaaudio.models.Backend;
import io.mambaaudio.models.Mamba;
import io.mambaaudio.speech.EndpointRules;
import io.mambaaudio.speech.GateRules;
import io.mambaaudio.speech.Transcriber;
import io.mambaaudio.speech.TranscriptEvent;
import io.mambaaudio.speech.TranscriptEvent.Final;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;

/** Sounds, and a random model that writes words when it hears them: what one process says about them is what a cluster must say. */
final class Sounds {
    static final int RATE_HZ = 16_000;
    static final EndpointRules QUICK = new EndpointRules(0.2, 0.2, 6, 1, false);
    static final GateRules OPEN = new GateRules(0, -200);

    private Sounds() {}

    /** tiny.safetensors is the TinyModel of the speech module's tests with seed 7: two layers, twelve pieces. */
    static Path tinyModel() {
        try {
            return Path.of(Objects.requireNonNull(Sounds.class.getResource("/tiny.safetensors"))
                    .toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    static TranscriptSettings.Builder settings() {
        return TranscriptSettings.builder()
                .model(tinyModel())
                .backend(Backend.SCALAR)
                .gate(OPEN)
                .endpoints(QUICK)
                .partials(true);
    }

    /** Bursts of tones and noise between near silence. */
    static float[] sound(long seed, int rateHz, double seconds) {
        float[] out = new float[(int) (seconds * rateHz)];
        SplittableRandom random = new SplittableRandom(seed);
        double level = 0;
        double hz = 300;
        double phase = 0;
        for (int i = 0; i < out.length; i++) {
            if (i % (rateHz / 7) == 0) {
                level = random.nextInt(3) == 0 ? 0.0005 : random.nextDouble(0.02, 0.4);
                hz = random.nextDouble(100, 3000);
            }
            phase += 2 * Math.PI * hz / rateHz;
            out[i] = (float) (level * (Math.sin(phase) + 0.3 * random.nextDouble(-1, 1)));
        }
        return out;
    }

    static List<float[]> sounds(int count, int rateHz, double seconds) {
        List<float[]> all = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            all.add(sound(100 + i, rateHz, seconds));
        }
        return all;
    }

    /** The rows of a stream as one transcriber in one process tells them. */
    static List<TranscriptRow> expected(String stream, float[] sound, int rateHz, boolean partials) {
        List<TranscriptRow> rows = new ArrayList<>();
        try (Transcriber transcriber = Transcriber.builder(Mamba.open(tinyModel()))
                .backend(Backend.SCALAR)
                .gateRules(OPEN)
                .endpointRules(QUICK)
                .listener(event -> add(rows, stream, event, partials))
                .build()) {
            transcriber.transcribe(sound, rateHz);
        }
        return rows;
    }

    private static void add(List<TranscriptRow> rows, String stream, TranscriptEvent event, boolean partials) {
        if (partials || event instanceof Final) {
            rows.add(TranscriptRow.of(stream, rows.size(), event, 0));
        }
    }
}
