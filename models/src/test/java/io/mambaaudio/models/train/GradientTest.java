package io.mambaaudio.models.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mambaaudio.models.Checkpoint;
import io.mambaaudio.models.Parallel;
import io.mambaaudio.models.cpu.Gemm;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Against gradients that PyTorch computed in float64: src/test/python/make_gradients.py. */
final class GradientTest {
    /** Largest difference in units of the tensor's largest gradient. */
    private static final double TOLERANCE = 1e-4;

    private static final Parallel POOL =
            (parts, body) -> IntStream.range(0, parts).parallel().forEach(body);

    @ParameterizedTest
    @ValueSource(strings = {"mamba1-tied-n5", "mamba1-untied-n16", "mamba2-tied-n6", "mamba2-untied-n16"})
    void gradientsMatchPyTorch(String name) {
        for (Keep keep : Keep.values()) {
            for (int steps : new int[] {1, 2, 7, 128}) {
                double worst = worst(name, keep, steps);
                System.out.printf("gradients %s, keep %s, chunks of %d: %.1e%n", name, keep, steps, worst);
                assertTrue(worst <= TOLERANCE, () -> name + " " + keep + " " + steps + ": " + worst);
            }
        }
    }

    private static double worst(String name, Keep keep, int steps) {
        try (Checkpoint golden = Checkpoint.open(golden(name))) {
            Network network = network(golden, keep, new Compute(new Gemm(), Parallel.SERIAL, steps));
            double loss = network.learn(batch(golden));
            assertEquals(golden.floats("loss")[0], loss, 1e-5);
            double worst = 0;
            for (Parameter p : network.parameters()) {
                worst = Math.max(worst, difference(p.gradient(), golden.floats("gradient." + p.name())));
            }
            return worst;
        }
    }

    private static Network network(Checkpoint golden, Keep keep, Compute compute) {
        List<Long> embeddings = golden.shape("backbone.embeddings.weight");
        boolean mamba1 = golden.names().contains("backbone.layers.0.mixer.x_proj.weight");
        List<Long> aLog = golden.shape("backbone.layers.0.mixer.A_log");
        int dModel = embeddings.get(1).intValue();
        int n = mamba1
                ? aLog.get(1).intValue()
                : (golden.shape("backbone.layers.0.mixer.conv1d.weight").get(0).intValue() - 2 * dModel) / 2;
        NetworkConfig config = new NetworkConfig(
                mamba1 ? NetworkConfig.Kind.MAMBA1 : NetworkConfig.Kind.MAMBA2,
                embeddings.get(0).intValue(),
                dModel,
                2,
                n,
                mamba1 ? 1 : 2 * dModel / aLog.get(0).intValue(),
                !golden.names().contains("lm_head.weight"));
        Network network = new Network(config, 1, keep, compute);
        for (Parameter p : network.parameters()) {
            float[] values = golden.floats(p.name());
            assertEquals(p.value().length, values.length, p.name());
            System.arraycopy(values, 0, p.value(), 0, values.length);
        }
        return network;
    }

    private static Batch batch(Checkpoint golden) {
        List<Long> shape = golden.shape("tokens");
        return new Batch(
                shape.get(0).intValue(), shape.get(1).intValue(), golden.ints("tokens"), golden.ints("targets"));
    }

    /** NaN if there is one. */
    private static double difference(float[] found, float[] expected) {
        double largest = 0;
        double worst = 0;
        for (int i = 0; i < found.length; i++) {
            largest = Math.max(largest, Math.abs(expected[i]));
            worst = Math.max(worst, Math.abs((double) found[i] - expected[i])); // max is NaN if one of the two is
        }
        return worst / largest;
    }

    private static Path golden(String name) {
        try {
            return Path.of(Objects.requireNonNull(GradientTest.class.getResource("/gradients/" + name + ".safetensors"))
                    .toURI());
        } catch (URISyntaxException e) {
            throw new AssertionError(e);
        }
    }

    @ParameterizedTest
    @EnumSource
    void theBitsDoNotDependOnTheThreads(NetworkConfig.Kind kind) {
        float[] one = trained(kind, Parallel.SERIAL);
        assertArrayEquals(one, trained(kind, POOL));
        Parallel backwards = (parts, body) -> {
            for (int part = parts - 1; part >= 0; part--) {
                body.accept(part);
            }
        };
        assertArrayEquals(one, trained(kind, backwards));
    }

    /** All weights after three steps. */
    private static float[] trained(NetworkConfig.Kind kind, Parallel parallel) {
        NetworkConfig config = new NetworkConfig(kind, 13, 48, 2, 8, 24, true);
        Network network = Network.create(config, 5, Keep.PROJECTIONS, parallel);
        AdamW optimiser = new AdamW(network.parameters(), AdamW.Settings.LANGUAGE);
        Random random = new Random(7);
        for (int i = 0; i < 3; i++) {
            int[] tokens = random.ints(3 * 200, 0, 13).toArray();
            int[] targets = random.ints(3 * 200, -1, 13).toArray();
            network.clearGradients();
            network.learn(new Batch(3, 200, tokens, targets));
            optimiser.step(1e-2);
        }
        return join(network);
    }

    private static float[] join(Network network) {
        int size = network.parameters().stream().mapToInt(Parameter::size).sum();
        float[] all = new float[size];
        int at = 0;
        for (Parameter p : network.parameters()) {
            System.arraycopy(p.value(), 0, all, at, p.size());
            at += p.size();
        }
        return all;
    }

    /** One weight of each parameter, moved up and down: the loss in float32 allows about three digits. */
    @Test
    void gradientsMatchFiniteDifferences() {
        NetworkConfig config = new NetworkConfig(NetworkConfig.Kind.MAMBA1, 7, 12, 2, 5, 12, true);
        Network network = Network.create(config, 3, Keep.PROJECTIONS, Parallel.SERIAL);
        Random random = new Random(1);
        network.parameters().forEach(p -> {
            for (int i = 0; i < p.size(); i++) {
                p.value()[i] += 0.1f * (float) random.nextGaussian();
            }
        });
        int[] tokens = random.ints(60, 0, 7).toArray();
        Batch batch = new Batch(2, 30, tokens, random.ints(60, 0, 7).toArray());
        network.learn(batch);
        for (Parameter p : network.parameters()) {
            int i = largest(p.gradient());
            float h = 0.02f;
            float value = p.value()[i];
            p.value()[i] = value + h;
            double up = network.judge(batch).nats();
            p.value()[i] = value - h;
            double down = network.judge(batch).nats();
            p.value()[i] = value;
            double slope = (up - down) / (2 * (double) h);
            assertEquals(slope, p.gradient()[i], 2e-5 + 0.02 * Math.abs(slope), p.name());
        }
    }

    private static int largest(float[] values) {
        return IntStream.range(0, values.length)
                .boxed()
                .max((a, b) -> Float.compare(Math.abs(values[a]), Math.abs(values[b])))
                .orElseThrow();
    }
}
