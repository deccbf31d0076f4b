// SPDX-License-Identifier: GPL-3.0-only
package io.mambaaudio.tarsosdsp;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import be.tarsos.dsp.util.fft.FFT;
import be.tarsos.dsp.util.fft.HammingWindow;
import io.mambaaudio.dsp.RealFft;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** TarsosDSP's transform as an oracle of ours. */
final class RealFftOracleTest {
    private static final long SEED = 20261124;

    @ParameterizedTest
    @ValueSource(ints = {4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 1 << 16})
    void forwardAgreesWithTarsosDsp(int size) {
        float[] ours = noise(size);
        float[] theirs = ours.clone();
        new RealFft(size).forward(ours);
        new FFT(size).forwardTransform(theirs);
        print("forward", size, largestDifference(ours, theirs, Math.sqrt(size)));
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 8, 16, 512, 2048})
    void inverseAgreesWithTarsosDsp(int size) {
        float[] ours = noise(size);
        float[] theirs = ours.clone();
        new RealFft(size).inverse(ours);
        new FFT(size).backwardsTransform(theirs);
        print("inverse", size, largestDifference(ours, theirs, 1 / Math.sqrt(size)));
    }

    /** Why the oracle is made without a window: this version of TarsosDSP writes past one. */
    @Test
    void tarsosDspWithAWindowTakesNoLongerArray() {
        FFT windowed = new FFT(512, new HammingWindow());
        windowed.forwardTransform(new float[512]);
        assertThrows(ArrayIndexOutOfBoundsException.class, () -> windowed.forwardTransform(new float[1024]));
    }

    private static void print(String what, int size, double difference) {
        System.out.printf(
                "RealFft and TarsosDSP, %s, size=%d: %.1e of a bin's usual size apart%n", what, size, difference);
    }

    /** In units of the values' usual size; TarsosDSP works in float, whose noise grows with the number of passes. */
    private static double largestDifference(float[] ours, float[] theirs, double usual) {
        double largest = 0;
        for (int i = 0; i < ours.length; i++) {
            double difference = Math.abs(ours[i] - theirs[i]) / usual;
            assertTrue(difference <= 2e-6, () -> "seed=" + SEED + " size=" + ours.length + ": " + difference);
            largest = Math.max(largest, difference);
        }
        return largest;
    }

    private static float[] noise(int size) {
        Random random = new Random(SEED + size);
        float[] samples = new float[size];
        for (int i = 0; i < size; i++) {
            samples[i] = 2 * random.nextFloat() - 1;
        }
        return samples;
    }
}
