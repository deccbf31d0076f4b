package io.mambaaudio.music;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mambaaudio.models.Backend;
import io.mambaaudio.models.Checkpoint;
import io.mambaaudio.models.Session;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class FrameHeadTest {
    private static final int MELS = 128;
    private static final int PITCHES = 88;

    /** The likeliest component, one deviation above its mean, notes that are likelier than not: as the golden file was made. */
    private static final class OneSigma implements FrameHead.Draws {
        private boolean asked; // whether notes begin at all, which comes first
        private boolean any;

        void next(boolean notes) {
            asked = false;
            any = notes;
        }

        @Override
        public int component(float[] logits, int count) {
            int best = 0;
            for (int i = 1; i < count; i++) {
                best = logits[i] > logits[best] ? i : best;
            }
            return best;
        }

        @Override
        public double deviations() {
            return 1;
        }

        @Override
        public boolean happens(double probability) {
            boolean answer = asked ? probability > 0.5 : any;
            asked = true;
            return answer;
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Backend.class,
            names = {"SCALAR", "VECTOR"})
    void rowsAndPairsMatchPyTorch(Backend backend) {
        MusicModel model = Tiny.model();
        try (Checkpoint golden = Checkpoint.open(Tiny.file("tiny-golden.safetensors"));
                Session session = model.mamba().open(backend)) {
            float[] mel = golden.floats("mel");
            float[] rows = golden.floats("rows");
            float[] pairs = golden.floats("pairs");
            int width = model.mamba().config().vocabSize();
            float[] row = new float[width];
            float[] pair = new float[2 * MELS];
            FrameHead.Scratch scratch = model.head().scratch();
            NoteHead.Scratch noteScratch = model.notes().scratch();
            float[] notes = golden.floats("notes");
            float[] earlier = new float[PITCHES];
            float[] before = new float[PITCHES];
            OneSigma draws = new OneSigma();
            Taste taste = new Taste(PITCHES, 21);
            double worstRow = 0;
            double worstPair = 0;
            int steps = mel.length / (2 * MELS);
            assertEquals(40, steps);
            for (int t = 0; t < steps; t++) {
                for (int half = 0; half < 2; half++) {
                    int at = (2 * t + half) * MELS;
                    assertEquals(half == 1, session.step(Arrays.copyOfRange(mel, at, at + MELS), row));
                }
                worstRow = Math.max(worstRow, largestDifference(row, rows, t * width));
                if (t >= 1) {
                    float[] past = Arrays.copyOfRange(mel, (2 * t - 2) * MELS, (2 * t + 2) * MELS);
                    float[] begin = new float[PITCHES];
                    draws.next(t % 3 > 0);
                    model.notes().draw(row, before, earlier, true, taste, 1, draws, noteScratch, begin);
                    assertEquals(0, largestDifference(begin, notes, (t - 1) * PITCHES), "notes of step " + t);
                    model.notes().sound(row, begin, before, noteScratch);
                    model.head().draw(noteScratch.features(), past, draws, scratch, pair);
                    earlier = before;
                    before = begin;
                    worstPair = Math.max(worstPair, largestDifferenceAbove(pair, pairs, (t - 1) * 2 * MELS));
                }
            }
            System.out.printf("FrameHead %s: rows differ by %.1e, pairs by %.1e%n", backend, worstRow, worstPair);
            assertTrue(worstRow <= 2e-4, "rows " + worstRow);
            assertTrue(worstPair <= 2e-3, "pairs " + worstPair);
        }
    }

    private static double largestDifference(float[] found, float[] expected, int at) {
        double worst = 0;
        for (int i = 0; i < found.length; i++) {
            worst = Math.max(worst, Math.abs(found[i] - expected[at + i]));
        }
        return worst;
    }

    /** The head keeps to the range of frames, the golden file does not. */
    private static double largestDifferenceAbove(float[] found, float[] expected, int at) {
        double worst = 0;
        for (int i = 0; i < found.length; i++) {
            double kept = Math.max(Math.log(1e-3), expected[at + i]);
            worst = Math.max(worst, Math.abs(found[i] - kept));
        }
        return worst;
    }

    @Test
    void anotherCheckpointIsRefusedInOneLine() {
        Path golden = Tiny.file("tiny-golden.safetensors");
        RuntimeException e = assertThrows(RuntimeException.class, () -> MusicModel.open(golden));
        assertTrue(e.getMessage().contains("tiny-golden") && !e.getMessage().contains("\n"), e.getMessage());
    }
}
