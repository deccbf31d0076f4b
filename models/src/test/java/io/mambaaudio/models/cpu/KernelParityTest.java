package io.mambaaudio.models.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The vector kernels against the scalar ones on awkward sizes. Replay with {@code -Dmamba.seed=N}. A sum of n products may differ by the
 * rounding of its partial sums, so the tolerance grows with n and with the magnitude of what is added up.
 */
final class KernelParityTest {
    private static final long SEED = Long.getLong("mamba.seed", System.nanoTime());
    private static final float UNIT = 0x1p-24f;
    private static final float SENTINEL = 12345.678f;
    private static final float[] NONE = {};

    private final Random random = new Random(SEED);
    private final Kernels scalar = new ScalarKernels();
    private final Kernels vector = new VectorKernels();

    @BeforeAll
    static void tellSeed() {
        System.out.println("kernel parity: -Dmamba.seed=" + SEED);
    }

    static IntStream sizes() {
        return IntStream.of(1, 4, 13, 16, 31, 32, 64, 207, 702, 4098);
    }

    private float[] random(int n) {
        float[] values = new float[n];
        for (int i = 0; i < n; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    /** Runs a kernel on copies of the same output array, which is longer than what it may write. */
    private void same(String what, int n, double tolerance, Consumer<float[]> one, Consumer<float[]> other) {
        float[] expected = sentinels(n);
        float[] found = sentinels(n);
        one.accept(expected);
        other.accept(found);
        for (int i = 0; i < n; i++) {
            double difference = Math.abs((double) expected[i] - found[i]);
            assertTrue(
                    difference <= tolerance,
                    what + "[" + i + "]: " + expected[i] + " and " + found[i] + ", seed " + SEED);
        }
        for (int i = n; i < n + 3; i++) {
            assertEquals(SENTINEL, found[i], what + " wrote behind its end, seed " + SEED);
        }
    }

    private static float[] sentinels(int n) {
        float[] values = new float[n + 3];
        java.util.Arrays.fill(values, SENTINEL);
        return values;
    }

    private static double products(int n, double magnitude) {
        return UNIT * (8 + 4 * Math.sqrt(n)) * Math.max(1, Math.sqrt(n)) * magnitude;
    }

    @ParameterizedTest
    @MethodSource("sizes")
    void matVecIsTheSameForEveryElementType(int cols) {
        for (int rows : new int[] {1, 3, 4, 5, 67}) {
            float[] w = random(rows * cols);
            float[] x = random(cols);
            float[] panel = new float[vector.panelSize(cols)];
            float[] bias = random.nextBoolean() ? random(rows) : NONE;
            Matrix[] all = {new Matrix.F32(rows, cols, w), Matrix.Bf16.of(rows, cols, w), Matrix.Int8.of(rows, cols, w)
            };
            for (Matrix m : all) {
                String what = m.getClass().getSimpleName() + " " + rows + " x " + cols;
                same(
                        what,
                        rows,
                        products(cols, 4),
                        y -> scalar.matMul(m, bias, x, 0, cols, y, 0, 1, NONE),
                        y -> vector.matMul(m, bias, x, 0, cols, y, 0, 1, panel));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("sizes")
    void aRowOfManyHasTheBitsOfTheRowAlone(int cols) {
        for (int outs : new int[] {1, 3, 4, 5, 67}) {
            float[] w = random(outs * cols);
            float[] bias = random.nextBoolean() ? random(outs) : NONE;
            Matrix[] all = {new Matrix.F32(outs, cols, w), Matrix.Bf16.of(outs, cols, w), Matrix.Int8.of(outs, cols, w)
            };
            int rows = 1 + random.nextInt(11);
            float[] x = random(5 + rows * (cols + 3));
            for (Kernels k : List.of(scalar, vector)) {
                float[] panel = new float[k.panelSize(cols)];
                for (Matrix m : all) {
                    float[] y = sentinels(2 + rows * outs);
                    float[] alone = sentinels(2 + rows * outs);
                    k.matMul(m, bias, x, 5, cols + 3, y, 2, rows, panel);
                    for (int row = 0; row < rows; row++) {
                        k.matMul(m, bias, x, 5 + row * (cols + 3), cols, alone, 2 + row * outs, 1, panel);
                    }
                    assertArrayEquals(alone, y, m.getClass().getSimpleName() + " " + rows + ", seed " + SEED);
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("sizes")
    void theRowOfAMatrixIsWhatItMultipliesWith(int cols) {
        float[] w = random(2 * cols);
        for (Matrix m :
                new Matrix[] {new Matrix.F32(2, cols, w), Matrix.Bf16.of(2, cols, w), Matrix.Int8.of(2, cols, w)}) {
            float[] row = new float[cols];
            m.row(1, row, 0);
            int c = random.nextInt(cols);
            float[] unit = new float[cols];
            unit[c] = 1;
            float[] y = new float[2];
            scalar.matMul(m, NONE, unit, 0, cols, y, 0, 1, NONE);
            assertEquals(row[c], y[1], "seed " + SEED);
            double step = m instanceof Matrix.Int8 i ? i.scale()[1] * 0.5001 : Math.abs(w[cols + c]) * 0x1p-8;
            assertEquals(w[cols + c], row[c], step, "seed " + SEED);
        }
    }

    @ParameterizedTest
    @MethodSource("sizes")
    void normGateAndAddAreTheSame(int n) {
        float[] x = random(n);
        float[] weight = random(n);
        float[] z = random(n + 5);
        same(
                "rmsNorm",
                n,
                1e-5,
                y -> scalar.rmsNorm(x, weight, 1e-5f, y, 1),
                y -> vector.rmsNorm(x, weight, 1e-5f, y, 1));
        same(
                "gate",
                n,
                2e-6 * SENTINEL,
                y -> scalar.gate(y, n, z, n + 5, 5, 1),
                y -> vector.gate(y, n, z, n + 5, 5, 1));
        same("add", n, 0, y -> scalar.add(y, x, n), y -> vector.add(y, x, n));
    }

    @ParameterizedTest
    @MethodSource("sizes")
    void convolutionsAndTheirStatesAreTheSame(int channels) {
        for (int dConv : new int[] {1, 2, 3, 4, 7}) {
            float[] weight = random(dConv * channels);
            float[] bias = random.nextBoolean() ? random(channels) : NONE;
            float[] one = random((dConv - 1) * channels + 3);
            float[] other = one.clone();
            for (int t = 0; t < 6; t++) {
                float[] in = random(channels + 2);
                same(
                        "conv " + dConv,
                        channels,
                        1e-5,
                        y -> scalar.conv(weight, bias, channels, in, 2, one, 3, y, 0),
                        y -> vector.conv(weight, bias, channels, in, 2, other, 3, y, 0));
                assertArrayEquals(one, other, "the state moves without rounding, seed " + SEED);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("sizes")
    void timeStepsAreTheSame(int n) {
        float[] in = random(n + 4);
        float[] bias = random(n);
        float most = random.nextBoolean() ? Float.POSITIVE_INFINITY : 0.7f;
        same(
                "timeStep",
                n,
                2e-6,
                y -> scalar.timeStep(in, n + 4, 4, bias, 0.1f, most, y, n, 1),
                y -> vector.timeStep(in, n + 4, 4, bias, 0.1f, most, y, n, 1));
        same(
                "timeStep without bias",
                n,
                2e-6,
                y -> scalar.timeStep(in, n + 4, 4, NONE, 0, most, y, n, 1),
                y -> vector.timeStep(in, n + 4, 4, NONE, 0, most, y, n, 1));
    }

    @ParameterizedTest
    @MethodSource("sizes")
    void selectiveStatesStayTheSameOverManySteps(int channels) {
        int dState = 1 + random.nextInt(17);
        float[] a = random(dState * channels);
        for (int i = 0; i < a.length; i++) {
            a[i] = -Math.abs(a[i]) - 0.01f;
        }
        float[] d = random(channels);
        float[] one = new float[dState * channels + 7];
        float[] other = one.clone();
        for (int t = 0; t < 40; t++) {
            float[] dt = random(channels);
            for (int i = 0; i < channels; i++) {
                dt[i] = Math.abs(dt[i]);
            }
            float[] x = random(channels);
            float[] bc = random(3 + 2 * dState);
            same(
                    "selective",
                    channels,
                    1e-4 * dState,
                    y -> scalar.selective(a, d, dt, x, bc, 3, dState, one, 7, y, 0, 1),
                    y -> vector.selective(a, d, dt, x, bc, 3, dState, other, 7, y, 0, 1));
            assertArrayEquals(one, other, 2e-4f, "seed " + SEED);
        }
    }

    @ParameterizedTest
    @MethodSource("sizes")
    void dualStatesStayTheSameOverManySteps(int headDim) {
        int dState = 1 + random.nextInt(33);
        float[] one = new float[dState * headDim + 5];
        float[] other = one.clone();
        for (int t = 0; t < 40; t++) {
            float[] xBC = random(headDim + 2 * dState);
            float[] dt = {random.nextFloat()};
            float[] decay = {(float) Math.exp(-dt[0])};
            float[] d = {0.5f};
            Kernels.Heads heads = new Kernels.Heads(1, headDim, 1, dState);
            same(
                    "dual",
                    headDim,
                    1e-4 * dState,
                    y -> scalar.dual(heads, decay, dt, d, xBC, one, 5, y, 0, 1),
                    y -> vector.dual(heads, decay, dt, d, xBC, other, 5, y, 0, 1));
            assertArrayEquals(one, other, 2e-4f, "seed " + SEED);
        }
    }

    @Test
    void expSiluAndSoftplusAreExactToAMillionth() {
        int n = 64 * 4096;
        float[] x = new float[n];
        for (int i = 0; i < n; i++) {
            x[i] = -87 + 174f * i / (n - 1);
        }
        float[] ones = new float[n];
        java.util.Arrays.fill(ones, 1);
        float[] e = ones.clone(); // h = exp(dt a) h + 0
        vector.selective(x, new float[n], ones, new float[n], new float[2], 0, 1, e, 0, new float[n], 0, 1);
        float[] silu = ones.clone();
        vector.gate(silu, n, x, n, 0, 1);
        float[] softplus = new float[n];
        vector.timeStep(x, n, 0, NONE, 0, Float.POSITIVE_INFINITY, softplus, n, 1);
        double[] worst = new double[3];
        for (int i = 0; i < n; i++) {
            worst[0] = Math.max(worst[0], error(e[i], Math.exp(x[i])));
            worst[1] = Math.max(worst[1], error(silu[i], x[i] / (1 + Math.exp(-(double) x[i]))));
            worst[2] = Math.max(
                    worst[2], error(softplus[i], Math.max(x[i], 0) + Math.log1p(Math.exp(-Math.abs((double) x[i])))));
        }
        System.out.printf("relative error of exp %.1e, silu %.1e, softplus %.1e%n", worst[0], worst[1], worst[2]);
        for (double w : worst) {
            assertTrue(w <= 1e-6, "relative error " + w);
        }
    }

    private static double error(float found, double exact) {
        return exact == 0 ? Math.abs(found) : Math.abs((found - exact) / exact);
    }

    @ParameterizedTest
    @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, 1e30f, -1e30f})
    void extremesGiveTheSameKindOfNumberAsTheScalarKernels(float extreme) {
        int n = 33;
        float[] z = random(n);
        z[2] = extreme;
        z[32] = extreme;
        float[] one = new float[n];
        float[] other = new float[n];
        scalar.timeStep(z, n, 0, NONE, 0, Float.POSITIVE_INFINITY, one, n, 1);
        vector.timeStep(z, n, 0, NONE, 0, Float.POSITIVE_INFINITY, other, n, 1);
        assertClose("softplus", extreme, one, other);
        java.util.Arrays.fill(one, 1);
        java.util.Arrays.fill(other, 1);
        scalar.gate(one, n, z, n, 0, 1);
        vector.gate(other, n, z, n, 0, 1);
        assertClose("silu", extreme, one, other);
    }

    private static void assertClose(String what, float x, float[] expected, float[] found) {
        for (int i : new int[] {2, 32}) { // in a vector, in the tail
            String message = what + "(" + x + "): " + expected[i] + " and " + found[i];
            if (Float.isFinite(expected[i])) {
                assertTrue(Math.abs(expected[i] - found[i]) <= Math.abs(expected[i]) * 1e-6 + 1e-6, message);
            } else {
                assertFalse(Float.isFinite(found[i]), message);
            }
        }
    }

    @Test
    void bf16RoundsToNearestEvenAndNeverToInfinity() {
        float[] w = {1, 0x1.01p0f, 0x1.03p0f, -0x1.01p0f, Float.MAX_VALUE, -Float.MAX_VALUE, 0x1p-140f, 0};
        float[] row = new float[w.length];
        Matrix.Bf16.of(1, w.length, w).row(0, row, 0);
        assertArrayEquals(new float[] {1, 1, 1.015625f, -1, 0x1.FEp127f, -0x1.FEp127f, 0, 0}, row, 1e-40f);
    }

    @Test
    void int8KeepsTheLargestOfEveryRowAndZeroRows() {
        float[] w = {0.5f, -2, 1, 0, 0, 0, 1e-30f, -3e-30f, 2e-30f};
        Matrix.Int8 m = Matrix.Int8.of(3, 3, w);
        float[] row = new float[3];
        m.row(0, row, 0);
        assertArrayEquals(new float[] {0.5f, -2, 1}, row, 2f / 254);
        assertEquals(-127, m.q()[1]);
        m.row(1, row, 0);
        assertArrayEquals(new float[3], row);
        m.row(2, row, 0);
        assertArrayEquals(new float[] {1e-30f, -3e-30f, 2e-30f}, row, 3e-30f / 254);
    }
}
