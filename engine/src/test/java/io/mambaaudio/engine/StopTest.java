package io.mambaaudio.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** However a stream ends, what was captured is processed and every processor is finished. */
@Timeout(60)
final class StopTest {
    private static final int RATE = 16_000;
    private static final long SEED = Long.getLong("mamba.seed", 20261124);
    private static final Duration SOON = Duration.ofSeconds(20);

    @Test
    void stoppingAtARandomMomentLosesNothing() throws InterruptedException {
        SplittableRandom random = new SplittableRandom(SEED);
        float[][] sound = Sounds.noise(SEED, 1, 1 << 20);
        for (int round = 0; round < 60; round++) {
            boolean live = round % 2 == 0;
            AudioInput input = live ? new Fakes.Microphone(sound, RATE, 20) : AudioInputs.array(sound, RATE);
            Fakes.Recorder chain = new Fakes.Recorder("recorder");
            ArrayOutput output = AudioOutputs.array();
            // The fake microphone is 20 times too fast: the ring is long so that a busy machine does not drop.
            EngineOptions options = EngineOptions.defaults().withRingMillis(60_000);
            try (AudioEngine engine = AudioEngine.open(input, List.of(chain), output, options)) {
                engine.start();
                LockSupport.parkNanos(random.nextLong(5_000_000));
                engine.stop();
                assertTrue(engine.await(SOON));
                String round_ = "seed " + SEED + ", round " + round;
                int frames = (int) engine.stats().framesIn();
                float[] captured = Arrays.copyOf(sound[0], frames);
                assertArrayEquals(captured, chain.heard.samples()[0], round_);
                assertArrayEquals(captured, output.samples()[0], round_);
                assertEquals(List.of("prepare", "finish"), chain.calls, round_);
                if (input instanceof Fakes.Microphone microphone) {
                    assertEquals(microphone.given.get(), frames, round_);
                    assertTrue(microphone.closed);
                }
            }
        }
    }

    @Test
    void aMicrophoneThatFailsInMidStreamLosesNoWords() {
        float[][] sound = Sounds.noise(1, 1, 5_000);
        AudioInput unplugged = new Fakes.Microphone(sound, RATE, 0) {
            @Override
            int atTheEnd() {
                throw new IllegalStateException("the line\nis gone");
            }
        };
        assertEndsWith(unplugged, sound, AudioOutputs.array(), "fake microphone failed: the line is gone");
    }

    @Test
    void anEngineExceptionOfAnInputIsReportedAsItIs() {
        float[][] sound = Sounds.noise(1, 1, 5_000);
        AudioInput unplugged = new Fakes.Microphone(sound, RATE, 0) {
            @Override
            int atTheEnd() {
                throw new EngineException("plug it in again");
            }
        };
        assertEndsWith(unplugged, sound, AudioOutputs.array(), "plug it in again");
    }

    private static void assertEndsWith(AudioInput input, float[][] heard, AudioOutput output, String message) {
        Fakes.Recorder chain = new Fakes.Recorder("recorder");
        try (AudioEngine engine = AudioEngine.open(input, List.of(chain), output)) {
            engine.start();
            assertTrue(Sounds.await(engine, SOON));
            EngineException failure = engine.failure().orElseThrow();
            assertEquals(message, failure.getMessage());
            assertEquals(0, failure.getSuppressed().length);
            assertArrayEquals(heard, chain.heard.samples());
            assertEquals(List.of("prepare", "finish"), chain.calls);
        }
        assertEquals(List.of("prepare", "finish", "close"), chain.calls);
    }

    @Test
    void aMicrophoneThatHangsDoesNotHoldTheStop() {
        CountDownLatch released = new CountDownLatch(1);
        float[][] sound = Sounds.noise(2, 1, 5_000);
        AudioInput stalled = new Fakes.Microphone(sound, RATE, 0) {
            @Override
            int atTheEnd() {
                Fakes.hang(released);
                return -1;
            }
        };
        Fakes.Recorder chain = new Fakes.Recorder("recorder");
        EngineOptions options = EngineOptions.defaults().withStopGrace(Duration.ofMillis(100));
        AudioEngine engine = AudioEngine.open(stalled, List.of(chain), AudioOutputs.array(), options);
        engine.start();
        while (chain.heard.samples()[0].length < 4_960) {
            Sounds.sleepMillis(1);
        }
        long start = System.nanoTime();
        engine.close();
        long millis = (System.nanoTime() - start) / 1_000_000;
        System.out.println("a hanging microphone was left behind after " + millis + " ms");
        assertTrue(millis < 10_000);
        assertArrayEquals(sound, chain.heard.samples());
        assertEquals(List.of("prepare", "finish", "close"), chain.calls);
        released.countDown();
    }

    @Test
    void aLoudspeakerThatHangsDoesNotHoldTheStop() {
        CountDownLatch released = new CountDownLatch(1);
        AudioOutput stalled = new Output() {
            @Override
            public void write(float[][] block, int frames) {
                Fakes.hang(released);
            }
        };
        Fakes.Recorder chain = new Fakes.Recorder("recorder");
        EngineOptions options =
                EngineOptions.defaults().withStopGrace(Duration.ofMillis(100)).withRingMillis(50);
        AudioEngine engine = AudioEngine.open(
                AudioInputs.silence(new StreamFormat(RATE, 1), Long.MAX_VALUE), List.of(chain), stalled, options);
        engine.start();
        Sounds.sleepMillis(50);
        engine.close();
        assertTrue(engine.failure().orElseThrow().getMessage().startsWith("fake speaker takes no sound since "));
        assertTrue(engine.stats().droppedOutputFrames() > 0);
        assertEquals(engine.stats().framesIn(), chain.heard.samples()[0].length);
        assertEquals(List.of("prepare", "finish", "close"), chain.calls);
        released.countDown();
    }

    @Test
    void aLoudspeakerThatFailsEndsTheStreamAndTheChainIsFinished() {
        AudioOutput broken = new Output() {
            @Override
            public void write(float[][] block, int frames) {
                throw new EngineException("the speaker is gone");
            }
        };
        Fakes.Recorder chain = new Fakes.Recorder("recorder");
        AudioEngine engine = AudioEngine.open(
                AudioInputs.silence(new StreamFormat(RATE, 1), Long.MAX_VALUE), List.of(chain), broken);
        engine.start();
        assertTrue(Sounds.await(engine, SOON));
        assertEquals("the speaker is gone", engine.failure().orElseThrow().getMessage());
        assertEquals(engine.stats().framesProcessed(), engine.stats().droppedOutputFrames());
        assertEquals(engine.stats().framesIn(), chain.heard.samples()[0].length);
        engine.close();
        assertEquals(List.of("prepare", "finish", "close"), chain.calls);
    }

    private static class Output implements AudioOutput {
        @Override
        public String name() {
            return "fake speaker";
        }

        @Override
        public void open(StreamFormat format) {}

        @Override
        public void write(float[][] block, int frames) {}

        @Override
        public void close() {}
    }

    @Test
    void aProcessorThatFailsIsNamedAndTheOthersAreFinished() {
        Fakes.Recorder before = new Fakes.Recorder("before");
        Fakes.Recorder after = new Fakes.Recorder("after");
        Fakes.Recorder broken = new Fakes.Recorder("broken") {
            private int blocks;

            @Override
            public void process(float[][] in, float[][] out, int frames) {
                if (++blocks == 3) {
                    throw new StackOverflowError();
                }
                super.process(in, out, frames);
            }
        };
        ArrayOutput output = AudioOutputs.array();
        AudioEngine engine = AudioEngine.open(
                AudioInputs.silence(new StreamFormat(RATE, 1), Long.MAX_VALUE), List.of(before, broken, after), output);
        engine.start();
        assertTrue(Sounds.await(engine, SOON));
        engine.close();
        assertEquals(
                "processor \"broken\" failed: StackOverflowError",
                engine.failure().orElseThrow().getMessage());
        assertEquals(List.of("prepare", "finish", "close"), before.calls);
        assertEquals(List.of("prepare", "close"), broken.calls);
        assertEquals(List.of("prepare", "finish", "close"), after.calls);
        assertEquals(320, output.samples()[0].length);
    }

    @Test
    void aFailingFinishDoesNotKeepTheNextFromItsTurn() {
        Fakes.Recorder broken = new Fakes.Recorder("broken") {
            @Override
            public void finish() {
                throw new IllegalStateException("no");
            }
        };
        Fakes.Recorder after = new Fakes.Recorder("after");
        AudioEngine engine = AudioEngine.open(
                AudioInputs.silence(new StreamFormat(RATE, 1), 100), List.of(broken, after), AudioOutputs.discard());
        engine.start();
        assertTrue(Sounds.await(engine, SOON));
        engine.close();
        assertEquals(
                "processor \"broken\" failed: no",
                engine.failure().orElseThrow().getMessage());
        assertEquals(List.of("prepare", "finish", "close"), after.calls);
    }

    @Test
    void whatCanNotBePreparedIsClosedAgain() {
        Fakes.Microphone input = new Fakes.Microphone(new float[1][10], RATE, 0);
        Fakes.Recorder before = new Fakes.Recorder("before");
        Fakes.Recorder broken = new Fakes.Recorder("broken") {
            @Override
            public StreamFormat prepare(StreamFormat format, int maxFrames) {
                throw new IllegalArgumentException("sampleRateHz=16000 is too little");
            }
        };
        EngineException e = org.junit.jupiter.api.Assertions.assertThrows(
                EngineException.class, () -> AudioEngine.open(input, List.of(before, broken), AudioOutputs.array()));
        assertEquals("processor \"broken\" can't be prepared: sampleRateHz=16000 is too little", e.getMessage());
        assertTrue(input.closed);
        assertEquals(List.of("prepare", "close"), before.calls);
        assertEquals(List.of("close"), broken.calls);
    }
}
