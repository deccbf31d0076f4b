package io.mambaaudio.dsp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class RealFftTest {
    private static final long SEED = 20261124;

    @ParameterizedTest
    @ValueSource(ints = {2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096})
    void everyBinEqualsTheDefinition(int size) {
        float[] samples = noise(size, SEED + size);
        double[] expected = definition(samples);
        float[] actual = samples.clone();
        new RealFft(size).forward(actual);
        double worst = 0;
        for (int i = 0; i < size; i++) {
            double error = Math.abs(actual[i] - expected[i]);
            // Half a unit in the last place is what a float can do; the doubles inside add next to nothing.
            assertTrue(
                    error <= 0.5 * Math.ulp((float) expected[i]) + 1e-12 * size, "seed " + (SEED + size) + " at " + i);
            worst = Math.max(worst, error);
        }
        System.out.printf("RealFft size=%d: largest error %.2e of bins up to %.1f%n", size, worst, largest(expected));
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 4, 8, 16, 32, 128, 512, 1024, 1 << 17})
    void inverseGivesBackTheSamples(int size) {
        float[] samples = noise(size, SEED - size);
        float[] data = samples.clone();
        RealFft fft = new RealFft(size);
        fft.forward(data);
        fft.inverse(data);
        assertArrayEquals(samples, data, 2e-6f, "seed " + (SEED - size));
    }

    @Test
    void aLoudToneLeavesTheOtherBinsClean() {
        int size = 1024;
        float[] data = new float[size];
        for (int i = 0; i < size; i++) {
            data[i] = (float) Math.cos(2 * Math.PI * 100 * i / size);
        }
        double[] loudOnly = definition(data);
        new RealFft(size).forward(data);
        // The float input's own rounding is some −150 dB; a float transform would add its noise at −140 dB.
        for (int k = 1; k < size / 2; k++) {
            assertEquals(loudOnly[2 * k], data[2 * k], 1e-9 + Math.ulp((float) loudOnly[2 * k]), "bin " + k);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {-8, 0, 1, 3, 400, 513, 1 << 25})
    void otherSizesAreRefused(int size) {
        String message = assertThrows(IllegalArgumentException.class, () -> new RealFft(size))
                .getMessage();
        assertEquals("size=" + size + " is out of range; choose a power of two from 2 to 16777216", message);
    }

    @Test
    void anArrayOfAnotherLengthIsRefused() {
        RealFft fft = new RealFft(8);
        String message = assertThrows(IllegalArgumentException.class, () -> fft.forward(new float[9]))
                .getMessage();
        assertEquals("data.length=9 does not fit; give exactly size=8", message);
        assertThrows(IllegalArgumentException.class, () -> fft.inverse(new float[4]));
    }

    @Test
    void transformsAllocateNothing() {
        RealFft fft = new RealFft(512);
        float[] data = noise(512, SEED);
        assertEquals(0, Allocations.bytes(() -> {
            fft.forward(data);
            fft.inverse(data);
        }));
        float[][] kept = new float[1][];
        assertTrue(
                Allocations.bytes(() -> kept[0] = data.clone()) >= 2048, "the counter must see a copy of 512 floats");
    }

    private static float[] noise(int size, long seed) {
        Random random = new Random(seed);
        float[] samples = new float[size];
        for (int i = 0; i < size; i++) {
            samples[i] = 2 * random.nextFloat() - 1;
        }
        return samples;
    }

    /** The discrete Fourier transform by its definition, packed as RealFft packs. */
    private static double[] definition(float[] samples) {
        int n = samples.length;
        double[] packed = new double[n];
        for (int k = 0; k <= n / 2; k++) {
            double re = 0;
            double im = 0;
            for (int j = 0; j < n; j++) {
                double angle = 2 * Math.PI * ((long) j * k % n) / n;
                re += samples[j] * Math.cos(angle);
                im -= samples[j] * Math.sin(angle);
            }
            if (k == 0 || k == n / 2) {
                packed[k == 0 ? 0 : 1] = re;
            } else {
                packed[2 * k] = re;
                packed[2 * k + 1] = im;
            }
        }
        return packed;
    }

    private static double largest(double[] values) {
        double largest = 0;
        for (double value : values) {
            largest = Math.max(largest, Math.abs(value));
        }
        return largest;
    }
}
