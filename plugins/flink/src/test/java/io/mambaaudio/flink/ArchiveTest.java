package io.mambaaudio.flink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mambaaudio.engine.AudioInput;
import io.mambaaudio.engine.AudioInputs;
import io.mambaaudio.engine.StreamFormat;
import io.mambaaudio.models.Backend;
import io.mambaaudio.models.Mamba;
import io.mambaaudio.speech.Transcriber;
import io.mambaaudio.speech.TranscriptWriter;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sound.sampled.AudioFileFormat;
import javax.sound.sampled.AudioFormat;
import javax.sound.sampled.AudioInputStream;
import javax.sound.sampled.AudioSystem;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.MapFunction;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An archive of recordings of many formats as a bounded job. */
final class ArchiveTest {
    private static final Map<String, AtomicInteger> BLOCKS = new ConcurrentHashMap<>();

    @TempDir
    private Path folder;

    /** Throws once, in the middle. */
    private record Tripwire(String name, int at) implements MapFunction<AudioBlock, AudioBlock> {
        @Override
        public AudioBlock map(AudioBlock block) throws InterruptedException {
            Thread.sleep(10); // so that checkpoints fall into the recordings
            AtomicInteger blocks = BLOCKS.get(name);
            if (blocks != null && blocks.incrementAndGet() == at) {
                throw new IllegalStateException("a failure of the test");
            }
            return block;
        }
    }

    private static void write(Path file, int rateHz, int channels, int bits, double seconds) throws IOException {
        float[][] sound = new float[channels][];
        for (int c = 0; c < channels; c++) {
            sound[c] = Sounds.sound(7 + c, rateHz, seconds);
        }
        int frames = sound[0].length;
        ByteBuffer bytes = ByteBuffer.allocate(frames * channels * bits / 8).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < frames; i++) {
            for (float[] channel : sound) {
                int value = (int) (channel[i] * (1 << (bits - 1)));
                for (int b = 0; b < bits; b += 8) {
                    bytes.put((byte) (value >> b));
                }
            }
        }
        AudioFormat format = new AudioFormat(rateHz, bits, channels, true, false);
        Files.createDirectories(file.getParent());
        try (AudioInputStream in = new AudioInputStream(new ByteArrayInputStream(bytes.array()), format, frames)) {
            AudioSystem.write(in, AudioFileFormat.Type.WAVE, file.toFile());
        }
    }

    /** What one transcriber makes of a file, without a cluster, as the command line writes it. */
    private static List<String> expected(Path file) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        TranscriptWriter writer = TranscriptWriter.Format.json.to(new PrintStream(bytes, true, StandardCharsets.UTF_8));
        try (AudioInput input = AudioInputs.file(file);
                Transcriber transcriber = Transcriber.builder(Mamba.open(Sounds.tinyModel()))
                        .backend(Backend.SCALAR)
                        .gateRules(Sounds.OPEN)
                        .endpointRules(Sounds.QUICK)
                        .listener(writer::accept)
                        .build()) {
            StreamFormat format = input.format();
            transcriber.prepare(format, 777);
            writer.begin(file.toString());
            input.start();
            float[][] block = new float[format.channels()][777];
            for (int n = input.read(block, 777); n >= 0; n = input.read(block, 777)) {
                transcriber.process(block, block, n);
            }
            transcriber.finish();
        }
        return bytes.toString(StandardCharsets.UTF_8).lines().toList();
    }

    /** In the order of the sound: the files of a sink that was restarted have names in no order. */
    private static List<String> ofFile(Path file, List<String> lines) {
        return lines.stream()
                .filter(l -> l.contains("\"" + file + "\""))
                .sorted(Comparator.comparingDouble(
                        l -> Double.parseDouble(l.replaceAll(".*?\"start\":([0-9.]+).*", "$1"))))
                .toList();
    }

    @Test
    void recordingsOfManyFormatsEqualTheCommandLineAlsoAfterAFailure() throws Exception {
        Path archive = folder.resolve("archive");
        List<Path> files = List.of(
                archive.resolve("a.wav"),
                archive.resolve("deep/stereo.wav"),
                archive.resolve("deep/er/telephone.wav"),
                archive.resolve("fine.wav"),
                archive.resolve("long.wav"));
        write(files.get(0), 16_000, 1, 16, 5);
        write(files.get(1), 44_100, 2, 16, 5.55);
        write(files.get(2), 8_000, 1, 16, 4);
        write(files.get(3), 48_000, 1, 24, 6);
        write(files.get(4), 16_000, 1, 16, 20);
        Files.writeString(archive.resolve("broken.wav"), "RIFF and then nothing");
        Files.write(archive.resolve("empty.wav"), new byte[0]);
        BLOCKS.put(folder.toString(), new AtomicInteger());
        try (Cluster cluster = new Cluster(folder, 1, 2)) {
            cluster.run(2, env -> {
                var sound = env.fromSource(
                                Transcripts.archive(List.of(archive), 100), WatermarkStrategy.noWatermarks(), "archive")
                        .map(new Tripwire(folder.toString(), 150));
                SingleOutputStreamOperator<TranscriptRow> rows =
                        Transcripts.transcribe(sound, Sounds.settings().build());
                rows.sinkTo(Transcripts.files(folder.resolve("text")));
                rows.getSideOutput(TranscriptFunction.REJECTED).sinkTo(Cluster.sink(folder.resolve("rejected")));
            });
        }
        AtomicInteger seen = BLOCKS.remove(folder.toString());
        assertTrue(seen != null && seen.get() > 200 + 178, "blocks were read again: " + seen);
        List<String> lines = Cluster.lines(folder.resolve("text"));
        List<String> all = new ArrayList<>();
        for (Path file : files) {
            List<String> expected = expected(file);
            assertTrue(expected.size() > 1, file + " has words");
            assertEquals(expected, ofFile(file, lines));
            all.addAll(expected);
        }
        assertEquals(all.size(), lines.size());
        List<String> rejected = Cluster.lines(folder.resolve("rejected"));
        assertEquals(2, rejected.size(), rejected.toString());
        assertTrue(rejected.stream().anyMatch(r -> r.contains("broken.wav")), rejected.toString());
        assertTrue(rejected.stream().anyMatch(r -> r.contains("empty.wav")), rejected.toString());
    }
}
