package io.mambaaudio.dsp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ResamplerTest {
    private static final long SEED = 20261124;

    @ParameterizedTest
    @CsvSource({"48000,16000", "44100,16000", "16000,48000", "44100,48000", "44056,16000", "192000,8000", "16000,16000"
    })
    void anyChunkingGivesTheSameBits(int fromHz, int toHz) {
        float[] sound = noise(9001);
        float[] whole = resample(Resampler.of(fromHz, toHz), sound, sound.length);
        for (int chunk : new int[] {1, 3, 160, 441, 1024, 4000}) {
            assertArrayEquals(whole, resample(Resampler.of(fromHz, toHz), sound, chunk), "chunk=" + chunk);
        }
        Random random = new Random(SEED);
        Resampler resampler = Resampler.of(fromHz, toHz);
        float[] out = new float[whole.length];
        int written = 0;
        for (int at = 0; at < sound.length; ) {
            int count = Math.min(random.nextInt(1500), sound.length - at);
            int now = resampler.push(sound, at, count, out, written);
            assertTrue(now <= resampler.maxOutput(count), "maxOutput");
            at += count;
            written += now;
        }
        written += resampler.flush(out, written);
        assertEquals(whole.length, written);
        assertArrayEquals(whole, out, "seed=" + SEED);
    }

    @ParameterizedTest
    @CsvSource({
        "48000,16000",
        "44100,16000",
        "8000,48000",
        "11127,16000",
        "16000,11127",
        "768000,3000",
        "3000,768000",
        "16000,16000"
    })
    void theWholeStreamHasTheRoundedLength(int fromHz, int toHz) {
        for (int count : new int[] {0, 1, 2, 100, 1001, 20_000}) {
            long expected = Math.round((double) count * toHz / fromHz);
            assertEquals(expected, resample(Resampler.of(fromHz, toHz), noise(count), 333).length, "count=" + count);
        }
    }

    @Test
    void equalRatesCopyWithoutDelay() {
        float[] sound = noise(3000);
        Resampler resampler = Resampler.of(22_050, 22_050);
        float[] out = new float[3000];
        assertEquals(3000, resampler.push(sound, 0, 3000, out, 0));
        assertArrayEquals(sound, out);
        assertEquals(0, resampler.delaySeconds());
    }

    @ParameterizedTest
    @CsvSource({"48000,16000", "16000,48000", "44100,16000", "16000,44056"})
    void anOutputAppearsAfterTheReportedDelay(int fromHz, int toHz) {
        Resampler resampler = Resampler.of(fromHz, toHz);
        float[] out = new float[resampler.maxOutput(1) + 1];
        int pushed = 0;
        while (resampler.push(new float[1], 0, 1, out, 0) == 0) {
            pushed++;
        }
        // Output 0 belongs to the time of input 0; the input that brought it was that much later.
        assertEquals(pushed / (double) fromHz, resampler.delaySeconds(), 1e-12);
        System.out.printf("Resampler %d -> %d Hz: delay %.2f ms%n", fromHz, toHz, 1000 * resampler.delaySeconds());
    }

    @Test
    void aTwinHasItsOwnState() {
        float[] sound = noise(4000);
        Resampler one = Resampler.of(44_100, 16_000);
        one.push(sound, 100, 2000, new float[2000], 0);
        assertArrayEquals(resample(Resampler.of(44_100, 16_000), sound, 4000), resample(one.twin(), sound, 4000));
    }

    @Test
    void resetAndFlushStartOver() {
        float[] sound = noise(4000);
        Resampler resampler = Resampler.of(44_100, 16_000);
        float[] first = resample(resampler, sound, 4000);
        assertArrayEquals(first, resample(resampler, sound, 4000), "after flush");
        resampler.push(sound, 0, 1111, new float[2000], 0);
        resampler.reset();
        assertArrayEquals(first, resample(resampler, sound, 4000), "after reset");
    }

    @Test
    void samplesThatAreNotFiniteAreSilence() {
        float[] sound = noise(4000);
        float[] broken = sound.clone();
        broken[1000] = Float.NaN;
        broken[1001] = Float.POSITIVE_INFINITY;
        broken[1002] = Float.NEGATIVE_INFINITY;
        Arrays.fill(sound, 1000, 1003, 0);
        assertArrayEquals(
                resample(Resampler.of(48_000, 16_000), sound, 4000),
                resample(Resampler.of(48_000, 16_000), broken, 4000));
    }

    @Test
    void tooLittleRoomIsRefusedAndTakesNothing() {
        float[] sound = noise(4000);
        Resampler resampler = Resampler.of(48_000, 16_000);
        String message = assertThrows(
                        IllegalArgumentException.class, () -> resampler.push(sound, 0, 4000, new float[1000], 1))
                .getMessage();
        assertEquals(
                "out has room for 999 samples from outOffset=1, but needs 1270; size it by maxOutput or maxFlush",
                message);
        assertArrayEquals(resample(Resampler.of(48_000, 16_000), sound, 4000), resample(resampler, sound, 4000));
    }

    @Test
    void ratesOutOfRangeAreRefused() {
        assertEquals(
                "fromHz=0 is out of range; choose 1 to 768000",
                assertThrows(IllegalArgumentException.class, () -> Resampler.of(0, 16_000))
                        .getMessage());
        assertEquals(
                "fromHz=48000 and toHz=100 are too far apart; choose rates within a factor of 256",
                assertThrows(IllegalArgumentException.class, () -> Resampler.of(48_000, 100))
                        .getMessage());
    }

    @ParameterizedTest
    @CsvSource({"48000,16000", "44056,16000"})
    void pushAllocatesNothing(int fromHz, int toHz) {
        Resampler resampler = Resampler.of(fromHz, toHz);
        float[] sound = noise(48_000);
        float[] out = new float[resampler.maxOutput(sound.length)];
        assertEquals(0, Allocations.bytes(() -> resampler.push(sound, 0, sound.length, out, 0)));
        float[][] kept = new float[1][];
        assertTrue(
                Allocations.bytes(() -> kept[0] = new float[resampler.maxOutput(100)]) > 0, "the counter must count");
    }

    /** All of a stream, in chunks, and its tail. */
    static float[] resample(Resampler resampler, float[] sound, int chunk) {
        float[] out = new float[resampler.maxOutput(sound.length) + resampler.maxFlush()];
        int written = 0;
        for (int at = 0; at < sound.length; at += chunk) {
            int count = Math.min(chunk, sound.length - at);
            written += resampler.push(sound, at, count, out, written);
        }
        int tail = resampler.flush(out, written);
        assertTrue(tail <= resampler.maxFlush(), "maxFlush");
        return Arrays.copyOf(out, written + tail);
    }

    private static float[] noise(int count) {
        Random random = new Random(SEED);
        float[] samples = new float[count];
        for (int i = 0; i < count; i++) {
            samples[i] = 2 * random.nextFloat() - 1;
        }
        return samples;
    }
}
