package io.mambaaudio.flink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.flink.api.common.eventtime.Watermark;
import org.apache.flink.api.common.eventtime.WatermarkGenerator;
import org.apache.flink.api.common.eventtime.WatermarkOutput;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of a single stream, whatever its blocks are like. */
final class TranscriptFunctionTest {
    private static final int RATE_HZ = Sounds.RATE_HZ;
    private static final int BLOCK = RATE_HZ / 10;
    private static final float[] SOUND = Sounds.sound(11, RATE_HZ, 6);

    @TempDir
    private static Path clusterFolder;

    private static Cluster cluster;

    @TempDir
    private Path folder;

    @BeforeAll
    static void start() throws Exception {
        cluster = new Cluster(clusterFolder, 1, 2);
    }

    @AfterAll
    static void stop() {
        cluster.close();
    }

    /** The blocks of a stream from a sample on. */
    private static List<AudioBlock> blocks(String stream, int from, int to, boolean last) {
        List<AudioBlock> blocks = new ArrayList<>();
        for (int at = from; at < to; at += BLOCK) {
            float[] samples = Arrays.copyOfRange(SOUND, at, at + BLOCK);
            blocks.add(AudioBlock.of(stream, 0, at, RATE_HZ, samples, BLOCK, last && at + BLOCK == to));
        }
        return blocks;
    }

    private static List<AudioBlock> whole(String stream) {
        return blocks(stream, 0, SOUND.length, true);
    }

    private static List<String> expected(String stream) {
        List<String> rows = Sounds.expected(stream, SOUND, RATE_HZ, true).stream()
                .map(TranscriptRow::toString)
                .toList();
        assertTrue(rows.size() > 5, "the sound makes words");
        return rows;
    }

    /** A watermark behind every block. */
    private static final class EveryBlock implements WatermarkGenerator<AudioBlock> {
        private long newest = Long.MIN_VALUE;

        @Override
        public void onEvent(AudioBlock block, long timestamp, WatermarkOutput out) {
            newest = Math.max(newest, timestamp);
            out.emitWatermark(new Watermark(newest - 1));
        }

        @Override
        public void onPeriodicEmit(WatermarkOutput out) {}
    }

    private List<String> run(List<AudioBlock> blocks, TranscriptSettings settings) throws Exception {
        cluster.run(1, env -> {
            DataStream<AudioBlock> sound = env.fromData(
                            TypeInformation.of(AudioBlock.class), blocks.toArray(AudioBlock[]::new))
                    .assignTimestampsAndWatermarks(WatermarkStrategy.<AudioBlock>forGenerator(_ -> new EveryBlock())
                            .withTimestampAssigner((block, _) -> block.endMillis()));
            SingleOutputStreamOperator<TranscriptRow> rows = Transcripts.transcribe(sound, settings);
            rows.sinkTo(Cluster.sink(folder.resolve("rows")));
            rows.getSideOutput(TranscriptFunction.REJECTED).sinkTo(Cluster.sink(folder.resolve("rejected")));
        });
        return of("", Cluster.lines(folder.resolve("rows")));
    }

    private List<String> rejected() throws Exception {
        return Cluster.lines(folder.resolve("rejected"));
    }

    private static List<String> of(String stream, List<String> rows) {
        return rows.stream()
                .filter(r -> stream.isEmpty() || r.startsWith("TranscriptRow[stream=" + stream + ","))
                .toList();
    }

    @Test
    void garbageFailsItsStreamAlone() throws Exception {
        List<AudioBlock> mixed = new ArrayList<>();
        List<AudioBlock> good = whole("good");
        List<AudioBlock> odd = whole("odd");
        List<AudioBlock> rate = whole("rate");
        for (int i = 0; i < good.size(); i++) {
            mixed.add(good.get(i));
            mixed.add(i < 30 ? odd.get(i) : with(odd.get(i), RATE_HZ, new byte[3]));
            mixed.add(i < 40 ? rate.get(i) : with(rate.get(i), 8000, new byte[2]));
            mixed.add(AudioBlock.faulty("never", -5, "no sound at all"));
        }
        List<String> rows = run(mixed, Sounds.settings().build());
        assertEquals(expected("good"), of("good", rows));
        assertEquals(List.of(), of("never", rows));
        String text = of("odd", rows).getLast();
        assertTrue(text.contains("isFinal=true") && text.contains("atSeconds=3.0"), "told up to the fault: " + text);
        assertEquals(
                List.of(
                        "RejectedBlock[stream=never, position=-5, reason=no sound at all]",
                        "RejectedBlock[stream=odd, position=48000, reason=samples.length=3 is no whole number of PCM16"
                                + " samples; send a multiple of 2]",
                        "RejectedBlock[stream=rate, position=64000, reason=sampleRateHz=8000 in a stream of 16000; give"
                                + " a stream one rate]"),
                rejected().stream().sorted().toList());
    }

    private static AudioBlock with(AudioBlock block, int rateHz, byte[] samples) {
        return new AudioBlock(block.stream(), 0, block.position(), rateHz, AudioBlock.Encoding.PCM16, samples, false);
    }

    @Test
    void whatWasHeardIsNotHeardAgain() throws Exception {
        List<AudioBlock> blocks = new ArrayList<>();
        for (AudioBlock block : whole("a")) {
            blocks.add(block);
            blocks.add(block);
            int half = (int) block.position() + BLOCK / 2;
            if (half + BLOCK <= SOUND.length) {
                float[] overlapping = Arrays.copyOfRange(SOUND, half, half + BLOCK);
                blocks.add(AudioBlock.of("a", 0, half, RATE_HZ, overlapping, BLOCK, false));
            }
        }
        assertEquals(expected("a"), run(blocks, Sounds.settings().build()));
    }

    @Test
    void aGapEndsTheUtteranceAndTheTimesGoOn() throws Exception {
        List<AudioBlock> blocks = blocks("a", 0, 2 * RATE_HZ, false);
        blocks.addAll(blocks("a", 4 * RATE_HZ, SOUND.length, true));
        List<String> rows = run(blocks, Sounds.settings().partials(false).build());
        List<TranscriptRow> expected =
                new ArrayList<>(Sounds.expected("a", Arrays.copyOf(SOUND, 2 * RATE_HZ), RATE_HZ, false));
        float[] behind = Arrays.copyOfRange(SOUND, 4 * RATE_HZ, SOUND.length);
        for (TranscriptRow row : Sounds.expected("a", behind, RATE_HZ, false)) {
            expected.add(TranscriptRow.of("a", expected.size(), row.toEvent(), 4));
        }
        assertEquals(expected.stream().map(TranscriptRow::toString).toList(), rows);
    }

    @Test
    void aStreamThatFallsSilentIsFinishedAndMaySpeakAgain() throws Exception {
        List<AudioBlock> blocks = blocks("quiet", 0, 2 * RATE_HZ, false);
        blocks.addAll(whole("other"));
        blocks.addAll(blocks("quiet", 5 * RATE_HZ, SOUND.length, false));
        TranscriptSettings settings = Sounds.settings()
                .partials(false)
                .patience(Duration.ofSeconds(1), Duration.ofSeconds(100))
                .build();
        List<String> rows = run(blocks, settings);
        List<TranscriptRow> expected =
                new ArrayList<>(Sounds.expected("quiet", Arrays.copyOf(SOUND, 2 * RATE_HZ), RATE_HZ, false));
        int first = expected.size();
        float[] behind = Arrays.copyOfRange(SOUND, 5 * RATE_HZ, SOUND.length);
        for (TranscriptRow row : Sounds.expected("quiet", behind, RATE_HZ, false)) {
            expected.add(TranscriptRow.of("quiet", expected.size(), row.toEvent(), 5));
        }
        assertEquals(expected.stream().map(TranscriptRow::toString).toList(), of("quiet", rows));
        String lastOfOther = of("other", rows).getLast();
        int before = rows.indexOf(of("quiet", rows).get(first - 1));
        assertTrue(before < rows.indexOf(lastOfOther), "it is finished while the other one speaks");
    }

    @Test
    void theEndOfTheJobFinishesStreamsThatHaveNoLastBlock() throws Exception {
        assertEquals(
                expected("a"),
                run(blocks("a", 0, SOUND.length, false), Sounds.settings().build()));
    }

    @Test
    void aFunctionWithoutItsOperatorSaysTheSame() throws Exception {
        List<AudioBlock> blocks = new ArrayList<>();
        List<AudioBlock> b = whole("b");
        whole("a").forEach(block -> {
            blocks.add(block);
            blocks.add(b.get(blocks.size() / 2));
        });
        TranscriptSettings settings = Sounds.settings().liveStreams(1).build();
        cluster.run(1, env -> env.fromData(TypeInformation.of(AudioBlock.class), blocks.toArray(AudioBlock[]::new))
                .keyBy(AudioBlock::stream)
                .process(new TranscriptFunction(settings), TypeInformation.of(TranscriptRow.class))
                .sinkTo(Cluster.sink(folder.resolve("rows"))));
        List<String> rows = Cluster.lines(folder.resolve("rows"));
        assertEquals(expected("a"), of("a", rows));
        assertEquals(expected("b"), of("b", rows));
    }
}
