package io.mambaaudio.flink;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.connector.kafka.sink.KafkaRecordSerializationSchema;
import org.apache.flink.connector.kafka.sink.KafkaSink;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.KafkaSourceBuilder;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.flink.connector.kafka.source.reader.deserializer.KafkaRecordDeserializationSchema;
import org.apache.flink.util.Collector;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;

/**
 * Live sound from a Kafka-compatible broker, and rows to one.
 *
 * <p>A record of sound: its key is the stream's name in UTF-8, so that a stream stays in one partition and in order; its value, in
 * big-endian numbers, is "MA", a version (byte 1), the encoding (byte: 0 PCM16, 1 FLOAT32), whether it is the last (byte: 0 or 1),
 * sampleRateHz (int), startedMillis (long), position (long), and then the samples in little-endian. A record of text: its key is the
 * stream's name, its value the line that {@link TranscriptEncoder} writes.
 */
public final class KafkaTranscripts {
    private static final short MAGIC = 0x4D41;
    private static final byte VERSION = 1;
    private static final int HEADER = 25;
    private static final String TRANSACTION_TIMEOUT_MILLIS = "600000"; // brokers allow 15 minutes unless told otherwise

    private KafkaTranscripts() {}

    /**
     * The start of a source of sound, from the oldest record on; it can be made bounded before it is built.
     *
     * @param brokers host:port, host:port
     * @param topic of records of sound
     * @param group the consumer group under which progress is shown
     * @return a builder
     */
    public static KafkaSourceBuilder<AudioBlock> blocks(String brokers, String topic, String group) {
        return KafkaSource.<AudioBlock>builder()
                .setBootstrapServers(brokers)
                .setTopics(topic)
                .setGroupId(group)
                .setStartingOffsets(OffsetsInitializer.earliest())
                .setDeserializer(new Sound());
    }

    /**
     * Rows in transactions, which are committed with the checkpoints: who reads with {@code isolation.level=read_committed} sees each
     * row once.
     *
     * @param brokers host:port, host:port
     * @param topic for records of text
     * @param transactions prefix of the transactions' names, one of its own for each job
     * @return a sink
     */
    public static KafkaSink<TranscriptRow> rows(String brokers, String topic, String transactions) {
        return KafkaSink.<TranscriptRow>builder()
                .setBootstrapServers(brokers)
                .setDeliveryGuarantee(DeliveryGuarantee.EXACTLY_ONCE)
                .setTransactionalIdPrefix(transactions)
                .setProperty("transaction.timeout.ms", TRANSACTION_TIMEOUT_MILLIS)
                .setRecordSerializer(new Text(topic))
                .build();
    }

    /**
     * A block as the value of a record.
     *
     * @param block a block without a fault
     * @return the value; its key is the name of the stream
     */
    public static byte[] toBytes(AudioBlock block) {
        ByteBuffer out = ByteBuffer.allocate(HEADER + block.samples().length);
        out.putShort(MAGIC).put(VERSION).put(code(block.encoding()));
        out.put((byte) (block.last() ? 1 : 0)).putInt(block.sampleRateHz());
        out.putLong(block.startedMillis()).putLong(block.position()).put(block.samples());
        return out.array();
    }

    private static byte code(AudioBlock.Encoding encoding) {
        return switch (encoding) {
            case PCM16 -> 0;
            case FLOAT32 -> 1;
            case FAULT -> throw new IllegalArgumentException("a fault is no sound; leave it out");
        };
    }

    /**
     * A block from a record.
     *
     * @param stream the record's key
     * @param value the record's value
     * @return the block; one with a fault, if the value is none of ours
     */
    public static AudioBlock fromBytes(String stream, byte[] value) {
        ByteBuffer in = ByteBuffer.wrap(value);
        try {
            if (in.getShort() != MAGIC || in.get() != VERSION) {
                return AudioBlock.faulty(
                        stream,
                        0,
                        "the record is no block of sound of version " + VERSION
                                + "; see KafkaTranscripts for its layout");
            }
            int encoding = in.get();
            if (encoding != 0 && encoding != 1) {
                return AudioBlock.faulty(
                        stream, 0, "encoding=" + encoding + " is not known; send 0 (PCM16) or 1 (FLOAT32)");
            }
            boolean last = in.get() != 0;
            int rateHz = in.getInt();
            long started = in.getLong();
            long position = in.getLong();
            byte[] samples = new byte[in.remaining()];
            in.get(samples);
            AudioBlock.Encoding kind = encoding == 0 ? AudioBlock.Encoding.PCM16 : AudioBlock.Encoding.FLOAT32;
            return new AudioBlock(stream, started, position, rateHz, kind, samples, last);
        } catch (BufferUnderflowException e) {
            return AudioBlock.faulty(
                    stream,
                    0,
                    "a record of " + value.length + " bytes is shorter than the header; send " + HEADER + " or more");
        }
    }

    private static final class Sound implements KafkaRecordDeserializationSchema<AudioBlock> {
        private static final long serialVersionUID = 1L;

        @Override
        public void deserialize(ConsumerRecord<byte[], byte[]> in, Collector<AudioBlock> out) {
            String stream = in.key() == null
                    ? in.topic() + "-" + in.partition() + "@" + in.offset()
                    : new String(in.key(), StandardCharsets.UTF_8);
            byte[] value = in.value();
            out.collect(
                    value == null
                            ? AudioBlock.faulty(stream, 0, "a record without a value; send a block of sound")
                            : fromBytes(stream, value));
        }

        @Override
        public TypeInformation<AudioBlock> getProducedType() {
            return TypeInformation.of(AudioBlock.class);
        }
    }

    private record Text(String topic) implements KafkaRecordSerializationSchema<TranscriptRow> {
        @Override
        public @Nullable ProducerRecord<byte[], byte[]> serialize(
                TranscriptRow row, KafkaSinkContext context, Long timestamp) {
            if (!row.isFinal()) {
                return null;
            }
            try {
                ByteArrayOutputStream line = new ByteArrayOutputStream();
                new TranscriptEncoder().encode(row, line);
                byte[] key = row.stream().getBytes(StandardCharsets.UTF_8);
                return new ProducerRecord<>(topic, key, line.toByteArray());
            } catch (IOException e) {
                throw new IllegalStateException("writing to memory failed; this is a bug", e);
            }
        }
    }
}
