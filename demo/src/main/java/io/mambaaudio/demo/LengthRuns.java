package io.mambaaudio.demo;

import io.mambaaudio.models.Backend;
import io.mambaaudio.models.Mamba;
import io.mambaaudio.models.Session;
import io.mambaaudio.models.train.Batch;
import io.mambaaudio.models.train.Keep;
import io.mambaaudio.models.train.Network;
import io.mambaaudio.models.train.NetworkConfig;
import io.mambaaudio.models.train.TransformerStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.IntConsumer;
import java.util.function.LongSupplier;

/** Time and memory over the length of the input, with untrained weights: what a weight is does not change what it costs. */
final class LengthRuns {
    private static final int VOCAB = 256;
    private static final int D_MODEL = 256;
    private static final int BLOCK = 256;
    private static final int WARM_UP = 40; // blocks
    /** Up to which attention is timed over whole sequences, and with its cache, and where every state is stored. */
    private static final int MOST_QUADRATIC = 8192;

    private static final int MOST_CACHED = 1 << 14;

    private final ReproduceCommand options;

    LengthRuns(ReproduceCommand options) {
        this.options = options;
    }

    /**
     * Microseconds a token of one layer's forward pass over a whole sequence: the scan whose states stay in the cache, the same with every state
     * written to memory as an unfused scan does, and what else there is to compare with.
     */
    Map<String, Map<Integer, Double>> scanSpeed(List<Integer> lengths) {
        List<Integer> few = lengths.stream().filter(n -> n <= MOST_QUADRATIC).toList();
        NetworkConfig mamba = NetworkConfig.mamba1(VOCAB, D_MODEL, 1);
        Map<String, Map<Integer, Double>> lines = new LinkedHashMap<>();
        lines.put("mamba, fused", forward(mamba, Keep.INPUT, lengths));
        lines.put("mamba, states stored", forward(mamba, Keep.EVERYTHING, few)); // 54 kB a token
        lines.put("mamba2, chunks", forward(NetworkConfig.mamba2(VOCAB, D_MODEL, 1, 64, 64), Keep.INPUT, lengths));
        lines.put("s4d", forward(NetworkConfig.s4d(VOCAB, D_MODEL, 1), Keep.INPUT, lengths));
        lines.put("attention", forward(NetworkConfig.attention(VOCAB, D_MODEL, 1, 64), Keep.INPUT, few));
        return lines;
    }

    private Map<Integer, Double> forward(NetworkConfig config, Keep keep, List<Integer> lengths) {
        Map<Integer, Double> micros = new LinkedHashMap<>();
        for (int length : lengths) {
            Network network = Network.create(config, options.seed(), keep, options.parallel());
            Batch batch = random(length);
            double best = Double.POSITIVE_INFINITY;
            int runs = Math.clamp(20_000 / length, 3, 20);
            for (int i = 0; i < runs; i++) {
                long start = System.nanoTime();
                network.judge(batch);
                best = Math.min(best, (System.nanoTime() - start) / 1e3 / length);
            }
            micros.put(length, best);
        }
        return micros;
    }

    /** One target, at the end: the head is not what is timed. */
    private Batch random(int length) {
        int[] targets = new int[length];
        Arrays.fill(targets, Batch.NONE);
        targets[length - 1] = 0;
        return new Batch(
                1,
                length,
                new SplittableRandom(options.seed()).ints(length, 0, VOCAB).toArray(),
                targets);
    }

    /** What a stream costs by how long it has run: microseconds a token, and bytes that it keeps. */
    record Stream(Map<Integer, Double> micros, Map<Integer, Double> bytes) {}

    /** A session, whose state has a fixed size. */
    Stream stream(NetworkConfig config, List<Integer> lengths) throws IOException {
        Path file = options.folder().resolve("linear-time.safetensors");
        Network.create(config, options.seed(), Keep.INPUT, options.parallel()).write(file, false);
        Mamba model = Mamba.open(file);
        float[] logits = new float[VOCAB];
        try (Session warm = model.open(Backend.AUTO);
                Session session = model.open(Backend.AUTO)) {
            for (int i = 0; i < WARM_UP; i++) {
                block(token -> warm.step(token, logits));
            }
            return stream(token -> session.step(token, logits), session::stateBytes, lengths);
        }
    }

    /** A Transformer with its cache. */
    Stream cached(NetworkConfig config, List<Integer> lengths) {
        Network network = Network.create(config, options.seed(), Keep.INPUT, options.parallel());
        float[] logits = new float[VOCAB];
        TransformerStream warm = network.stream();
        for (int i = 0; i < WARM_UP; i++) {
            block(token -> warm.step(token, logits));
        }
        TransformerStream stream = network.stream();
        List<Integer> few = lengths.stream().filter(n -> n <= MOST_CACHED).toList();
        return stream(token -> stream.step(token, logits), stream::stateBytes, few);
    }

    /** A Transformer without a cache: for every token the whole text again. It keeps the tokens alone. */
    Stream again(NetworkConfig config, List<Integer> lengths) {
        Map<Integer, Double> micros = new LinkedHashMap<>();
        Map<Integer, Double> bytes = new LinkedHashMap<>();
        forward(
                        config,
                        Keep.INPUT,
                        lengths.stream().filter(n -> n <= MOST_QUADRATIC).toList())
                .forEach((length, perToken) -> {
                    micros.put(length, perToken * length);
                    bytes.put(length, 4.0 * length);
                });
        return new Stream(micros, bytes);
    }

    /** Of each length the median of the blocks of 256 tokens before it counts, from three quarters of it on. */
    private static Stream stream(IntConsumer step, LongSupplier kept, List<Integer> lengths) {
        Map<Integer, Double> micros = new LinkedHashMap<>();
        Map<Integer, Double> bytes = new LinkedHashMap<>();
        int blocks = 0;
        for (int length : lengths) {
            int all = length / BLOCK - blocks;
            double[] times = new double[all];
            for (int i = 0; i < all; i++) {
                times[i] = block(step);
            }
            blocks += all;
            double[] last = Arrays.copyOfRange(times, all - Math.min(all, Math.ceilDiv(blocks, 4)), all);
            Arrays.sort(last);
            micros.put(length, last[last.length / 2]);
            bytes.put(length, (double) kept.getAsLong());
        }
        return new Stream(micros, bytes);
    }

    /** Microseconds a token. */
    private static double block(IntConsumer step) {
        long start = System.nanoTime();
        for (int i = 0; i < BLOCK; i++) {
            step.accept(i * 7 & 255);
        }
        return (System.nanoTime() - start) / 1e3 / BLOCK;
    }
}
