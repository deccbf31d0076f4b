package io.mambaaudio.models.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mambaaudio.models.backend.Layer;
import io.mambaaudio.models.backend.S4dParameters;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The forms of S4D against each other. Replay with {@code -Dmamba.seed=N}. */
final class S4dTest {
    private static final long SEED = Long.getLong("mamba.seed", System.nanoTime());

    private final Random random = new Random(SEED);

    @BeforeAll
    static void tellSeed() {
        System.out.println("s4d: -Dmamba.seed=" + SEED);
    }

    private Layer.S4d layer(int channels, float[] imag) {
        int pairs = imag.length;
        float[] logDt = new float[channels];
        float[] logAReal = new float[channels * pairs];
        float[] aImag = new float[channels * pairs];
        for (int c = 0; c < channels; c++) {
            logDt[c] = (float) Math.log(0.001 + 0.099 * random.nextFloat());
            System.arraycopy(imag, 0, aImag, c * pairs, pairs);
        }
        Arrays.fill(logAReal, (float) Math.log(S4dParameters.INITIAL_DECAY));
        return new S4dParameters(logDt, logAReal, aImag, gaussian(2 * channels * pairs), gaussian(channels))
                .discretised(new float[0], new Matrix.F32(0, 0, new float[0]), new float[0]);
    }

    private float[] gaussian(int n) {
        float[] values = new float[n];
        for (int i = 0; i < n; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    private static float[] recurrence(Kernels k, Layer.S4d w, float[] u, float[] h, int... cuts) {
        float[] y = new float[u.length];
        int from = 0;
        for (int to : cuts) {
            k.diagonal(w.aRe(), w.aIm(), w.cRe(), w.cIm(), w.d(), u, h, 0, y, from, to);
            from = to;
        }
        return y;
    }

    /** Largest difference in units of the largest value. */
    private static double apart(float[] expected, float[] found) {
        double difference = 0;
        double largest = 0;
        for (int i = 0; i < expected.length; i++) {
            difference = Math.max(difference, Math.abs((double) expected[i] - found[i]));
            largest = Math.max(largest, Math.abs(expected[i]));
        }
        return difference / largest;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 64, 1000, 4097})
    void convolutionAndRecurrenceAgree(int steps) {
        for (float[] imag : new float[][] {S4dParameters.linear(64), S4dParameters.inverse(64)}) {
            Layer.S4d w = layer(19, imag);
            float[] u = gaussian(steps * 19);
            float[] convolved = new float[u.length];
            new S4dConvolution(w, steps).forward(u, convolved, steps);
            for (Kernels k : new Kernels[] {new ScalarKernels(), new VectorKernels()}) {
                double apart = apart(convolved, recurrence(k, w, u, new float[64 * 19], steps));
                System.out.printf("s4d, %d steps: convolution and recurrence %.1e apart%n", steps, apart);
                assertTrue(apart <= 5e-6, apart + ", seed " + SEED); // a state remembers up to 2,000 steps, in fp32
            }
        }
    }

    @Test
    void anyCutOfTheSequenceGivesTheSameBits() {
        Layer.S4d w = layer(37, S4dParameters.linear(32));
        float[] u = gaussian(100 * 37);
        for (Kernels k : new Kernels[] {new ScalarKernels(), new VectorKernels()}) {
            float[] whole = new float[32 * 37];
            float[] cut = new float[32 * 37];
            assertArrayEquals(
                    recurrence(k, w, u, whole, 100),
                    recurrence(k, w, u, cut, 1, 2, 3, 20, 20, 99, 100),
                    "seed " + SEED);
            assertArrayEquals(whole, cut, "seed " + SEED);
        }
    }

    @Test
    void theConvolutionOfALongerPlanIsTheSame() {
        Layer.S4d w = layer(3, S4dParameters.inverse(8));
        float[] u = gaussian(50 * 3);
        float[] one = new float[u.length];
        float[] other = new float[u.length];
        new S4dConvolution(w, 50).forward(u, one, 50);
        S4dConvolution longer = new S4dConvolution(w, 300);
        longer.forward(gaussian(300 * 3), new float[300 * 3], 300); // nothing of it stays
        longer.forward(u, other, 50);
        assertTrue(apart(one, other) <= 1e-6, "seed " + SEED);
        IllegalArgumentException e =
                assertThrows(IllegalArgumentException.class, () -> longer.forward(new float[903], new float[903], 301));
        assertEquals("rows=301 is out of range; choose 0 to 300", e.getMessage());
    }

    @Test
    void theInitialFrequenciesAreThoseOfThePaper() {
        assertArrayEquals(new float[] {0, 3.1415927f, 6.2831855f}, S4dParameters.linear(6), 1e-6f);
        // N = 4: 4 / pi * (4 / 1 - 1), 4 / pi * (4 / 3 - 1)
        assertArrayEquals(new float[] {3.8197186f, 0.42441317f}, S4dParameters.inverse(4), 1e-6f);
    }

    @Test
    void geluAndGluAreTheSameAsTheirDefinitions() {
        int n = 20_003;
        float[] x = new float[n];
        for (int i = 0; i < n; i++) {
            x[i] = -12 + 24f * i / (n - 1);
        }
        float[] scalar = x.clone();
        float[] vector = x.clone();
        new ScalarKernels().gelu(scalar, n, 1);
        new VectorKernels().gelu(vector, n, 1);
        double worst = 0;
        for (int i = 0; i < n; i++) {
            worst = Math.max(worst, Math.max(Math.abs(gelu(x[i]) - scalar[i]), Math.abs(gelu(x[i]) - vector[i])));
        }
        System.out.printf("gelu: %.1e from its integral%n", worst);
        assertTrue(worst <= 2e-6, worst + "");
        float[] ab = gaussian(3 * 2 * 41);
        float[] one = new float[3 * 41];
        float[] other = new float[3 * 41];
        new ScalarKernels().glu(ab, one, 41, 3);
        new VectorKernels().glu(ab, other, 41, 3);
        assertArrayEquals(one, other, 2e-6f, "seed " + SEED);
        assertEquals(ab[82] / (1 + Math.exp(-ab[123])), one[41], 1e-6);
    }

    /** x times the normal distribution, summed by Simpson's rule. */
    private static double gelu(double x) {
        int parts = 2000;
        double from = -14;
        double width = (x - from) / parts;
        double sum = 0;
        for (int i = 0; i <= parts; i++) {
            double z = from + i * width;
            sum += Math.exp(-z * z / 2) * (i == 0 || i == parts ? 1 : 2 + 2 * (i % 2));
        }
        return x * sum * width / 3 / Math.sqrt(2 * Math.PI);
    }
}
