// SPDX-License-Identifier: GPL-3.0-only
package io.mambaaudio.tarsosdsp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import be.tarsos.dsp.AudioDispatcher;
import be.tarsos.dsp.AudioEvent;
import be.tarsos.dsp.AudioProcessor;
import be.tarsos.dsp.GainProcessor;
import be.tarsos.dsp.SilenceDetector;
import be.tarsos.dsp.effects.DelayEffect;
import be.tarsos.dsp.filters.LowPassFS;
import be.tarsos.dsp.pitch.PitchProcessor;
import be.tarsos.dsp.pitch.PitchProcessor.PitchEstimationAlgorithm;
import com.sun.management.ThreadMXBean;
import io.mambaaudio.engine.ArrayOutput;
import io.mambaaudio.engine.AudioEngine;
import io.mambaaudio.engine.AudioInputs;
import io.mambaaudio.engine.AudioOutputs;
import io.mambaaudio.engine.StreamFormat;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class TarsosProcessorTest {
    private static final int RATE = 16_000;

    @ParameterizedTest
    @CsvSource({"1024,0", "1024,512", "100,99", "1,0", "7,3"})
    void effectsGiveTheSamplesOfADispatcher(int bufferSize, int overlap) {
        short[] sound = Dispatchers.sound(20_000, 5);
        List<IntFunction<AudioProcessor>> effects = List.of(
                rate -> new DelayEffect(0.05, 0.6, rate),
                rate -> new LowPassFS(800, rate),
                rate -> new GainProcessor(0.5));
        for (IntFunction<AudioProcessor> effect : effects) {
            float[] expected = inDispatcher(sound, bufferSize, overlap, effect);
            TarsosProcessor processor = new TarsosProcessor("effect", bufferSize, overlap, effect);
            ArrayOutput output = AudioOutputs.array();
            AudioEngine.run(
                    AudioInputs.array(new float[][] {Dispatchers.asFloats(sound)}, RATE), List.of(processor), output);
            assertEqualButLate(expected, output.samples()[0], processor.latencyFrames());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 13, 512, 1000, 20_000})
    void anyCuttingIntoBlocksGivesTheSameSamples(int block) {
        float[] sound = Dispatchers.asFloats(Dispatchers.sound(20_000, 6));
        IntFunction<AudioProcessor> effect = rate -> new DelayEffect(0.05, 0.6, rate);
        float[] whole = run(new TarsosProcessor("delay", 512, 128, effect), sound, sound.length);
        assertArrayEquals(whole, run(new TarsosProcessor("delay", 512, 128, effect), sound, block));
    }

    @ParameterizedTest
    @CsvSource({"1024,0", "1024,512"})
    void aPitchDetectorReportsWhatItReportsInADispatcher(int bufferSize, int overlap) {
        short[] sound = Dispatchers.sound(20_000, 7);
        List<String> expected = new ArrayList<>();
        inDispatcher(sound, bufferSize, overlap, rate -> pitch(bufferSize, rate, expected));
        List<String> bridged = new ArrayList<>();
        AudioEngine.run(
                AudioInputs.array(new float[][] {Dispatchers.asFloats(sound)}, RATE),
                List.of(new TarsosProcessor("pitch", bufferSize, overlap, rate -> pitch(bufferSize, rate, bridged))),
                AudioOutputs.discard());
        assertTrue(expected.size() > 15, "buffers " + expected.size());
        assertEquals(expected, bridged);
    }

    @Test
    void everyChannelHasItsOwnInstance() {
        float[] left = Dispatchers.asFloats(Dispatchers.sound(6000, 8));
        float[] right = Dispatchers.asFloats(Dispatchers.sound(6000, 9));
        IntFunction<AudioProcessor> effect = rate -> new LowPassFS(800, rate);
        ArrayOutput output = AudioOutputs.array();
        AudioEngine.run(
                AudioInputs.array(new float[][] {left, right}, RATE),
                List.of(new TarsosProcessor("low-pass", 256, 0, effect)),
                output);
        assertArrayEquals(run(new TarsosProcessor("low-pass", 256, 0, effect), left, 6000), output.samples()[0]);
        assertArrayEquals(run(new TarsosProcessor("low-pass", 256, 0, effect), right, 6000), output.samples()[1]);
    }

    @Test
    void resetStartsOver() {
        float[] sound = Dispatchers.asFloats(Dispatchers.sound(6000, 10));
        TarsosProcessor processor = new TarsosProcessor("delay", 256, 64, rate -> new DelayEffect(0.05, 0.6, rate));
        float[] first = run(processor, sound, 6000);
        processor.process(new float[][] {sound}, new float[1][6000], 1234);
        processor.reset();
        float[][] again = new float[1][6000];
        processor.process(new float[][] {sound}, again, 6000);
        assertArrayEquals(first, again[0]);
    }

    @Test
    void whatAnInstanceHoldsBackIsSilence() {
        float[] sound = new float[4000];
        Arrays.fill(sound, 0, 2000, 0.5f);
        Arrays.fill(sound, 2000, 4000, 1e-5f);
        float[] gated = run(new TarsosProcessor("gate", 100, 0, rate -> new SilenceDetector(-70, true)), sound, 4000);
        assertEquals(0.5f, gated[2000]);
        assertEquals(0, gated[2200]);
    }

    @Test
    void anInstanceThatChangesTheLengthIsToldSo() {
        TarsosProcessor processor = new TarsosProcessor("stretch", 100, 0, rate -> new Halving());
        assertEquals(
                "processor=stretch made 50 samples of bufferSize=100; one that changes the length can't run in a chain",
                assertThrows(IllegalStateException.class, () -> run(processor, new float[100], 100))
                        .getMessage());
    }

    @Test
    void sizesThatDoNotFitAreRefused() {
        assertEquals(
                "overlap=10 is out of range; choose 0 to bufferSize-1=9",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> new TarsosProcessor("x", 10, 10, rate -> new GainProcessor(1)))
                        .getMessage());
        assertEquals(
                "bufferSize=0 is out of range; choose 1 or more",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> new TarsosProcessor("x", 0, 0, rate -> new GainProcessor(1)))
                        .getMessage());
    }

    @Test
    void theBridgeAllocatesNothingOnceWarm() {
        float[][] in = {Dispatchers.asFloats(Dispatchers.sound(16_000, 11))};
        float[][] out = new float[1][16_000];
        TarsosProcessor gain = new TarsosProcessor("gain", 512, 256, rate -> new GainProcessor(0.5));
        gain.prepare(new StreamFormat(RATE, 1), 16_000);
        assertEquals(0, leastAllocated(() -> gain.process(in, out, 16_000)));
        TarsosProcessor pitch = new TarsosProcessor("pitch", 512, 256, rate -> pitch(512, rate, new ArrayList<>()));
        pitch.prepare(new StreamFormat(RATE, 1), 16_000);
        assertTrue(leastAllocated(() -> pitch.process(in, out, 16_000)) > 0, "the counter must see TarsosDSP allocate");
    }

    private static long leastAllocated(Runnable code) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long least = Long.MAX_VALUE;
        for (int run = 0; run < 20; run++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            code.run();
            least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
        }
        return least;
    }

    private static AudioProcessor pitch(int bufferSize, int rate, List<String> found) {
        return new PitchProcessor(
                PitchEstimationAlgorithm.YIN,
                rate,
                bufferSize,
                (result, event) -> found.add(
                        event.getTimeStamp() + " s: " + result.getPitch() + " Hz, " + result.getProbability()));
    }

    private static float[] run(TarsosProcessor processor, float[] sound, int block) {
        processor.prepare(new StreamFormat(RATE, 1), block);
        float[] result = new float[sound.length];
        float[][] in = new float[1][block];
        float[][] out = new float[1][block];
        for (int at = 0; at < sound.length; at += block) {
            int count = Math.min(block, sound.length - at);
            System.arraycopy(sound, at, in[0], 0, count);
            processor.process(in, out, count);
            System.arraycopy(out[0], 0, result, at, count);
        }
        return result;
    }

    private static float[] inDispatcher(
            short[] sound, int bufferSize, int overlap, IntFunction<AudioProcessor> effect) {
        AudioDispatcher dispatcher = Dispatchers.of(sound, RATE, bufferSize, overlap);
        dispatcher.setZeroPadFirstBuffer(true);
        Dispatchers.Recorder recorder = new Dispatchers.Recorder();
        dispatcher.addAudioProcessor(effect.apply(RATE));
        dispatcher.addAudioProcessor(recorder);
        dispatcher.run();
        return recorder.samples();
    }

    private static void assertEqualButLate(float[] expected, float[] actual, int late) {
        assertArrayEquals(new float[late], Arrays.copyOf(actual, late), "silence until the first buffer is full");
        int count = actual.length - late;
        assertArrayEquals(Arrays.copyOf(expected, count), Arrays.copyOfRange(actual, late, actual.length));
    }

    private static final class Halving implements AudioProcessor {
        @Override
        public boolean process(AudioEvent event) {
            event.setFloatBuffer(new float[event.getBufferSize() / 2]);
            return true;
        }

        @Override
        public void processingFinished() {}
    }
}
