package io.mambaaudio.music;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mambaaudio.models.Checkpoint;
import io.mambaaudio.models.Sampler;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** What taste does to the notes that are drawn, over rows that a model gave to real music. */
final class NoteHeadTest {
    private static final int PITCHES = 88;
    private static final int LOWEST = 21;
    private static final int ROUNDS = 60;
    private static final int C_MAJOR = 0b101010110101;

    private final MusicModel model = Tiny.model();

    /** Draws after all rows of the golden file, many times. -> how often each pitch began, and the steps in which any did last */
    private long[] counts(Taste taste, float temperature) {
        Sampler sampler = new Sampler(Tiny.SEED, PITCHES);
        FrameHead.Draws draws = new FrameHead.Draws() {
            @Override
            public int component(float[] logits, int count) {
                return sampler.choose(logits, 0, count, temperature, 1);
            }

            @Override
            public double deviations() {
                return sampler.normal();
            }

            @Override
            public boolean happens(double probability) {
                return sampler.uniform() < probability;
            }
        };
        long[] counts = new long[PITCHES + 1];
        NoteHead.Scratch scratch = model.notes().scratch();
        float[] none = new float[PITCHES];
        float[] begin = new float[PITCHES];
        int width = model.mamba().config().vocabSize();
        try (Checkpoint golden = Checkpoint.open(Tiny.file("tiny-golden.safetensors"))) {
            float[] rows = golden.floats("rows");
            for (int i = 0; i < ROUNDS * rows.length / width; i++) {
                int at = i % (rows.length / width) * width;
                float[] row = Arrays.copyOfRange(rows, at, at + width);
                model.notes().draw(row, none, none, true, taste, temperature, draws, scratch, begin);
                boolean any = false;
                for (int p = 0; p < PITCHES; p++) {
                    counts[p] += (long) begin[p];
                    any |= begin[p] != 0;
                }
                counts[PITCHES] += any ? 1 : 0;
            }
        }
        return counts;
    }

    private static Taste taste(float density, float register, float keyLock, int key) {
        Taste taste = new Taste(PITCHES, LOWEST);
        taste.rules(density, register, keyLock, key);
        return taste;
    }

    private static double meanPitch(long[] counts) {
        double sum = 0;
        long notes = 0;
        for (int p = 0; p < PITCHES; p++) {
            sum += (double) counts[p] * (LOWEST + p);
            notes += counts[p];
        }
        return sum / notes;
    }

    @Test
    void densityChangesHowOftenAndTemperatureDoesNot() {
        double usual = counts(taste(1, 0, 0, Harmony.ANY), 1)[PITCHES];
        double dense = counts(taste(4, 0, 0, Harmony.ANY), 1)[PITCHES];
        double sparse = counts(taste(0.25f, 0, 0, Harmony.ANY), 1)[PITCHES];
        double cold = counts(taste(1, 0, 0, Harmony.ANY), 0.3f)[PITCHES];
        System.out.printf(
                "NoteHead: steps with notes %.0f, denser %.0f, sparser %.0f, cold %.0f%n", usual, dense, sparse, cold);
        assertTrue(usual > 100, "too few to compare");
        assertTrue(dense > 1.5 * usual && sparse < 0.6 * usual);
        assertEquals(1, cold / usual, 0.25);
    }

    @Test
    void aFullKeyLockKeepsToTheKeyAndRegisterMovesThePitch() {
        long[] locked = counts(taste(1, 0, 1, C_MAJOR), 1);
        long in = 0;
        long out = 0;
        for (int p = 0; p < PITCHES; p++) {
            if (((C_MAJOR >> ((LOWEST + p) % 12)) & 1) == 1) {
                in += locked[p];
            } else {
                out += locked[p];
            }
        }
        assertTrue(in > 100 && out <= in / 50, in + " in the key, " + out + " not");
        double low = meanPitch(counts(taste(1, -1, 0, Harmony.ANY), 1));
        double high = meanPitch(counts(taste(1, 1, 0, Harmony.ANY), 1));
        assertTrue(high > low + 6, "mean pitch " + low + " to " + high);
    }
}
