package io.mambaaudio.flink;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.mambaaudio.engine.StreamFormat;
import io.mambaaudio.flink.Cluster.CheckpointSize;
import io.mambaaudio.models.Backend;
import io.mambaaudio.models.Mamba;
import io.mambaaudio.speech.Transcriber;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.functions.MapFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a checkpoint weighs. With {@code -Dflink.streams=10000} for more streams, {@code -Dflink.model=PATH} for another model, {@code
 * -Dflink.live=N} for N transcribers alive in each of the two subtasks.
 */
final class CheckpointTest {
    private static final Map<String, AtomicLong> HEARD = new ConcurrentHashMap<>();
    private static final int BLOCK = Sounds.RATE_HZ / 10;

    @TempDir
    private Path folder;

    private record Count(String name) implements MapFunction<AudioBlock, AudioBlock> {
        @Override
        public AudioBlock map(AudioBlock block) {
            AtomicLong heard = HEARD.get(name);
            if (heard != null) {
                heard.incrementAndGet();
            }
            return block;
        }
    }

    @Test
    void itIsStreamsTimesSnapshotsHoweverLongTheyHaveRun() throws Exception {
        int streams = Integer.getInteger("flink.streams", 300);
        Path model =
                Path.of(System.getProperty("flink.model", Sounds.tinyModel().toString()));
        Speakers speakers =
                new Speakers(List.of(Sounds.sound(3, Sounds.RATE_HZ, 7)), Sounds.RATE_HZ, streams, 2, BLOCK, 1_000_000);
        TranscriptSettings settings = TranscriptSettings.builder()
                .model(model)
                .liveStreams(Integer.getInteger("flink.live", 50))
                .build();
        HEARD.put(folder.toString(), new AtomicLong());
        try (Cluster cluster = new Cluster(folder, 1, 2, Duration.ofDays(1))) {
            JobID job = cluster.start(2, env -> Transcripts.transcribe(
                            env.fromSource(
                                            speakers.source(),
                                            Transcripts.soundTime(Duration.ofSeconds(60), Duration.ofSeconds(60)),
                                            "speakers")
                                    .map(new Count(folder.toString())),
                            settings)
                    .sinkTo(Cluster.sink(folder.resolve("out"))));
            CheckpointSize early = checkpoint(cluster, job, 3L * streams);
            CheckpointSize late = checkpoint(cluster, job, 12L * streams);
            cluster.cancel(job);
            long snapshot = snapshotBytes(model, speakers.all(0, 20));
            report(streams, snapshot, early);
            report(streams, snapshot, late);
            assertEquals(1, early.bytes() / (double) (streams * snapshot), 0.05);
            assertEquals(1, late.bytes() / (double) (streams * snapshot), 0.05);
        } finally {
            HEARD.remove(folder.toString());
        }
    }

    private CheckpointSize checkpoint(Cluster cluster, JobID job, long heard) throws Exception {
        AtomicLong count = HEARD.getOrDefault(folder.toString(), new AtomicLong());
        Cluster.waitUntil(heard + " blocks", () -> count.get() >= heard);
        cluster.checkpoint(job);
        return cluster.newestCheckpoint(job);
    }

    private static long snapshotBytes(Path model, float[] sound) {
        try (Transcriber transcriber =
                Transcriber.builder(Mamba.open(model)).backend(Backend.AUTO).build()) {
            transcriber.prepare(new StreamFormat(Sounds.RATE_HZ, 1), sound.length);
            float[][] samples = {sound};
            transcriber.process(samples, samples, sound.length);
            return transcriber.save().length;
        }
    }

    private static void report(int streams, long snapshot, CheckpointSize size) {
        System.out.printf(
                "%d streams of %d bytes: a checkpoint of %.1f MB (%.4f of streams × snapshot) in %d ms, subtasks stood"
                        + " still for at most %d ms%n",
                streams,
                snapshot,
                size.bytes() / 1e6,
                size.bytes() / (double) (streams * snapshot),
                size.millis(),
                size.syncMillis());
    }
}
