package io.mambaaudio.server;

import io.mambaaudio.engine.AudioInput;
import io.mambaaudio.engine.AudioInputs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

/**
 * Opens many streams to a server on this machine, paced as real time from recordings, and looks whether each text is the one that a
 * stream by itself gets, and how long the text took.
 *
 * <p>{@code LoadGenerator PORT FOLDER_OF_16_KHZ_WAVS STREAMS SECONDS [CHURN] [IDLE]}: for so many seconds each of the streams speaks one
 * recording after the other, each over a connection of its own; with CHURN in percent, so many of the connections vanish in the
 * middle; IDLE further connections are opened and say nothing. At most 1,000 streams, 20,000 idle connections and an hour. The exit code
 * is 1 if a text was wrong or a block was lost.
 *
 * <p>Latency: from the moment that the last sample of a block was spoken (a block is sent then) to its answer. What is said is heard
 * the model's look-ahead later at the earliest, which the delay from sound to text has to add.
 */
final class LoadGenerator {
    private static final int RATE = 16_000;
    private static final int BLOCK = 1_600;
    private static final int MOST_STREAMS = 1_000;
    private static final int MOST_IDLE = 20_000;
    private static final int MOST_SECONDS = 3_600;
    private static final int MOST_RECORDINGS = 200;

    private final int port;
    private final int churnPercent;
    private final long endNanos;
    private final List<Recording> recordings;
    private final List<Long> latencies = new ArrayList<>(); // guarded by itself
    private final AtomicInteger rightTexts = new AtomicInteger();
    private final AtomicInteger wrongTexts = new AtomicInteger();
    private final AtomicInteger vanished = new AtomicInteger();
    private final AtomicInteger refused = new AtomicInteger();
    private final AtomicLong blocks = new AtomicLong();
    private final AtomicLong lost = new AtomicLong();
    private final Map<String, Integer> failures = new LinkedHashMap<>(); // guarded by itself

    private static final class Recording {
        private final String name;
        private final short[] samples;
        private final String text;

        Recording(String name, short[] samples, String text) {
            this.name = name;
            this.samples = samples;
            this.text = text;
        }
    }

    private LoadGenerator(int port, List<Recording> recordings, int seconds, int churnPercent) {
        this.port = port;
        this.recordings = recordings;
        this.churnPercent = churnPercent;
        this.endNanos = System.nanoTime() + 1_000_000_000L * seconds;
    }

    /** See the class. */
    public static void main(String[] args) throws Exception {
        int port = Integer.parseInt(args[0]);
        int streams = Math.min(MOST_STREAMS, Integer.parseInt(args[2]));
        int seconds = Math.min(MOST_SECONDS, Integer.parseInt(args[3]));
        int churn = args.length > 4 ? Integer.parseInt(args[4]) : 0;
        int idle = args.length > 5 ? Math.min(MOST_IDLE, Integer.parseInt(args[5])) : 0;
        List<Recording> recordings = new ArrayList<>();
        for (Path file : wavs(Path.of(args[1]))) {
            short[] samples = read(file);
            recordings.add(new Recording(
                    file.getFileName().toString(), samples, TestKit.transcribe(port, samples, RATE, BLOCK)));
        }
        long words = recordings.stream()
                .mapToLong(r -> r.text.isEmpty() ? 0 : r.text.split(" ", -1).length)
                .sum();
        System.out.println(recordings.size() + " recordings with " + words + " words by a single stream");
        List<WsClient> idlers = new ArrayList<>();
        for (int i = 0; i < idle; i++) {
            idlers.add(new WsClient(port));
        }
        LoadGenerator load = new LoadGenerator(port, recordings, seconds, churn);
        load.run(streams);
        long alive = idlers.stream().filter(LoadGenerator::isThere).count();
        System.out.print(load.report(streams, seconds, idlers.size(), alive));
        for (WsClient idler : idlers) {
            idler.vanish();
        }
        System.exit(load.wrongTexts.get() == 0 && load.lost.get() == 0 && alive == idlers.size() ? 0 : 1);
    }

    private static boolean isThere(WsClient idler) {
        try {
            idler.text("{\"eof\" : 1}");
            return idler.receive().equals("{\"text\":\"\"}");
        } catch (IOException e) {
            return false;
        }
    }

    private static List<Path> wavs(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(f -> f.toString().endsWith(".wav"))
                    .sorted()
                    .limit(MOST_RECORDINGS)
                    .toList();
        }
    }

    private static short[] read(Path file) {
        try (AudioInput input = AudioInputs.file(file)) {
            if (input.format().sampleRateHz() != RATE || input.format().channels() != 1) {
                throw new IllegalArgumentException(file + " is not 16 kHz mono");
            }
            float[][] block = new float[1][(int) input.totalFrames().orElseThrow() + 1];
            int length = 0;
            float[][] some = new float[1][4096];
            input.start();
            for (int n = input.read(some, 4096); n >= 0; n = input.read(some, 4096)) {
                System.arraycopy(some[0], 0, block[0], length, n);
                length += n;
            }
            short[] samples = new short[length];
            for (int i = 0; i < length; i++) {
                samples[i] = (short) Math.round(block[0][i] * 32768);
            }
            return samples;
        }
    }

    private void run(int streams) throws InterruptedException {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < streams; i++) {
                int first = i;
                threads.execute(() -> speak(first));
                Thread.sleep(Math.max(1, 4_000 / streams)); // blocks of many streams do not fall on one moment
            }
        }
    }

    private void speak(int first) {
        for (int round = 0;
                System.nanoTime() < endNanos && !Thread.currentThread().isInterrupted();
                round++) {
            Recording recording = recordings.get((first * 7 + round) % recordings.size());
            boolean vanish = Math.floorMod(first * 31 + round * 17, 100) < churnPercent;
            try {
                speak(recording, vanish);
            } catch (WsClient.Closed e) {
                if (e.code() == 1013) {
                    refused.incrementAndGet();
                } else {
                    lost.incrementAndGet();
                }
                fail(e.code() + " " + e.reason());
                pause();
            } catch (IOException | InterruptedException e) {
                lost.incrementAndGet();
                fail(e.toString());
                pause();
            }
        }
    }

    private static void pause() {
        try {
            Thread.sleep(1000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void fail(String reason) {
        synchronized (failures) {
            failures.merge(reason, 1, Integer::sum);
        }
    }

    private void speak(Recording recording, boolean vanish) throws IOException, InterruptedException {
        List<String> answers = new ArrayList<>();
        short[] samples = recording.samples;
        try (WsClient client = new WsClient(port)) {
            long start = System.nanoTime();
            for (int at = 0; at < samples.length; at += BLOCK) {
                int end = Math.min(samples.length, at + BLOCK);
                long spoken = start + 1_000_000_000L * end / RATE;
                Thread.sleep(java.time.Duration.ofNanos(Math.max(0, spoken - System.nanoTime())));
                client.binary(TestKit.pcm(samples, at, end));
                answers.add(client.receive());
                measured(System.nanoTime() - spoken);
                if (vanish && at > samples.length / 2) {
                    vanished.incrementAndGet();
                    client.vanish();
                    return;
                }
            }
            client.text("{\"eof\" : 1}");
            answers.add(client.receive());
        }
        boolean right = TestKit.text(answers).equals(recording.text);
        (right ? rightTexts : wrongTexts).incrementAndGet();
        if (!right) {
            fail("wrong text of " + recording.name + ": " + TestKit.text(answers));
        }
    }

    private void measured(long nanos) {
        blocks.incrementAndGet();
        synchronized (latencies) {
            latencies.add(nanos);
        }
    }

    private String report(int streams, int seconds, int idle, long alive) throws IOException, InterruptedException {
        long[] sorted = latencies.stream().mapToLong(Long::longValue).toArray();
        Arrays.sort(sorted);
        StringBuilder out = new StringBuilder(String.format(
                Locale.ROOT,
                "%d streams for %d s: %d blocks, %d lost; %d texts right, %d wrong; %d vanished, %d refused; %d of %d idle alive%n",
                streams,
                seconds,
                blocks.get(),
                lost.get(),
                rightTexts.get(),
                wrongTexts.get(),
                vanished.get(),
                refused.get(),
                alive,
                idle));
        out.append(String.format(
                Locale.ROOT,
                "block spoken -> answer: p50 %.1f ms, p90 %.1f ms, p99 %.1f ms, p99.9 %.1f ms, worst %.1f ms%n",
                at(sorted, 0.5),
                at(sorted, 0.9),
                at(sorted, 0.99),
                at(sorted, 0.999),
                at(sorted, 1)));
        failures.forEach((reason, count) ->
                out.append(count).append(" x ").append(reason).append('\n'));
        Http.get(port, "/metrics")
                .body()
                .lines()
                .filter(line -> !line.startsWith("#"))
                .forEach(line -> out.append("  ").append(line).append('\n'));
        return out.toString();
    }

    private static double at(long[] sorted, double fraction) {
        return sorted.length == 0 ? 0 : sorted[(int) Math.ceil(fraction * sorted.length) - 1] / 1e6;
    }
}
