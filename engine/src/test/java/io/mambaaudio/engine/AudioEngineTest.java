package io.mambaaudio.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
final class AudioEngineTest {
    private static final int RATE = 16_000;

    @Test
    void anArrayComesOutAsItWentIn() {
        float[][] sound = Sounds.noise(1, 2, 10_007);
        ArrayOutput output = AudioOutputs.array();
        EngineStats stats = AudioEngine.run(AudioInputs.array(sound, RATE), List.of(), output);
        assertArrayEquals(sound, output.samples());
        assertEquals(10_007, stats.framesIn());
        assertEquals(10_007, stats.framesProcessed());
        assertEquals(10_007, stats.framesOut());
        assertEquals(0, stats.droppedFrames());
        assertEquals(63, stats.blocks());
        assertEquals(0, stats.worstLatenessNanos());
    }

    @Test
    void aFileHoldsWhatTheChainWrote(@TempDir Path folder) {
        float[][] sound = Sounds.noise(2, 3, 48_123);
        Path file = folder.resolve("a.wav");
        AudioEngine.run(AudioInputs.array(sound, 48_000), List.of(new Meter()), AudioOutputs.wav(file));
        AudioInput back = AudioInputs.file(file);
        assertEquals(new StreamFormat(48_000, 3), back.format());
        assertArrayEquals(sound, Sounds.through(back, List.of(new Gain()), EngineOptions.defaults()));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 160, 4_096, 16_000})
    void anyBlockSizeGivesTheSameSamplesOut(int blockFrames) {
        float[][] sound = Sounds.noise(3, 2, 20_011);
        EngineOptions options = EngineOptions.defaults().withBlockMillis(blockFrames * 1000.0 / RATE);
        assertArrayEquals(
                gained(sound, EngineOptions.defaults()), gained(sound, options), () -> "blockFrames=" + blockFrames);
    }

    private static float[][] gained(float[][] sound, EngineOptions options) {
        Gain gain = new Gain();
        Processor late = new Fakes.Recorder("late") {
            @Override
            public StreamFormat prepare(StreamFormat format, int maxFrames) {
                // Set after the gain was prepared, so that the whole way to the new value is heard.
                gain.gainDb().set(-12);
                return super.prepare(format, maxFrames);
            }
        };
        return Sounds.through(AudioInputs.array(sound, RATE), List.of(gain, late), options);
    }

    @Test
    void pacedLiveAndFastGiveTheSameBlocks() {
        float[][] sound = Sounds.noise(4, 1, 4_007);
        Blocks fast = new Blocks();
        Blocks paced = new Blocks();
        Blocks live = new Blocks();
        Sounds.through(AudioInputs.array(sound, RATE), List.of(fast), EngineOptions.defaults());
        long start = System.nanoTime();
        Sounds.through(AudioInputs.paced(AudioInputs.array(sound, RATE)), List.of(paced), EngineOptions.defaults());
        long nanos = System.nanoTime() - start;
        Sounds.through(new Fakes.Microphone(sound, RATE, 1), List.of(live), EngineOptions.defaults());
        assertEquals(fast.sizes, paced.sizes);
        assertEquals(fast.sizes, live.sizes);
        assertArrayEquals(fast.heard.samples(), paced.heard.samples());
        assertArrayEquals(fast.heard.samples(), live.heard.samples());
        assertTrue(nanos >= 4_007 * 1_000_000_000L / RATE, "paced took " + nanos + " ns");
    }

    private static final class Blocks extends Fakes.Recorder {
        final List<Integer> sizes = new java.util.ArrayList<>();

        Blocks() {
            super("blocks");
        }

        @Override
        public void process(float[][] in, float[][] out, int frames) {
            sizes.add(frames);
            super.process(in, out, frames);
        }
    }

    @Test
    void filesNeverDropHoweverSlowTheChainIs() {
        float[][] sound = Sounds.noise(5, 1, 8_000);
        Processor slow = new Fakes.Recorder("slow") {
            @Override
            public void process(float[][] in, float[][] out, int frames) {
                Sounds.sleepMillis(2);
                super.process(in, out, frames);
            }
        };
        EngineOptions tight = EngineOptions.defaults().withRingMillis(1);
        ArrayOutput output = AudioOutputs.array();
        EngineStats stats = Sounds.run(AudioEngine.open(AudioInputs.array(sound, RATE), List.of(slow), output, tight));
        assertArrayEquals(sound, output.samples());
        assertEquals(0, stats.droppedFrames());
        assertEquals(0, stats.droppedOutputFrames());
    }

    @Test
    void aLiveInputDropsWhatTheWorkerIsTooLateForAndCountsIt() {
        float[][] sound = Sounds.noise(6, 1, 16_000);
        Fakes.Recorder slow = new Fakes.Recorder("slow") {
            @Override
            public void process(float[][] in, float[][] out, int frames) {
                Sounds.sleepMillis(20);
                super.process(in, out, frames);
            }
        };
        EngineOptions tight = EngineOptions.defaults().withRingMillis(40);
        EngineStats stats = Sounds.run(
                AudioEngine.open(new Fakes.Microphone(sound, RATE, 10), List.of(slow), AudioOutputs.discard(), tight));
        assertEquals(16_000, stats.framesIn());
        assertTrue(stats.droppedFrames() > 0);
        assertEquals(16_000, stats.framesProcessed() + stats.droppedFrames());
        assertEquals(stats.framesProcessed(), slow.heard.samples()[0].length);
        assertTrue(stats.worstLatenessNanos() > 0);
    }

    @Test
    void processorsAreFinishedInOrderAndThenClosed() {
        List<String> order = new java.util.concurrent.CopyOnWriteArrayList<>();
        List<Processor> chain = List.of(noting("a", order), noting("b", order), noting("c", order));
        AudioEngine.run(AudioInputs.silence(new StreamFormat(RATE, 1), 100), chain, AudioOutputs.discard());
        assertEquals(
                List.of(
                        "a prepare",
                        "b prepare",
                        "c prepare",
                        "a finish",
                        "b finish",
                        "c finish",
                        "a close",
                        "b close",
                        "c close"),
                order);
    }

    private static Processor noting(String id, List<String> order) {
        return new Fakes.Recorder(id) {
            @Override
            public StreamFormat prepare(StreamFormat format, int maxFrames) {
                order.add(id + " prepare");
                return super.prepare(format, maxFrames);
            }

            @Override
            public void finish() {
                order.add(id + " finish");
            }

            @Override
            public void close() {
                order.add(id + " close");
            }
        };
    }

    @Test
    void aListenerMayStopTheEngineThatCallsIt() {
        AudioEngine[] engine = new AudioEngine[1];
        Fakes.Recorder stopper = new Fakes.Recorder("stopper") {
            @Override
            public void process(float[][] in, float[][] out, int frames) {
                engine[0].close();
                assertThrows(IllegalStateException.class, engine[0]::await);
                super.process(in, out, frames);
            }
        };
        engine[0] = AudioEngine.open(
                AudioInputs.silence(new StreamFormat(RATE, 1), Long.MAX_VALUE),
                List.of(stopper),
                AudioOutputs.discard());
        Sounds.run(engine[0]);
        assertEquals(List.of("prepare", "finish", "close"), stopper.calls);
    }

    @Test
    void misuseIsToldApartFromFailure() throws InterruptedException {
        AudioEngine engine = AudioEngine.open(
                AudioInputs.silence(new StreamFormat(RATE, 1), Long.MAX_VALUE), List.of(), AudioOutputs.discard());
        assertThrows(IllegalStateException.class, engine::await);
        engine.start();
        assertThrows(IllegalStateException.class, engine::start);
        assertFalse(engine.await(Duration.ofMillis(20)));
        engine.close();
        engine.close();
        assertTrue(engine.await(Duration.ZERO));
        assertEquals(Optional.empty(), engine.failure());
    }

    @Test
    void openingAndClosingLeavesNoThreads() throws InterruptedException {
        for (int i = 0; i < 200; i++) {
            AudioEngine engine = AudioEngine.open(
                    AudioInputs.silence(new StreamFormat(RATE, 1), Long.MAX_VALUE), List.of(), AudioOutputs.array());
            if (i % 4 != 0) {
                engine.start();
            }
            if (i % 4 == 2) {
                engine.await(Duration.ofMillis(1));
            }
            engine.close();
        }
        assertEquals(List.of(), Fakes.engineThreadsWhenSettled());
    }
}
