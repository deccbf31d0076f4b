package io.mambaaudio.models.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.SplittableRandom;
import jdk.incubator.vector.FloatVector;
import org.junit.jupiter.api.Test;

/** Sums over lanes have one order: in the interpreter, in compiled code, alone and sixteen at a time. */
final class LaneSumTest {
    private static final int LANES = VectorMath.F.length();
    private static final int ROUNDS = 30_000;

    private static float byHalves(float[] x, int from) {
        float[] s = java.util.Arrays.copyOfRange(x, from, from + LANES);
        for (int half = LANES / 2; half > 0; half /= 2) {
            for (int i = 0; i < half; i++) {
                s[i] += s[i + half];
            }
        }
        return s[0];
    }

    @Test
    void sumsAreByHalvesColdAndWarm() {
        long seed = 1;
        System.out.println("seed=" + seed);
        SplittableRandom random = new SplittableRandom(seed);
        float[] x = new float[16 * LANES];
        float[] y = new float[16 * LANES];
        for (int round = 0; round < ROUNDS; round++) {
            for (int i = 0; i < x.length; i++) {
                x[i] = (float) random.nextGaussian();
            }
            System.arraycopy(x, 0, y, 0, x.length);
            VectorMath.sumOf16(y, 0);
            for (int k = 0; k < 16; k++) {
                assertEquals(byHalves(x, k * LANES), y[k], "round=" + round);
                assertEquals(y[k], VectorMath.sum(FloatVector.fromArray(VectorMath.F, x, k * LANES)), "round=" + round);
            }
        }
    }
}
