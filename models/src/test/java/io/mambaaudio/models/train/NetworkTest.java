package io.mambaaudio.models.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mambaaudio.models.Backend;
import io.mambaaudio.models.Mamba;
import io.mambaaudio.models.Parallel;
import io.mambaaudio.models.Session;
import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.ObjIntConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a network learns is what a session computes. */
final class NetworkTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "ATTENTION")
    void aSessionOfTheWrittenCheckpointPredictsTheSame(NetworkConfig.Kind kind) throws IOException {
        for (boolean tied : new boolean[] {true, false}) {
            Network network = learned(new NetworkConfig(kind, 9, 32, 2, 8, 16, tied), 20);
            Batch batch = counting(1, 50, 9, new Random(4));
            double expected = network.judge(batch).nats();
            assertEquals(expected, nats(network, batch, false), 1e-5);
            assertEquals(expected, nats(network, batch, true), 0.05);
        }
    }

    @Test
    void aTransformersStreamPredictsTheSame() {
        Network network = learned(new NetworkConfig(NetworkConfig.Kind.ATTENTION, 9, 32, 2, 1, 16, true), 20);
        Batch batch = counting(1, 600, 9, new Random(4)); // the cache grows twice
        TransformerStream stream = network.stream();
        assertEquals(network.judge(batch).nats(), nats(batch, 9, (logits, token) -> stream.step(token, logits)), 1e-5);
        assertEquals(600L * 2 * 2 * 32 * 4, stream.stateBytes());
    }

    @Test
    void onlyATransformerHasACache() {
        Network network = Network.create(NetworkConfig.s4d(5, 16, 1), 1, Keep.INPUT, Parallel.SERIAL);
        Exception e = assertThrows(IllegalStateException.class, network::stream);
        assertEquals("this network is S4D, expected ATTENTION", e.getMessage());
    }

    private double nats(Network network, Batch batch, boolean bfloat16) throws IOException {
        Path file = folder.resolve("model.safetensors");
        network.write(file, bfloat16);
        Mamba model = Mamba.open(file);
        try (Session session = model.open(Backend.VECTOR)) {
            return nats(batch, model.config().vocabSize(), (logits, token) -> session.step(token, logits));
        }
    }

    private static double nats(Batch batch, int vocab, ObjIntConsumer<float[]> step) {
        float[] logits = new float[vocab];
        double sum = 0;
        for (int t = 0; t < batch.length(); t++) {
            step.accept(logits, batch.tokens()[t]);
            double all = 0;
            for (float logit : logits) {
                all += Math.exp(logit);
            }
            sum += Math.log(all) - logits[batch.targets()[t]];
        }
        return sum / batch.length();
    }

    /** The next token is one more than this one, or after a 0 two more than the one before it: needs one step of memory. */
    private static Batch counting(int size, int length, int vocab, Random random) {
        int[] tokens = new int[size * length];
        int[] targets = new int[size * length];
        for (int b = 0; b < size; b++) {
            int token = 1 + random.nextInt(vocab - 1);
            int before = token;
            for (int t = 0; t < length; t++) {
                tokens[b * length + t] = token;
                int next = token == 0 ? (before + 2) % vocab : random.nextInt(4) == 0 ? 0 : (token + 1) % vocab;
                before = token;
                token = next;
                targets[b * length + t] = next;
            }
        }
        return new Batch(size, length, tokens, targets);
    }

    private static Network learned(NetworkConfig config, int steps) {
        Network network = Network.create(config, 1, Keep.PROJECTIONS, Parallel.SERIAL);
        AdamW optimiser = new AdamW(network.parameters(), AdamW.Settings.SYNTHETIC);
        Schedule schedule = new Schedule(1e-2, 10, steps, 0.1);
        Random random = new Random(2);
        for (int i = 0; i < steps; i++) {
            network.clearGradients();
            network.learn(counting(4, 40, config.vocabSize(), random));
            optimiser.step(schedule.rate(i));
        }
        return network;
    }

    /** What is left is the chance in the task: a quarter of the steps after a token that is not 0 are zeros. */
    @ParameterizedTest
    @EnumSource
    void learnsWhatNeedsMemory(NetworkConfig.Kind kind) {
        Network network = learned(new NetworkConfig(kind, 9, 32, 2, 8, 16, true), 150);
        double nats = network.judge(counting(8, 100, 9, new Random(9))).nats();
        System.out.printf("%s: %.3f nats; 2.2 without learning%n", kind, nats);
        assertTrue(nats < 0.8, () -> kind + ": " + nats);
    }

    @Test
    void recomputationTakesAnEighthOfTheMemory() {
        NetworkConfig config = NetworkConfig.mamba1(8, 256, 1);
        Batch batch = counting(1, 2048, 8, new Random(1));
        Map<Keep, Long> bytes = new EnumMap<>(Keep.class);
        for (Keep keep : Keep.values()) {
            Network network = Network.create(config, 1, keep, Parallel.SERIAL);
            network.judge(batch);
            bytes.put(keep, network.activationBytes());
        }
        System.out.println("activations of one Mamba-1 layer, d_model 256, 2,048 steps: " + bytes);
        assertTrue(bytes.get(Keep.INPUT) * 8 <= bytes.get(Keep.EVERYTHING), bytes.toString());
    }

    @Test
    void aTokenOutsideTheVocabularyIsNamed() {
        Network network = Network.create(NetworkConfig.mamba1(5, 16, 1), 1, Keep.INPUT, Parallel.SERIAL);
        Exception e = assertThrows(
                IllegalArgumentException.class,
                () -> network.learn(new Batch(1, 2, new int[] {1, 5}, new int[] {1, 1})));
        assertEquals("token=5 is out of range; choose one from 0 to 4", e.getMessage());
    }

    @Test
    void aGradientThatIsNotFiniteStopsBeforeAnythingChanges() {
        Parameter p = Parameter.of("w", true, new float[] {1, 2}, 2);
        p.gradient()[1] = Float.NaN;
        AdamW optimiser = new AdamW(List.of(p), AdamW.Settings.LANGUAGE);
        Exception e = assertThrows(ArithmeticException.class, () -> optimiser.step(1));
        assertEquals("the gradient's norm is NaN at step 0; lower the learning rate", e.getMessage());
        assertEquals(1, p.value()[0]);
    }

    /** torch.optim.AdamW(lr=0.1, betas=(0.9, 0.95), eps=1e-8, weight_decay=0.1) on w = (1, -2) with gradients (0.3, -0.1), then (-0.2, 0.4). */
    @Test
    void adamMovesAsPyTorchDoes() {
        Parameter p = Parameter.of("w", true, new float[] {1, -2}, 2);
        AdamW optimiser = new AdamW(List.of(p), AdamW.Settings.LANGUAGE);
        p.gradient()[0] = 0.3f;
        p.gradient()[1] = -0.1f;
        assertEquals(Math.sqrt(0.1), optimiser.step(0.1), 1e-6);
        p.gradient()[0] = -0.2f;
        p.gradient()[1] = 0.4f;
        optimiser.step(0.1);
        assertEquals(PYTORCH[0], p.value()[0], 1e-6);
        assertEquals(PYTORCH[1], p.value()[1], 1e-6);
    }

    private static final double[] PYTORCH = {0.8665775541421193, -1.9165401854611392};

    @Test
    void clippingBoundsTheNormOfAllGradients() {
        Parameter a = Parameter.of("a", true, new float[] {0}, 1);
        Parameter b = Parameter.of("b", true, new float[] {0}, 1);
        a.gradient()[0] = 30;
        b.gradient()[0] = 40;
        AdamW.Settings plain = new AdamW.Settings(0, 0, 1, 0, 5); // without memory and with eps 1: g / (|g| + 1)
        new AdamW(List.of(a, b), plain).step(1);
        assertEquals(-3.0 / 4, a.value()[0], 1e-6);
        assertEquals(-4.0 / 5, b.value()[0], 1e-6);
    }

    @Test
    void theAverageIsThePlainMeanUntilItsHorizon() {
        Parameter p = Parameter.of("w", true, new float[] {1}, 1);
        WeightAverage average = new WeightAverage(List.of(p), 10);
        for (float value : new float[] {2, 6}) {
            p.value()[0] = value;
            average.update();
        }
        average.swap();
        assertEquals(3, p.value()[0], 1e-6);
        average.swap();
        assertEquals(6, p.value()[0], 1e-6);
    }

    @Test
    void theRateRisesInALineAndFallsAlongACosine() {
        Schedule schedule = new Schedule(1, 10, 110, 0.1);
        assertEquals(0.1, schedule.rate(0), 1e-12);
        assertEquals(1, schedule.rate(9), 1e-12);
        assertEquals(1, schedule.rate(10), 1e-12);
        assertEquals(0.55, schedule.rate(60), 1e-12);
        assertEquals(0.1, schedule.rate(110), 1e-12);
        assertThrows(IllegalArgumentException.class, () -> new Schedule(Double.NaN, 0, 1, 0));
    }
}
