package io.mambaaudio.dsp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class MelFrontendTest {
    private static final long SEED = 20261124;
    private static final double TOLERANCE = 1e-4;

    static List<MelGoldens.Case> goldens() {
        return MelGoldens.all();
    }

    @ParameterizedTest
    @MethodSource("goldens")
    void framesEqualLibrosaAndTorchaudio(MelGoldens.Case golden) {
        float[][] frames = frames(golden.spec(), golden.sound(), golden.sound().length);
        double toLibrosa = largestDifference(golden.librosa(), frames);
        double toTorchaudio = largestDifference(golden.torchaudio(), frames);
        System.out.printf(
                "MelFrontend %s: %d frames, largest difference to librosa %.1e, to torchaudio %.1e%n",
                golden, frames.length, toLibrosa, toTorchaudio);
        assertTrue(toLibrosa <= TOLERANCE, golden + ": " + toLibrosa);
        assertTrue(toTorchaudio <= TOLERANCE, golden + ": " + toTorchaudio);
    }

    @ParameterizedTest
    @MethodSource("goldens")
    void anyChunkingGivesTheSameBits(MelGoldens.Case golden) {
        float[][] whole = frames(golden.spec(), golden.sound(), golden.sound().length);
        for (int chunk : new int[] {1, 2, 7, 159, 160, 161, 400, 512, 1000, 4799}) {
            assertSameBits(whole, frames(golden.spec(), golden.sound(), chunk), "chunk=" + chunk);
        }
        Random random = new Random(SEED);
        FrameList list = new FrameList();
        MelFrontend frontend = new MelFrontend(golden.spec());
        for (int at = 0; at < golden.sound().length; ) {
            int count = Math.min(random.nextInt(700), golden.sound().length - at);
            frontend.push(golden.sound(), at, count, list);
            at += count;
        }
        assertSameBits(whole, list.frames(), "seed=" + SEED);
    }

    @Test
    void aFrameComesWithItsLastSample() {
        MelFrontend frontend = new MelFrontend(MelSpec.speech());
        FrameList list = new FrameList();
        frontend.push(new float[399], 0, 399, list);
        assertEquals(0, list.frames().length);
        frontend.push(new float[1], 0, 1, list);
        assertEquals(1, list.frames().length);
        frontend.push(new float[160], 0, 159, list);
        assertEquals(1, frontend.framesOut());
        frontend.push(new float[160], 159, 1, list);
        assertEquals(2, frontend.framesOut());
    }

    @Test
    void resetStartsOver() {
        float[] sound = noise(5000);
        MelFrontend frontend = new MelFrontend(MelSpec.speech());
        frontend.push(sound, 0, 1234, frame -> {});
        frontend.reset();
        assertEquals(0, frontend.framesOut());
        FrameList list = new FrameList();
        frontend.push(sound, 0, sound.length, list);
        assertSameBits(frames(MelSpec.speech(), sound, sound.length), list.frames(), "after reset");
        assertEquals(list.frames().length, frontend.framesOut());
    }

    @Test
    void digitalSilenceIsTheFloor() {
        for (float[] frame : frames(MelSpec.speech(), new float[2000], 2000)) {
            for (float value : frame) {
                assertEquals((float) Math.log(1e-6f), value);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
    void samplesThatAreNotFiniteAreSilence(float bad) {
        float[] sound = noise(4000);
        float[] broken = sound.clone();
        for (int i = 1000; i < 1100; i++) {
            broken[i] = bad;
            sound[i] = 0;
        }
        assertSameBits(frames(MelSpec.speech(), sound, 4000), frames(MelSpec.speech(), broken, 4000), "bad=" + bad);
    }

    @ParameterizedTest
    @ValueSource(doubles = {1, 2, 16})
    void theLoudestFiniteSamplesStillGiveFiniteFrames(double power) {
        float[] sound = noise(2000);
        for (int i = 0; i < sound.length; i++) {
            sound[i] *= Float.MAX_VALUE;
        }
        MelSpec s = MelSpec.speech();
        MelSpec spec = new MelSpec(
                s.sampleRateHz(),
                s.windowSamples(),
                s.hopSamples(),
                s.fftSize(),
                s.nMels(),
                s.minHz(),
                s.maxHz(),
                s.scale(),
                s.norm(),
                power,
                s.floor());
        float[][] frames = frames(spec, sound, 2000);
        assertEquals(11, frames.length);
        for (float[] frame : frames) {
            for (float value : frame) {
                assertTrue(Float.isFinite(value), "value " + value);
            }
        }
    }

    @Test
    void randomBitsGiveFiniteFramesAlsoThroughAResampler() {
        Random random = new Random(SEED);
        float[] sound = new float[44_100];
        for (int i = 0; i < sound.length; i++) {
            sound[i] = Float.intBitsToFloat(random.nextInt());
        }
        float[] resampled = ResamplerTest.resample(Resampler.of(44_100, 16_000), sound, 1000);
        for (float[] input : List.of(sound, resampled)) {
            for (float[] frame : frames(MelSpec.speech(), input, 1000)) {
                for (float value : frame) {
                    assertTrue(Float.isFinite(value), "seed=" + SEED + " value " + value);
                }
            }
        }
    }

    @Test
    void aRangeOutsideTheArrayIsRefusedAndTakesNothing() {
        MelFrontend frontend = new MelFrontend(MelSpec.speech());
        FrameList list = new FrameList();
        assertThrows(IndexOutOfBoundsException.class, () -> frontend.push(new float[500], 101, 400, list));
        frontend.push(new float[399], 0, 399, list);
        assertEquals(0, list.frames().length);
    }

    @Test
    void pushAllocatesNothing() {
        MelFrontend frontend = new MelFrontend(MelSpec.speech());
        float[] sound = noise(16_000);
        double[] sum = new double[1];
        FrameSink adding = frame -> sum[0] += frame[40];
        assertEquals(0, Allocations.bytes(() -> frontend.push(sound, 0, sound.length, adding)));
        assertFalse(Double.isNaN(sum[0]));
        FrameList keeping = new FrameList();
        assertTrue(
                Allocations.bytes(() -> frontend.push(sound, 0, sound.length, keeping)) >= 99 * 320,
                "the counter must see a sink that copies");
    }

    /** Keeps copies of frames. */
    private static final class FrameList implements FrameSink {
        private final List<float[]> frames = new ArrayList<>();

        @Override
        public void accept(float[] frame) {
            frames.add(frame.clone());
        }

        float[][] frames() {
            return frames.toArray(float[][]::new);
        }
    }

    private static float[][] frames(MelSpec spec, float[] sound, int chunk) {
        MelFrontend frontend = new MelFrontend(spec);
        FrameList list = new FrameList();
        for (int at = 0; at < sound.length; at += chunk) {
            frontend.push(sound, at, Math.min(chunk, sound.length - at), list);
        }
        return list.frames();
    }

    private static void assertSameBits(float[][] expected, float[][] actual, String message) {
        assertEquals(expected.length, actual.length, message);
        for (int t = 0; t < expected.length; t++) {
            assertArrayEquals(expected[t], actual[t], message + " frame " + t);
        }
    }

    private static double largestDifference(float[] expected, float[][] frames) {
        assertEquals(expected.length, frames.length * frames[0].length, "frames");
        double largest = 0;
        for (int i = 0; i < expected.length; i++) {
            double difference = Math.abs(expected[i] - frames[i / frames[0].length][i % frames[0].length]);
            assertFalse(Double.isNaN(difference), "NaN at " + i);
            largest = Math.max(largest, difference);
        }
        return largest;
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
