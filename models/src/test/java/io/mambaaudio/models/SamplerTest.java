package io.mambaaudio.models;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;

final class SamplerTest {
    private static final long SEED = 20261124;
    private static final int DRAWS = 20_000;

    @Test
    void sharesFollowTheLogits() {
        float[] logits = {9, 0, (float) Math.log(2), (float) Math.log(5), 9};
        int[] counts = counts(logits, 1, 3, 1, 1);
        for (int i = 0; i < 3; i++) {
            double expected = Math.exp(logits[1 + i]) / 8;
            assertEquals(expected, counts[i] / (double) DRAWS, 0.015, "alternative " + i + ", seed " + SEED);
        }
    }

    @Test
    void temperatureSharpensAndZeroIsTheLikeliest() {
        float[] logits = {0, 1, 0.5f};
        assertTrue(counts(logits, 0, 3, 0.2f, 1)[1] > 0.9 * DRAWS);
        assertEquals(DRAWS, counts(logits, 0, 3, 0, 0.1f)[1]);
    }

    @Test
    void topPKeepsTheLeastSetThatReachesIt() {
        Random random = new Random(SEED);
        for (int trial = 0; trial < 50; trial++) {
            int n = 1 + random.nextInt(40);
            float[] logits = new float[n];
            double sum = 0;
            for (int i = 0; i < n; i++) {
                logits[i] = (float) (2 * random.nextGaussian());
                sum += Math.exp(logits[i]);
            }
            float topP = 0.05f + 0.9f * random.nextFloat();
            Sampler sampler = new Sampler(trial, 64);
            for (int draw = 0; draw < 200; draw++) {
                int chosen = sampler.choose(logits, 0, n, 1, topP);
                double likelier = 0;
                for (int i = 0; i < n; i++) {
                    likelier += logits[i] > logits[chosen] ? Math.exp(logits[i]) / sum : 0;
                }
                assertTrue(likelier < topP + 1e-9, "seed " + SEED + " trial " + trial + ": " + likelier + " " + topP);
            }
        }
    }

    @Test
    void theSameSeedGivesTheSameAnswers() {
        Sampler one = new Sampler(SEED, 8);
        Sampler other = new Sampler(1, 8);
        other.reseed(SEED);
        float[] logits = {0, 1, 2, 3};
        for (int i = 0; i < 100; i++) {
            assertEquals(one.choose(logits, 0, 4, 1, 0.9f), other.choose(logits, 0, 4, 1, 0.9f));
            assertEquals(one.normal(), other.normal());
        }
    }

    @Test
    void normalNumbersAreNormal() {
        Sampler sampler = new Sampler(SEED, 1);
        double sum = 0;
        double squares = 0;
        int beyondTwo = 0;
        for (int i = 0; i < DRAWS; i++) {
            double x = sampler.normal();
            sum += x;
            squares += x * x;
            beyondTwo += Math.abs(x) > 2 ? 1 : 0;
        }
        assertEquals(0, sum / DRAWS, 0.03);
        assertEquals(1, squares / DRAWS, 0.04);
        assertEquals(0.0455, beyondTwo / (double) DRAWS, 0.006);
    }

    @Test
    void allocatesNothing() {
        Sampler sampler = new Sampler(SEED, 64);
        float[] logits = new float[64];
        Runnable draws = () -> {
            for (int i = 0; i < 5000; i++) {
                logits[i % 64] = (float) sampler.normal();
                sampler.choose(logits, 0, 64, 0.9f, 0.8f);
            }
        };
        Allocations.bytes(draws);
        assertEquals(0, Allocations.bytes(draws));
    }

    @Test
    void whatIsNoDistributionIsNamed() {
        Sampler sampler = new Sampler(SEED, 4);
        assertThrows(IllegalArgumentException.class, () -> sampler.choose(new float[] {0, Float.NaN}, 0, 2, 1, 1));
        assertThrows(IllegalArgumentException.class, () -> sampler.choose(new float[5], 0, 5, 1, 1));
        assertThrows(IllegalArgumentException.class, () -> sampler.choose(new float[2], 0, 2, Float.NaN, 1));
        assertThrows(IllegalArgumentException.class, () -> sampler.choose(new float[2], 0, 2, 1, 0));
        float nothing = Float.NEGATIVE_INFINITY;
        assertThrows(IllegalArgumentException.class, () -> sampler.choose(new float[] {nothing, nothing}, 0, 2, 1, 1));
    }

    private static int[] counts(float[] logits, int offset, int count, float temperature, float topP) {
        Sampler sampler = new Sampler(SEED, 8);
        int[] counts = new int[count];
        for (int i = 0; i < DRAWS; i++) {
            counts[sampler.choose(logits, offset, count, temperature, topP)]++;
        }
        return counts;
    }
}
