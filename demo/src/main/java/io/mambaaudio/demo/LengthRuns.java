package io.mambaaudio.demo;

import io.mambaaudio.models.Backend;
import io.mambaaudio.models.Mamba;
import io.mambaaudio.models.Session;
import io.mambaaudio.models.train.Batch;
import io.mambaaudio.models.train.Keep;
import io.mambaaudio.models.train.Network;
import io.mambaaudio.models.train.NetworkConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** Time and memory over the length of the input, with untrained weights: what a weight is does not change what it costs. */
final class LengthRuns {
    private static final int VOCAB = 256;
    private static final int D_MODEL = 256;
    private static final int BLOCK = 256;

    private final ReproduceCommand options;

    LengthRuns(ReproduceCommand options) {
        this.options = options;
    }

    /**
     * Microseconds a token of one layer's forward pass over a whole sequence: the scan whose states stay in the cache, and the same with every
     * state written to memory, as an unfused scan does.
     */
    Map<String, Map<Integer, Double>> scanSpeed(List<Integer> lengths) {
        Map<String, Map<Integer, Double>> lines = new LinkedHashMap<>();
        lines.put("mamba, fused", forward(NetworkConfig.mamba1(VOCAB, D_MODEL, 1), Keep.INPUT, lengths));
        lines.put("mamba, states stored", forward(NetworkConfig.mamba1(VOCAB, D_MODEL, 1), Keep.EVERYTHING, lengths));
        lines.put("mamba2, chunks", forward(NetworkConfig.mamba2(VOCAB, D_MODEL, 1, 64, 64), Keep.INPUT, lengths));
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

    /** What a stream costs: microseconds a token and bytes of state, by how long it has run. */
    record Stream(Map<Integer, Double> micros, long stateBytes) {}

    /**
     * One stream, token by token. Of each length the median of the blocks of 256 tokens before it counts, since the length before; the first
     * blocks warm up on another session.
     */
    Stream stream(NetworkConfig config, List<Integer> lengths) throws IOException {
        Path file = options.folder().resolve("linear-time.safetensors");
        Network.create(config, options.seed(), Keep.INPUT, options.parallel()).write(file, false);
        Map<Integer, Double> micros = new LinkedHashMap<>();
        Mamba model = Mamba.open(file);
        float[] logits = new float[VOCAB];
        try (Session warm = model.open(Backend.AUTO);
                Session session = model.open(Backend.AUTO)) {
            for (int i = 0; i < 40; i++) {
                block(warm, logits);
            }
            int blocks = 0;
            for (int length : lengths) {
                double[] times = new double[Math.max(1, length / BLOCK - blocks)];
                for (int i = 0; i < times.length; i++) {
                    times[i] = block(session, logits);
                }
                blocks += times.length;
                Arrays.sort(times);
                micros.put(length, times[times.length / 2]);
            }
            return new Stream(micros, session.stateBytes());
        }
    }

    /** Microseconds a token. */
    private static double block(Session session, float[] logits) {
        long start = System.nanoTime();
        for (int i = 0; i < BLOCK; i++) {
            session.step(i * 7 & 255, logits);
        }
        return (System.nanoTime() - start) / 1e3 / BLOCK;
    }
}
