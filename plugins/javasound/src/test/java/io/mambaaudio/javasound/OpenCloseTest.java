package io.mambaaudio.javasound;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.UnixOperatingSystemMXBean;
import io.mambaaudio.engine.AudioEngine;
import io.mambaaudio.engine.AudioInputs;
import io.mambaaudio.engine.AudioOutputs;
import io.mambaaudio.engine.Recorder;
import io.mambaaudio.models.Mamba;
import io.mambaaudio.speech.Transcriber;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryUsage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import javax.sound.sampled.SourceDataLine;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Opens and closes all that holds something, again and again: model, session, engine, recorder, files, line of Java Sound. Some thirty
 * times by default; {@code -Dtest.jvm="--add-modules jdk.incubator.vector -Dmamba.cycles=1000"} for as many as the issue asks for.
 */
final class OpenCloseTest {
    private static final int CYCLES = Integer.getInteger("mamba.cycles", 30);
    private static final int WARM_UP = 10;
    private static final long HEAP_SLACK_BYTES = 1 << 20;
    private static final byte[] SOUND = TinyLine.sound(4_000);

    @TempDir
    private Path folder;

    /** What a process holds. */
    private record Held(int threads, long files, long mappedModels, long heapBytes) {
        @Override
        public String toString() {
            return String.format(
                    Locale.ROOT,
                    "%d threads, %d files, %d mapped models, heap %.2f MB",
                    threads,
                    files,
                    mappedModels,
                    heapBytes / 1e6);
        }
    }

    @BeforeEach
    void useTheTinyModel() {
        TinyLine.useForLines();
        TestReceiver.clear();
    }

    @AfterEach
    void forget() {
        TinyLine.forget();
    }

    @Test
    void nothingGrowsWithOpeningAndClosing() throws Exception {
        cycles(WARM_UP);
        Held before = held();
        cycles(CYCLES / 2);
        Held middle = held();
        cycles(CYCLES - CYCLES / 2);
        Held after = held();
        System.out.printf(
                "%d cycles of engine, session, recorder and line: before %s; half way %s; after %s%n",
                CYCLES, before, middle, after);
        assertTrue(after.threads <= before.threads, "threads: " + before + ", then " + after);
        assertTrue(after.files <= before.files, "files: " + before + ", then " + after);
        assertTrue(after.mappedModels <= before.mappedModels, "mapped models");
        assertTrue(
                after.heapBytes <= Math.max(before.heapBytes, middle.heapBytes) + HEAP_SLACK_BYTES,
                "the heap grew from " + before + " by way of " + middle + " to " + after);
    }

    private void cycles(int count) throws Exception {
        Path recorded = folder.resolve("recorded.wav");
        for (int i = 0; i < count; i++) {
            throughTheEngine(recorded);
            throughALine();
            TestReceiver.clear();
        }
    }

    private static void throughTheEngine(Path recorded) {
        Transcriber transcriber =
                Transcriber.builder(Mamba.open(TinyLine.model())).build();
        float[][] sound = new float[1][4_000];
        AudioEngine.run(
                AudioInputs.array(sound, 16_000),
                List.of(transcriber, Recorder.to(recorded)),
                AudioOutputs.wav(recorded.resolveSibling("played.wav")));
        AudioEngine.run(AudioInputs.file(recorded), List.of(), AudioOutputs.discard());
        AudioEngine.open(AudioInputs.file(recorded), List.of(), AudioOutputs.discard())
                .close(); // never started
    }

    private static void throughALine() throws Exception {
        SourceDataLine line = TinyLine.line(TinyLine.SPEECH);
        line.open();
        line.start();
        line.write(SOUND, 0, SOUND.length);
        line.drain();
        line.close();
    }

    private static Held held() throws IOException, InterruptedException {
        assertEquals(List.of(), TinyLine.engineThreads());
        MemoryUsage heap = null;
        for (int i = 0; i < 3; i++) { // also what is freed by a cleaner
            System.gc();
            Thread.sleep(50);
            heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage();
        }
        long files = ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
                ? unix.getOpenFileDescriptorCount()
                : 0;
        return new Held(
                ManagementFactory.getThreadMXBean().getThreadCount(),
                files,
                mappedModels(),
                heap == null ? 0 : heap.getUsed());
    }

    private static long mappedModels() throws IOException {
        Path maps = Path.of("/proc/self/maps");
        if (!Files.exists(maps)) {
            return 0;
        }
        try (Stream<String> lines = Files.lines(maps)) {
            return lines.filter(line -> line.contains(".safetensors")).count();
        }
    }
}
