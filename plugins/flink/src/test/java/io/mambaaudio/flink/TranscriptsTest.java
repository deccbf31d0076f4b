package io.mambaaudio.flink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.functions.MapFunction;
import org.apache.flink.connector.datagen.source.DataGeneratorSource;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One process and a cluster, undisturbed or not, write the same. */
final class TranscriptsTest {
    private static final Map<String, Watch> WATCHES = new ConcurrentHashMap<>();

    @TempDir
    private Path folder;

    private final Watch watch = new Watch();

    /** What a test sees of its job, which runs in the same JVM, and the failure that it plans. */
    private static final class Watch {
        private final AtomicLong rows = new AtomicLong();
        private final AtomicLong failAtRow = new AtomicLong(Long.MAX_VALUE);
        private final AtomicBoolean failed = new AtomicBoolean();
    }

    /** Counts rows, and throws once. */
    private record Tripwire(String name) implements MapFunction<TranscriptRow, TranscriptRow> {
        @Override
        public TranscriptRow map(TranscriptRow row) {
            Watch watch = WATCHES.get(name);
            if (watch != null
                    && watch.rows.incrementAndGet() > watch.failAtRow.get()
                    && watch.failed.compareAndSet(false, true)) {
                throw new IllegalStateException("a failure of the test");
            }
            return row;
        }
    }

    @BeforeEach
    void watch() {
        WATCHES.put(folder.toString(), watch);
    }

    @AfterEach
    void forget() {
        WATCHES.remove(folder.toString());
    }

    private void job(
            StreamExecutionEnvironment env, DataGeneratorSource<AudioBlock> source, TranscriptSettings settings) {
        DataStream<AudioBlock> blocks = env.fromSource(
                        source, Transcripts.soundTime(Duration.ofSeconds(1), Duration.ofSeconds(5)), "speakers")
                .uid("speakers");
        Transcripts.transcribe(blocks, settings)
                .map(new Tripwire(folder.toString()))
                .sinkTo(Cluster.sink(out()))
                .uid("rows");
    }

    private Path out() {
        return folder.resolve("out");
    }

    private static void assertSameAsOneProcess(Speakers speakers, List<String> lines, boolean partials) {
        int total = 0;
        for (int s = 0; s < speakers.streams(); s++) {
            String stream = "speaker-" + s;
            List<String> expected = Sounds.expected(stream, speakers.all(s), speakers.sampleRateHz(), partials).stream()
                    .map(TranscriptRow::toString)
                    .toList();
            List<String> found = lines.stream()
                    .filter(l -> l.startsWith("TranscriptRow[stream=" + stream + ","))
                    .sorted(java.util.Comparator.comparingLong(TranscriptsTest::index))
                    .toList();
            assertTrue(expected.size() > 3, "the sound makes words: " + expected.size());
            assertEquals(expected, found, stream);
            total += expected.size();
        }
        assertEquals(total, lines.size(), "rows of no stream");
    }

    private static long index(String line) {
        int at = line.indexOf("index=") + 6;
        return Long.parseLong(line.substring(at, line.indexOf(',', at)));
    }

    private static Speakers speakers(int streams, int groups, int rateHz, int seconds) {
        return new Speakers(Sounds.sounds(5, rateHz, seconds), rateHz, streams, groups, rateHz / 10, 10 * seconds);
    }

    @Test
    void manyStreamsEqualOneProcessWordForWord() throws Exception {
        Speakers speakers = speakers(20, 2, 48_000, 6);
        try (Cluster cluster = new Cluster(folder, 1, 2)) {
            cluster.run(
                    2,
                    env -> job(
                            env,
                            speakers.source(),
                            Sounds.settings().liveStreams(3).build()));
        }
        assertSameAsOneProcess(speakers, Cluster.lines(out()), true);
        assertEquals(0, SharedRecogniser.openCount());
    }

    @Test
    void aFailureMidSpeechLosesAndRepeatsNothing() throws Exception {
        Speakers speakers = speakers(12, 2, Sounds.RATE_HZ, 10);
        watch.failAtRow.set(200);
        try (Cluster cluster = new Cluster(folder, 1, 2)) {
            cluster.run(
                    2,
                    env -> job(
                            env,
                            speakers.paced(4),
                            Sounds.settings().liveStreams(4).build()));
        }
        assertTrue(watch.failed.get());
        assertSameAsOneProcess(speakers, Cluster.lines(out()), true);
    }

    @Test
    void aKilledTaskManagerLosesAndRepeatsNothing() throws Exception {
        Speakers speakers = speakers(12, 2, Sounds.RATE_HZ, 12);
        try (Cluster cluster = new Cluster(folder, 2, 1)) {
            JobID job = cluster.start(
                    2, env -> job(env, speakers.paced(4), Sounds.settings().build()));
            Cluster.waitUntil("some rows", () -> watch.rows.get() > 100);
            cluster.checkpoint(job);
            long before = watch.rows.get();
            Cluster.waitUntil("rows that no checkpoint has", () -> watch.rows.get() > before + 10);
            cluster.killTaskManager(0);
            cluster.await(job);
        }
        List<String> lines = Cluster.lines(out());
        assertTrue(watch.rows.get() > lines.size(), "some rows were made twice, so that the sink had to drop them");
        assertSameAsOneProcess(speakers, lines, true);
    }

    @Test
    void rescalingFromTwoToFourToOneLosesAndRepeatsNothing() throws Exception {
        Speakers speakers = speakers(12, 2, Sounds.RATE_HZ, 20);
        // Sources outlast a busy machine: a job whose tasks end cannot be stopped.
        List<String> savepoints = new ArrayList<>();
        try (Cluster cluster = new Cluster(folder, 2, 2)) {
            JobID two = cluster.start(
                    2, env -> job(env, speakers.paced(2), Sounds.settings().build()));
            Cluster.waitUntil("some rows", () -> watch.rows.get() > 60);
            savepoints.add(cluster.stop(two));
            JobID four = cluster.start(
                    4, env -> job(env, speakers.paced(2), Sounds.settings().build()), savepoints.getLast());
            long before = watch.rows.get();
            Cluster.waitUntil("more rows", () -> watch.rows.get() > before + 60);
            savepoints.add(cluster.stop(four));
            JobID one = cluster.start(
                    1, env -> job(env, speakers.source(), Sounds.settings().build()), savepoints.getLast());
            cluster.await(one);
        }
        assertSameAsOneProcess(speakers, Cluster.lines(out()), true);
    }
}
