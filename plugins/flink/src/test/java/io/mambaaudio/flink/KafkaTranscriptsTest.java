package io.mambaaudio.flink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.flink.api.common.JobID;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With a real broker in this JVM. */
final class KafkaTranscriptsTest {
    private static final int STREAMS = 6;

    @TempDir
    private Path folder;

    private final Speakers speakers =
            new Speakers(Sounds.sounds(3, Sounds.RATE_HZ, 6), Sounds.RATE_HZ, STREAMS, 1, 1600, 120);

    @Test
    void aKilledTaskManagerLosesAndRepeatsNothingInTheTopic() throws Exception {
        try (Broker broker = new Broker(folder.resolve("kafka"));
                Cluster cluster = new Cluster(folder, 2, 1)) {
            broker.create("sound", 4);
            broker.create("text", 2);
            JobID job = cluster.start(2, liveJob(broker.address()));
            speak(broker.address(), 0, 60);
            Cluster.waitUntil(
                    "text of the first half", () -> read(broker.address(), true).size() > 2 * STREAMS);
            int before = read(broker.address(), true).size() + STREAMS;
            speak(broker.address(), 60, 90);
            Cluster.waitUntil(
                    "text that no checkpoint has",
                    () -> read(broker.address(), false).size() > before);
            cluster.killTaskManager(0);
            speak(broker.address(), 90, 120);
            List<String> expected = expected();
            Cluster.waitUntil("all text", () -> read(broker.address(), true).size() >= expected.size());
            cluster.stop(job);
            assertEquals(expected, read(broker.address(), true));
        }
    }

    private static Consumer<StreamExecutionEnvironment> liveJob(String brokers) {
        return env -> {
            var blocks = env.fromSource(
                    KafkaTranscripts.blocks(brokers, "sound", "test").build(),
                    Transcripts.soundTime(Duration.ofSeconds(60), Duration.ofSeconds(5)),
                    "sound");
            Transcripts.transcribe(blocks, Sounds.settings().partials(false).build())
                    .sinkTo(KafkaTranscripts.rows(brokers, "text", "test"));
        };
    }

    /** Sends the blocks of all streams, and a record that is garbage. */
    private void speak(String brokers, int from, int to) throws Exception {
        try (KafkaProducer<String, byte[]> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", brokers), new StringSerializer(), new ByteArraySerializer())) {
            List<Future<?>> sent = new ArrayList<>();
            sent.add(producer.send(new ProducerRecord<>("sound", "garbage", new byte[] {1, 2, 3})));
            for (int block = from; block < to; block++) {
                for (int stream = 0; stream < STREAMS; stream++) {
                    AudioBlock sound = speakers.map((long) block * STREAMS + stream);
                    sent.add(producer.send(
                            new ProducerRecord<>("sound", sound.stream(), KafkaTranscripts.toBytes(sound))));
                }
            }
            for (Future<?> one : sent) {
                one.get(30, TimeUnit.SECONDS);
            }
        }
    }

    private List<String> expected() throws IOException {
        List<String> lines = new ArrayList<>();
        for (int s = 0; s < STREAMS; s++) {
            String stream = "speaker-" + s;
            List<TranscriptRow> rows = Sounds.expected(stream, speakers.all(s), Sounds.RATE_HZ, false);
            assertTrue(rows.size() > 4, "the sound makes words: " + rows);
            for (TranscriptRow row : rows) {
                ByteArrayOutputStream line = new ByteArrayOutputStream();
                new TranscriptEncoder().encode(row, line);
                lines.add(stream + " " + line.toString(StandardCharsets.UTF_8));
            }
        }
        return lines;
    }

    /** The text of all streams, one stream after the other, each in the order of its partition. */
    private static List<String> read(String brokers, boolean committed) {
        Map<String, Object> settings = Map.of(
                "bootstrap.servers", brokers, "isolation.level", committed ? "read_committed" : "read_uncommitted");
        List<ConsumerRecord<String, String>> records = new ArrayList<>();
        try (KafkaConsumer<String, String> consumer =
                new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
            var partitions = consumer.partitionsFor("text").stream()
                    .map(p -> new org.apache.kafka.common.TopicPartition(p.topic(), p.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            var ends = consumer.endOffsets(partitions);
            while (partitions.stream().anyMatch(p -> consumer.position(p) < ends.getOrDefault(p, 0L))) {
                consumer.poll(Duration.ofMillis(100)).forEach(records::add);
            }
        }
        List<String> lines = new ArrayList<>();
        for (int s = 0; s < STREAMS; s++) {
            String stream = "speaker-" + s;
            records.stream().filter(r -> r.key().equals(stream)).forEach(r -> lines.add(stream + " " + r.value()));
        }
        return lines;
    }

    @Test
    void aBlockComesBackFromItsBytes() {
        AudioBlock block = speakers.map(7L);
        AudioBlock back = KafkaTranscripts.fromBytes(block.stream(), KafkaTranscripts.toBytes(block));
        assertEquals(
                block.toString().replaceAll("\\[B@\\w+", ""), back.toString().replaceAll("\\[B@\\w+", ""));
        org.junit.jupiter.api.Assertions.assertArrayEquals(block.samples(), back.samples());
        byte[] bytes = KafkaTranscripts.toBytes(block);
        for (int length = 0; length < 25; length++) {
            byte[] cut = java.util.Arrays.copyOf(bytes, length);
            assertTrue(
                    KafkaTranscripts.fromBytes("s", cut).fault(Sounds.RATE_HZ).isPresent());
        }
    }
}
