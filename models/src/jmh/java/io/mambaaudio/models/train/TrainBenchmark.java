package io.mambaaudio.models.train;

import io.mambaaudio.models.Parallel;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * A training step (gradients, clipping, AdamW) on all cores: 4 layers, d_model 256, batch 8, 512 tokens; or one layer of one sequence of 8,192
 * tokens, whose memory the set-up prints. {@code models/src/jmh/compare-train.sh} runs it beside PyTorch.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 2, time = 5)
@Measurement(iterations = 5, time = 4)
@Fork(
        value = 1,
        jvmArgsAppend = {"--add-modules=jdk.incubator.vector", "-Xmx4g"})
public class TrainBenchmark {
    private static final int VOCAB = 256;

    @Param({"MAMBA1", "MAMBA2"})
    public NetworkConfig.Kind kind;

    @Param({"EVERYTHING", "PROJECTIONS", "INPUT"})
    public Keep keep;

    /** layers, batch, length */
    @Param({"4x8x512", "1x1x8192"})
    public String shape;

    @Param({"0"})
    public int threads;

    private Network network;
    private AdamW optimiser;
    private Batch batch;

    @Setup
    public void build() {
        int[] sizes = java.util.Arrays.stream(shape.split("x")).mapToInt(Integer::parseInt).toArray();
        NetworkConfig config = kind == NetworkConfig.Kind.MAMBA1
                ? NetworkConfig.mamba1(VOCAB, 256, sizes[0])
                : NetworkConfig.mamba2(VOCAB, 256, sizes[0], 64, 64);
        Parallel parallel = threads == 1
                ? Parallel.SERIAL
                : (parts, body) -> IntStream.range(0, parts).parallel().forEach(body);
        network = Network.create(config, 1, keep, parallel);
        optimiser = new AdamW(network.parameters(), AdamW.Settings.LANGUAGE);
        int size = sizes[1] * sizes[2];
        Random random = new Random(1);
        batch = new Batch(sizes[1], sizes[2], random.ints(size, 0, VOCAB).toArray(), random.ints(size, 0, VOCAB).toArray());
        step();
        System.out.printf("activations: %.1f MB%n", network.activationBytes() / 1e6);
    }

    @Benchmark
    public double step() {
        network.clearGradients();
        double nats = network.learn(batch);
        optimiser.step(1e-4);
        return nats;
    }
}
