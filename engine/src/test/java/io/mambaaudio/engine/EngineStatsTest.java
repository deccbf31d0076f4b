package io.mambaaudio.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class EngineStatsTest {
    @Test
    void aHistogramIsNeverTooLowAndAtMostASixteenthTooHigh() {
        for (long value = 0; value < Long.MAX_VALUE / 3; value += value / 16 + 1) {
            LogHistogram histogram = new LogHistogram();
            histogram.record(value);
            long shown = histogram.atFraction(1);
            assertTrue(shown >= value && shown - value <= value / 16, value + " is shown as " + shown);
        }
    }

    @Test
    void percentilesAreThoseOfTheValues() {
        LogHistogram histogram = new LogHistogram();
        assertEquals(0, histogram.atFraction(0.5));
        for (int i = 1; i <= 1000; i++) {
            histogram.record(i * 1000L);
        }
        assertEquals(500_000, (double) histogram.atFraction(0.5), 500_000 / 16.0);
        assertEquals(990_000, (double) histogram.atFraction(0.99), 990_000 / 16.0);
        assertEquals(1_000_000, (double) histogram.atFraction(1), 1_000_000 / 16.0);
    }

    @Test
    void timesAndEventsAreCounted() {
        Processor slow = new Fakes.Recorder("slow") {
            private long events;

            @Override
            public void process(float[][] in, float[][] out, int frames) {
                events++;
                Sounds.sleepMillis(2);
            }

            @Override
            public long events() {
                return events;
            }
        };
        EngineStats stats = AudioEngine.run(
                AudioInputs.silence(new StreamFormat(16_000, 1), 1_600), List.of(slow), AudioOutputs.discard());
        assertEquals(10, stats.blocks());
        assertEquals(10, stats.events());
        assertTrue(stats.meanProcessNanos() >= 2e6);
        assertTrue(stats.worstProcessNanos() >= stats.meanProcessNanos());
        assertTrue(stats.processNanosAt(0.5) >= 2_000_000);
        assertEquals(
                "fraction=0.0 is out of range; choose more than 0, at most 1",
                assertThrows(IllegalArgumentException.class, () -> stats.processNanosAt(0))
                        .getMessage());
        assertTrue(stats.toString().startsWith("1600 frames in, 1600 out, 0 dropped, "), stats.toString());
    }

    @Test
    void flightRecorderSeesBlocksDropsAndTheStop(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("engine.jfr");
        EngineStats stats;
        try (Recording recording = new Recording()) {
            recording.enable("io.mambaaudio.Block").withoutThreshold();
            recording.enable("io.mambaaudio.Drop");
            recording.enable("io.mambaaudio.Stop");
            recording.start();
            Processor slow = new Fakes.Recorder("slow") {
                @Override
                public void process(float[][] in, float[][] out, int frames) {
                    Sounds.sleepMillis(5);
                }
            };
            stats = Sounds.run(AudioEngine.open(
                    new Fakes.Microphone(new float[1][8_000], 16_000, 0),
                    List.of(slow),
                    AudioOutputs.discard(),
                    EngineOptions.defaults().withRingMillis(50)));
            recording.stop();
            recording.dump(file);
        }
        List<RecordedEvent> events = RecordingFile.readAllEvents(file);
        List<RecordedEvent> blocks = named(events, "io.mambaaudio.Block");
        assertEquals(stats.blocks(), blocks.size());
        assertEquals(
                stats.framesProcessed(),
                blocks.stream().mapToInt(e -> e.getInt("frames")).sum());
        assertTrue(blocks.stream().allMatch(e -> e.getDuration().toNanos() >= 5_000_000));
        assertEquals(
                stats.droppedFrames(),
                named(events, "io.mambaaudio.Drop").stream()
                        .mapToInt(e -> e.getInt("frames"))
                        .sum());
        assertTrue(stats.droppedFrames() > 0);
        assertEquals(
                List.of("fake microphone"),
                named(events, "io.mambaaudio.Stop").stream()
                        .map(e -> e.getString("input"))
                        .toList());
    }

    private static List<RecordedEvent> named(List<RecordedEvent> events, String name) {
        return events.stream()
                .filter(e -> e.getEventType().getName().equals(name))
                .collect(Collectors.toList());
    }
}
