package io.mambaaudio.speech;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mambaaudio.pretrained.Pretrained;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the models that ship, with their language model, promise about sound that is no speech. */
@EnabledIf("shipped")
final class ShippedModelTest {
    private static final int RATE = 16_000;
    private static final int SECONDS = 10;

    @TempDir
    private static Path folder;

    private static Transcriber transcriber;

    @BeforeAll
    static void open() {
        transcriber = Transcriber.shipped(folder).build();
    }

    @AfterAll
    static void close() {
        transcriber.close();
    }

    static boolean shipped() {
        return Pretrained.class.getResource("speech/model.safetensors") != null
                && Pretrained.class.getResource("speech/words.ngram") != null;
    }

    private static List<TranscriptEvent.Final> transcribe(float[] sound) {
        long steps = transcriber.stats().steps();
        List<TranscriptEvent.Final> finals = transcriber.transcribe(sound, RATE);
        assertEquals(0, transcriber.stats().partials(), "no ghost is shown for a moment either");
        assertTrue(transcriber.stats().steps() - steps > 24 * SECONDS);
        return finals;
    }

    @Test
    void silenceHasNoWords() {
        assertEquals(List.of(), transcribe(new float[SECONDS * RATE]));
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.001, 0.01, 0.1})
    void whiteNoiseHasNoWords(double level) {
        SplittableRandom random = new SplittableRandom(1);
        float[] sound = new float[SECONDS * RATE];
        for (int i = 0; i < sound.length; i++) {
            sound[i] = (float) (level * random.nextGaussian());
        }
        assertEquals(List.of(), transcribe(sound));
    }

    /** Pink by the sum of octaves of held noise (Voss). */
    @ParameterizedTest
    @ValueSource(doubles = {0.001, 0.01, 0.1})
    void pinkNoiseHasNoWords(double level) {
        SplittableRandom random = new SplittableRandom(2);
        double[] octaves = new double[14];
        float[] sound = new float[SECONDS * RATE];
        for (int i = 0; i < sound.length; i++) {
            int octave = Math.min(octaves.length - 1, Integer.numberOfTrailingZeros(i + 1));
            octaves[octave] = random.nextGaussian();
            double sum = random.nextGaussian();
            for (double value : octaves) {
                sum += value;
            }
            sound[i] = (float) (level * sum / Math.sqrt(octaves.length + 1));
        }
        assertEquals(List.of(), transcribe(sound));
    }
}
