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
import java.util.Locale;
import java.util.Objects;
import java.util.Random;
import java.util.stream.IntStream;
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
    @ValueSource(
            strings = {
                "mamba1-tied-n5",
                "mamba1-untied-n16",
                "mamba2-tied-n6",
                "mamba2-untied-n16",
                "s4d-tied-n6",
                "s4d-untied-n16",
                "attention-tied-n1"
            })
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
            Network network = network(name, golden, keep, new Compute(new Gemm(), Parallel.SERIAL, steps));
            double loss = network.learn(batch(golden));
            assertEquals(golden.floats("loss")[0], loss, 1e-5);
            double worst = 0;
            for (Parameter p : network.parameters()) {
                worst = Math.max(worst, difference(p.gradient(), golden.floats("gradient." + p.name())));
            }
            return worst;
        }
    }

    /** The sizes are in the name and in the shapes. */
    private static Network network(String name, Checkpoint golden, Keep keep, Compute compute) {
        List<String> parts = List.of(name.split("-", -1));
        NetworkConfig.Kind kind = NetworkConfig.Kind.valueOf(parts.get(0).toUpperCase(Locale.ROOT));
        List<Long> embeddings = golden.shape("backbone.embeddings.weight");
        int dModel = embeddings.get(1).intValue();
        int headDim =
                switch (kind) {
                    case MAMBA1, S4D -> 1;
                    case MAMBA2 ->
                        2
                                * dModel
                                / golden.shape("backbone.layers.0.mixer.A_log")
                                        .get(0)
                                        .intValue();
                    case ATTENTION -> 10;
                };
        int n = Integer.parseInt(parts.get(2).substring(1));
        NetworkConfig config = new NetworkConfig(
                kind,
                embeddings.get(0).intValue(),
                dModel,
                2,
                n,
                headDim,
                parts.get(1).equals("tied"));
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
    @ParameterizedTest
    @EnumSource
    void gradientsMatchFiniteDifferences(NetworkConfig.Kind kind) {
        NetworkConfig config = new NetworkConfig(kind, 7, 12, 2, 6, 12, true);
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
            double slope =
                    (4 * slope(network, batch, p, i, 0.01f) - slope(network, batch, p, i, 0.02f)) / 3; // Richardson
            assertEquals(slope, p.gradient()[i], 2e-5 + 0.02 * Math.abs(slope), p.name());
        }
    }

    private static double slope(Network network, Batch batch, Parameter p, int i, float h) {
        float value = p.value()[i];
        p.value()[i] = value + h;
        double up = network.judge(batch).nats();
        p.value()[i] = value - h;
        double down = network.judge(batch).nats();
        p.value()[i] = value;
        return (up - down) / (2 * (double) h);
    }

    private static int largest(float[] values) {
        return IntStream.range(0, values.length)
                .boxed()
                .max((a, b) -> Float.compare(Math.abs(values[a]), Math.abs(values[b])))
                .orElseThrow();
    }
}
