package io.mambaaudio.demo.desktop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mambaaudio.engine.AudioInput;
import io.mambaaudio.engine.AudioInputs;
import io.mambaaudio.engine.EngineException;
import io.mambaaudio.engine.StreamFormat;
import io.mambaaudio.models.Backend;
import io.mambaaudio.models.Mamba;
import io.mambaaudio.pretrained.Pretrained;
import io.mambaaudio.speech.Transcriber;
import io.mambaaudio.speech.TranscriptEvent;
import io.mambaaudio.speech.TranscriptEvent.Final;
import java.awt.EventQueue;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Devices and files as they are: good, slow, failing, gone. Without a screen. */
@Timeout(120)
final class ConductorTest {
    @TempDir
    private static Path weights;

    private static Path model = Path.of("");

    private final LinkedBlockingQueue<String> log = new LinkedBlockingQueue<>();
    private final List<String> finals = new ArrayList<>();
    private final Heard heard = new Heard();
    private final Conductor conductor = new Conductor(setup(List.of()), heard);

    @BeforeAll
    static void layOutTheModel() {
        model = Pretrained.SPEECH.file(weights);
    }

    static Setup setup(List<Path> files) {
        return new Setup(model, true, Backend.AUTO, Transcriber::builder, ConductorTest::sample, files, Theme.light);
    }

    static AudioInput sample() {
        return AudioInputs.stream("sample", Samples.open());
    }

    /** Writes down what it hears, and takes the finals. */
    private final class Heard implements Conductor.Listener {
        @Override
        public void phaseChanged() {}

        @Override
        public void began(Source source, Take take) {
            log.add("began " + source.name());
        }

        @Override
        public void ended(Optional<String> complaint) {
            conductor.take().ifPresent(take -> {
                for (TranscriptEvent event = take.nextEvent(); event != null; event = take.nextEvent()) {
                    if (event instanceof Final said) {
                        finals.add(said.text());
                    }
                }
            });
            log.add("ended " + complaint.orElse("well"));
        }
    }

    private String next() throws InterruptedException {
        String line = log.poll(60, TimeUnit.SECONDS);
        return line == null ? "nothing happened" : line;
    }

    private void onEdt(Runnable what) throws Exception {
        EventQueue.invokeAndWait(what);
    }

    private static Source source(String name, Supplier<AudioInput> open) {
        return new Source(name, false, open);
    }

    @Test
    void oneFileAfterTheOtherGivesTheTextOfEach() throws Exception {
        List<String> expected = new ArrayList<>();
        try (Transcriber direct = Transcriber.builder(Mamba.open(model)).build()) {
            direct.transcribe(Samples.mono(), Samples.RATE_HZ).forEach(said -> expected.add(said.text()));
        }
        assertTrue(!expected.isEmpty());
        onEdt(() ->
                conductor.play(List.of(source("one", ConductorTest::sample), source("two", ConductorTest::sample))));
        assertEquals("began one", next());
        assertEquals("ended well", next());
        assertEquals("began two", next());
        assertEquals("ended well", next());
        List<String> twice = new ArrayList<>(expected);
        twice.addAll(expected);
        onEdt(() -> assertEquals(twice, finals));
    }

    @Test
    void aDeviceThatFailsIsOneLine() throws Exception {
        onEdt(() -> conductor.play(List.of(source("broken", () -> {
            throw new EngineException("this machine has no recording device; plug one in");
        }))));
        assertEquals("ended This machine has no recording device; plug one in", next());
        onEdt(() -> assertEquals(Conductor.Phase.IDLE, conductor.phase()));
    }

    @Test
    void aDeviceThatFailsLaterEndsTheTakeWithOneLine() throws Exception {
        onEdt(() -> conductor.play(List.of(source("unplugged", Unplugged::new))));
        assertEquals("began unplugged", next());
        assertEquals("ended Unplugged gives no sound; is it unplugged?", next());
    }

    @Test
    void aBugOfADriverIsOneLineToo() throws Exception {
        onEdt(() -> conductor.play(List.of(source("buggy", () -> {
            throw new ArithmeticException("by zero\n  at nowhere");
        }))));
        assertEquals("ended ArithmeticException: by zero at nowhere", next());
    }

    @Test
    void aDeviceThatDoesNotOpenIsLeftAndTheNextIsHeard() throws Exception {
        CountDownLatch answer = new CountDownLatch(1);
        CountDownLatch closed = new CountDownLatch(1);
        onEdt(() -> conductor.play(List.of(source("slow", () -> {
            await(answer);
            return new Closing(closed);
        }))));
        TimeUnit.MILLISECONDS.sleep(3_300);
        onEdt(() -> {
            assertEquals(Conductor.Phase.OPENING, conductor.phase());
            String line = conductor.impatience().orElse("");
            assertTrue(line.matches("(Slow|The model) is not ready after \\d+ s; wait, stop, or choose another"), line);
            conductor.play(List.of(source("other", ConductorTest::sample)));
        });
        assertEquals("ended well", next());
        assertEquals("began other", next());
        assertEquals("ended well", next());
        answer.countDown(); // now it opens, and nobody wants it any more
        assertTrue(closed.await(30, TimeUnit.SECONDS), "it is closed");
        assertTrue(log.isEmpty(), log.toString());
    }

    @Test
    void stopBringsTheLastWords() throws Exception {
        onEdt(() -> conductor.play(List.of(source(
                "endless",
                () -> AudioInputs.paced(AudioInputs.silence(new StreamFormat(16_000, 1), Long.MAX_VALUE))))));
        assertEquals("began endless", next());
        onEdt(conductor::stop);
        assertEquals("ended well", next());
        onEdt(() -> assertEquals(Conductor.Phase.IDLE, conductor.phase()));
    }

    @Test
    void preloadingTellsWhereTheModelComputes() throws Exception {
        LinkedBlockingQueue<Conductor.Preloaded> known = new LinkedBlockingQueue<>();
        onEdt(() -> conductor.preload(known::add, log::add));
        Conductor.Preloaded answer = known.poll(60, TimeUnit.SECONDS);
        assertTrue(
                answer != null && answer.backends().containsAll(List.of(Backend.AUTO, Backend.SCALAR)), log::toString);
        conductor.choose(Path.of("nowhere.safetensors"), Backend.AUTO);
        onEdt(() -> conductor.preload(known::add, log::add));
        String line = next();
        assertTrue(line.contains("nowhere.safetensors"), line);
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Silence that says when it is closed. */
    private static final class Closing implements AudioInput {
        private final CountDownLatch closed;

        Closing(CountDownLatch closed) {
            this.closed = closed;
        }

        @Override
        public String name() {
            return "closing";
        }

        @Override
        public StreamFormat format() {
            return new StreamFormat(16_000, 1);
        }

        @Override
        public int read(float[][] block, int maxFrames) {
            return maxFrames;
        }

        @Override
        public void close() {
            closed.countDown();
        }
    }

    /** Some sound, then a failure. */
    private static final class Unplugged implements AudioInput {
        private int blocks;

        @Override
        public String name() {
            return "unplugged";
        }

        @Override
        public StreamFormat format() {
            return new StreamFormat(16_000, 1);
        }

        @Override
        public int read(float[][] block, int maxFrames) {
            if (++blocks > 20) {
                throw new EngineException("unplugged gives no sound; is it unplugged?");
            }
            return maxFrames;
        }

        @Override
        public void close() {}
    }
}
