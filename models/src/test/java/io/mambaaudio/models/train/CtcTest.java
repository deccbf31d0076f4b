package io.mambaaudio.models.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** Against torch.nn.functional.ctc_loss (reduction sum, float64) of logits {@code (7 t + 5 v) mod 11 / 3}, and its gradient by autograd. */
final class CtcTest {
    @Test
    void aTextWithARepeatedToken() {
        double[] expected = {
            -0.17374383,
            -0.71811331,
            0.48159902,
            0.06517734,
            0.34508078,
            -0.09512925,
            -0.13533128,
            -0.0174378,
            0.03938339,
            0.20851495,
            -0.26275892,
            0.17322948,
            -0.29101876,
            0.33518574,
            0.04536246,
            -0.08777964,
            0.04022447,
            -0.20034317,
            0.03938339,
            0.20851495,
            -0.40065857,
            0.02131609,
            -0.31874182,
            0.61596001,
            0.08212429,
            -0.46453901,
            0.46778939,
            -0.37415182,
            0.33518574,
            0.0357157,
            -0.05277256,
            0.05496394,
            -0.19630852,
            0.03938339,
            0.15473375,
            -0.28439716,
            0.46778939,
            -0.31713254,
            0.33518574,
            -0.20144542,
            0.01448851,
            0.17139693,
            0.02319605,
            0.12281127,
            -0.33189277
        };
        check(9, 5, new int[] {1, 2, 2, 4}, 10.733542558716918, expected);
    }

    @Test
    void silence() {
        double[] expected = {
            -0.97086766,
            0.15424088,
            0.81662679,
            -0.4600043,
            0.07308047,
            0.38692383,
            -0.85736743,
            0.75516673,
            0.1022007,
            -0.4600043,
            0.07308047,
            0.38692383
        };
        check(4, 3, new int[0], 6.715778024246152, expected);
    }

    @Test
    void aTextThatFillsAllSteps() {
        double[] expected = {
            0.02913234, -0.84575912, 0.81662679, 0.5399957, 0.07308047, -0.61307617, 0.14263257, -0.24483327, 0.1022007
        };
        check(3, 3, new int[] {1, 2, 1}, 3.099583924196404, expected);
    }

    /** The logits lie behind another sequence's, and the gradient is scaled. */
    private static void check(int steps, int vocab, int[] text, double loss, double[] gradient) {
        int at = 3;
        float[] logits = new float[at + steps * vocab];
        for (int t = 0; t < steps; t++) {
            for (int v = 0; v < vocab; v++) {
                logits[at + t * vocab + v] = (t * 7 + v * 5) % 11 / 3f;
            }
        }
        assertEquals(loss, Ctc.loss(logits, at, steps, vocab, text, 2), 1e-6);
        double[] found = new double[steps * vocab];
        for (int i = 0; i < found.length; i++) {
            found[i] = logits[at + i] / 2.0;
        }
        assertArrayEquals(gradient, found, 1e-6);
        assertArrayEquals(new float[at], java.util.Arrays.copyOf(logits, at));
    }

    @Test
    void aTextThatDoesNotFitHasNoGradient() {
        float[] logits = {1, 2, 3, 4};
        assertEquals(Double.POSITIVE_INFINITY, Ctc.loss(logits, 0, 2, 2, new int[] {1, 1}, 1));
        assertArrayEquals(new float[4], logits);
    }
}
