package io.mambaaudio.server;

import io.mambaaudio.engine.StepScheduler;
import io.mambaaudio.engine.StreamFormat;
import io.mambaaudio.models.Backend;
import io.mambaaudio.models.Mamba;
import io.mambaaudio.speech.NGram;
import io.mambaaudio.speech.Transcriber;
import io.mambaaudio.speech.TranscriptEvent;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * The server's scheduler without a network: streams that speak recordings over and over, paced as real time, through the lanes and batches
 * that serve clients, on any backend. Says how late their blocks were heard, and whether each text is that of a stream by itself.
 *
 * <p>{@code BatchLoad MODEL WORDS|none BACKEND LANES SECONDS FOLDER_OF_16_KHZ_WAVS STREAMS...}
 */
final class BatchLoad {
    private static final int RATE = 16_000;
    private static final int BLOCK = 1_600;
    private static final StreamFormat FORMAT = new StreamFormat(RATE, 1);
    private static final Duration PATIENCE = Duration.ofMillis(200);

    private final Supplier<Transcriber.Builder> recogniser;
    private final Lanes lanes;
    private final int seconds;
    private final List<float[]> recordings;
    private final List<String> texts = new ArrayList<>();
    private final LongAdder heardNanos = new LongAdder();
    private final LongAdder batches = new LongAdder();
    private final LongAdder batched = new LongAdder();

    private BatchLoad(
            Supplier<Transcriber.Builder> recogniser, int lanes, int capacity, int seconds, List<float[]> recordings) {
        this.recogniser = recogniser;
        this.seconds = seconds;
        this.recordings = recordings;
        this.lanes = new Lanes(recogniser.get(), lanes, capacity, size -> {
            batches.increment();
            batched.add(size);
        });
    }

    /** See the class. */
    public static void main(String[] args) throws Exception {
        Mamba model = Mamba.open(Path.of(args[0]));
        Optional<NGram> words = args[1].equals("none") ? Optional.empty() : Optional.of(NGram.read(Path.of(args[1])));
        Backend backend = Backend.valueOf(args[2].toUpperCase(Locale.ROOT));
        int[] counts = Stream.of(args).skip(6).mapToInt(Integer::parseInt).toArray();
        int most = Arrays.stream(counts).max().orElseThrow();
        BatchLoad load = new BatchLoad(
                () -> {
                    Transcriber.Builder builder = Transcriber.builder(model).backend(backend);
                    words.ifPresent(builder::languageModel);
                    return builder;
                },
                Integer.parseInt(args[3]),
                most + Integer.parseInt(args[3]),
                Integer.parseInt(args[4]),
                recordings(Path.of(args[5])));
        load.prepare();
        for (int count : counts) {
            load.run(count);
        }
        System.exit(0);
    }

    private static List<float[]> recordings(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(f -> f.toString().endsWith(".wav"))
                    .sorted()
                    .limit(16)
                    .map(BatchLoad::read)
                    .toList();
        }
    }

    /** Of a plain file: 44 bytes of header, 16-bit samples. The engine's reader wants a runtime with java.desktop. */
    private static float[] read(Path file) {
        try {
            ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
            if (bytes.getInt(24) != RATE || bytes.getShort(22) != 1 || bytes.getInt(36) != 0x61746164) {
                throw new IllegalArgumentException(file + " is not a plain WAV file of 16 kHz mono");
            }
            float[] samples = new float[(bytes.limit() - 44) / 2];
            for (int i = 0; i < samples.length; i++) {
                samples[i] = bytes.getShort(44 + 2 * i) / 32768f;
            }
            return samples;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private LiveStream open(Lane lane) {
        return new LiveStream(
                listener ->
                        recogniser.get().batch(lane.batch()).listener(listener).build(),
                FORMAT,
                lane,
                PATIENCE,
                heardNanos,
                true);
    }

    /** How fast this machine is, and what each recording says by itself. */
    private void prepare() throws InterruptedException {
        System.out.println(lanes.describe());
        long before = System.nanoTime();
        Capacity.Measured found = Capacity.measure(lanes, this::open, LiveStream::close, Duration.ofMillis(25));
        System.out.printf(
                Locale.ROOT,
                "%d lanes hear %.0f times real time, %s (found in %.1f s)%n",
                lanes.count(),
                found.secondsPerSecond(),
                found.describe(),
                (System.nanoTime() - before) / 1e9);
        for (float[] recording : recordings) {
            LiveStream alone = open(lanes.lane(0));
            List<TranscriptEvent> events = new ArrayList<>();
            for (int block = 0; block < 10 * seconds; block++) {
                events.addAll(alone.push(block(recording, block), BLOCK));
            }
            events.addAll(alone.finish());
            texts.add(text(events));
            alone.close();
        }
        long words = texts.stream().mapToLong(t -> t.split(" ", -1).length).sum();
        System.out.println(recordings.size() + " recordings say " + words + " words in " + seconds + " s each");
    }

    private static float[][] block(float[] recording, int number) {
        float[][] block = new float[1][BLOCK];
        for (int i = 0; i < BLOCK; i++) {
            block[0][i] = recording[(int) (((long) number * BLOCK + i) % recording.length)];
        }
        return block;
    }

    private static String text(List<TranscriptEvent> events) {
        return String.join(
                " ",
                events.stream()
                        .filter(TranscriptEvent.Final.class::isInstance)
                        .map(e -> ((TranscriptEvent.Final) e).text())
                        .toList());
    }

    private void run(int count) throws InterruptedException {
        List<LiveStream> streams = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            streams.add(open(lanes.lane(i % lanes.count())));
        }
        long[][] late = new long[count][10 * seconds];
        AtomicInteger wrong = new AtomicInteger();
        batches.reset();
        batched.reset();
        StepScheduler.Stats before = lanes.stats();
        long processor = processorNanos();
        long start = System.nanoTime() + 200_000_000L;
        try (ExecutorService speakers = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < count; i++) {
                int stream = i;
                speakers.execute(() -> {
                    if (!speak(streams.get(stream), stream, start + 100_000_000L * stream / count, late[stream])) {
                        wrong.incrementAndGet();
                    }
                });
            }
        }
        report(count, late, wrong.get(), before, processorNanos() - processor);
        streams.forEach(LiveStream::close);
    }

    private static long processorNanos() {
        return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
                .getProcessCpuTime();
    }

    /** Whether the text was right. */
    private boolean speak(LiveStream stream, int number, long start, long[] late) {
        int which = number % recordings.size();
        List<TranscriptEvent> events = new ArrayList<>();
        try {
            for (int block = 0; block < late.length; block++) {
                float[][] sound = block(recordings.get(which), block);
                long spoken = start + 100_000_000L * (block + 1);
                Thread.sleep(Duration.ofNanos(Math.max(0, spoken - System.nanoTime())));
                events.addAll(stream.push(sound, BLOCK));
                late[block] = System.nanoTime() - spoken;
            }
            events.addAll(stream.finish());
            return text(events).equals(texts.get(which));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } catch (RuntimeException e) {
            System.out.println(e);
            return false;
        }
    }

    private void report(int count, long[][] late, int wrong, StepScheduler.Stats before, long processorNanos) {
        long[] sorted =
                Arrays.stream(late).flatMapToLong(Arrays::stream).sorted().toArray();
        long missed = Arrays.stream(sorted).filter(n -> n > PATIENCE.toNanos()).count();
        StepScheduler.Stats after = lanes.stats();
        System.out.printf(
                Locale.ROOT,
                "%d streams, %d s, %d lanes, %s: %d blocks, %d later than %d ms; p50 %.1f, p99 %.1f, p99.9 %.1f, worst %.1f ms; "
                        + "%d texts wrong; mean batch %.1f of at most %d; lanes %.0f %% busy; processor %.2f cores%n",
                count,
                seconds,
                lanes.count(),
                lanes.backend(),
                sorted.length,
                missed,
                PATIENCE.toMillis(),
                at(sorted, 0.5),
                at(sorted, 0.99),
                at(sorted, 0.999),
                at(sorted, 1),
                wrong,
                (double) batched.sum() / Math.max(1, batches.sum()),
                lanes.maxBatch(),
                100.0 * (after.busyNanos() - before.busyNanos()) / (1e9 * seconds * lanes.count()),
                processorNanos / (1e9 * seconds));
    }

    private static double at(long[] sorted, double fraction) {
        return sorted[(int) Math.ceil(fraction * sorted.length) - 1] / 1e6;
    }
}
