package io.mambaaudio.models.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mambaaudio.models.Backend;
import io.mambaaudio.models.Checkpoint;
import io.mambaaudio.models.Mamba;
import io.mambaaudio.models.ModelException;
import io.mambaaudio.models.Parallel;
import io.mambaaudio.models.Session;
import io.mambaaudio.models.Weights;
import io.mambaaudio.models.cpu.Gemm;
import io.mambaaudio.models.train.FrameNetwork.Trained;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** On the small speech model of the golden files: two layers, 8-bit matrices, windows of 4 frames every 3. */
final class FrameNetworkTest {
    private static final int MELS = 6;
    private static final int VOCAB = 9;

    private static final Parallel POOL =
            (parts, body) -> IntStream.range(0, parts).parallel().forEach(body);

    private final Checkpoint checkpoint = Checkpoint.open(golden("speech-int8/model.safetensors"));
    private final Mamba model = Mamba.load(checkpoint, Weights.F32);

    @AfterEach
    void close() {
        checkpoint.close();
    }

    private static Path golden(String name) {
        try {
            return Path.of(Objects.requireNonNull(FrameNetworkTest.class.getResource("/golden/" + name))
                    .toURI());
        } catch (URISyntaxException e) {
            throw new AssertionError(e);
        }
    }

    private FrameNetwork network(int layers, int rank, Parallel parallel) {
        return FrameNetwork.load(
                checkpoint, model.config(), new Trained(layers, rank), 1, new Compute(new Gemm(), parallel, 7));
    }

    private static float[] frames(int count, int seed) {
        Random random = new Random(seed);
        float[] frames = new float[count * MELS];
        for (int i = 0; i < frames.length; i++) {
            frames[i] = (float) random.nextGaussian();
        }
        return frames;
    }

    private static Transcript transcript(FrameNetwork network, int frames, int seed, int... text) {
        return new Transcript(network.frozen(frames(frames, seed), frames), network.steps(frames), text);
    }

    private static List<Transcript> batch(FrameNetwork network) {
        return List.of(
                transcript(network, 31, 1, 1, 3, 2),
                transcript(network, 70, 2, 4, 4, 5),
                transcript(network, 64, 3, 8));
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "1, 0", "2, 0", "1, 3", "2, 3"})
    void theNetworkComputesWhatASessionComputes(int layers, int rank) {
        FrameNetwork network = network(layers, rank, Parallel.SERIAL);
        float[] found = network.logits(transcript(network, 100, 4, 1));
        assertArrayEquals(logits(model, 100), found, 2e-5f);
    }

    private static float[] logits(Mamba model, int count) {
        float[] logits = new float[(count - 4) / 3 * VOCAB + VOCAB];
        try (Session session = model.open(Backend.SCALAR)) {
            assertEquals(logits.length / VOCAB, session.prefill(frames(count, 4), count, logits));
        }
        return logits;
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "1, 0", "2, 0", "1, 3", "2, 3"})
    void gradientsMatchFiniteDifferences(int layers, int rank) {
        FrameNetwork network = network(layers, rank, Parallel.SERIAL);
        List<Transcript> batch = batch(network);
        Random random = new Random(1);
        network.parameters().forEach(p -> {
            for (int i = 0; i < p.size(); i++) {
                p.value()[i] += 0.05f * (float) random.nextGaussian();
            }
        });
        network.clearGradients();
        assertEquals(network.judge(batch), network.learn(batch), 1e-6);
        for (Parameter p : network.parameters()) {
            int i = largest(p.gradient());
            float value = p.value()[i];
            float h = p.name().endsWith("lora_B") ? 0.002f : 0.01f; // its gradients are larger
            p.value()[i] = value + h;
            double up = network.judge(batch);
            p.value()[i] = value - h;
            double down = network.judge(batch);
            p.value()[i] = value;
            double slope = (up - down) / (2 * (double) h);
            assertEquals(slope, p.gradient()[i], 5e-5 + 0.02 * Math.abs(slope), p.name());
        }
    }

    private static int largest(float[] values) {
        return IntStream.range(0, values.length)
                .boxed()
                .max((a, b) -> Float.compare(Math.abs(values[a]), Math.abs(values[b])))
                .orElseThrow();
    }

    /** Padding: a short recording beside a long one. */
    @Test
    void theLossDoesNotDependOnTheCompany() {
        FrameNetwork network = network(2, 0, Parallel.SERIAL);
        List<Transcript> batch = batch(network);
        double sum = 0;
        int pieces = 0;
        for (Transcript one : batch) {
            sum += network.judge(List.of(one)) * one.text().length;
            pieces += one.text().length;
        }
        assertEquals(sum / pieces, network.judge(batch), 1e-6);
    }

    @ParameterizedTest
    @CsvSource({"2, 0", "1, 2"})
    void theBitsDoNotDependOnTheThreads(int layers, int rank) {
        assertArrayEquals(
                values(trained(network(layers, rank, Parallel.SERIAL))), values(trained(network(layers, rank, POOL))));
    }

    private static FrameNetwork trained(FrameNetwork network) {
        List<Transcript> batch = batch(network);
        AdamW optimiser = new AdamW(network.parameters(), AdamW.Settings.SYNTHETIC);
        double before = network.judge(batch);
        for (int i = 0; i < 10; i++) {
            network.clearGradients();
            network.learn(batch);
            optimiser.step(1e-2);
        }
        assertTrue(network.judge(batch) < 0.9 * before);
        return network;
    }

    private static float[] values(FrameNetwork network) {
        List<float[]> all = network.changed().stream().map(Parameter::value).toList();
        float[] out = new float[all.stream().mapToInt(a -> a.length).sum()];
        int at = 0;
        for (float[] one : all) {
            System.arraycopy(one, 0, out, at, one.length);
            at += one.length;
        }
        return out;
    }

    @ParameterizedTest
    @CsvSource({"2, 0, F32, 2e-5", "1, 2, F32, 2e-5", "2, 0, BF16, 5e-2", "1, 0, AS_STORED, 5e-1"})
    void whatWasLearntIsWrittenAndReadBack(
            int layers, int rank, Weights matrices, float tolerance, @TempDir Path folder) throws IOException {
        FrameNetwork network = trained(network(layers, rank, Parallel.SERIAL));
        float[] learnt = network.logits(transcript(network, 100, 4, 1));
        Path file = folder.resolve("model.safetensors");
        new ChangedCheckpoint(checkpoint, network.changed()).write(file, matrices);
        Mamba adapted = Mamba.open(file);
        assertArrayEquals(learnt, logits(adapted, 100), tolerance);
        assertEquals(model.vocabulary(), adapted.vocabulary());
        assertNotEquals(model.fingerprint(), adapted.fingerprint());
    }

    @Test
    void whatDidNotLearnKeepsItsBits(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("model.safetensors");
        new ChangedCheckpoint(
                        checkpoint, trained(network(1, 0, Parallel.SERIAL)).changed())
                .write(file, Weights.AS_STORED);
        try (Checkpoint written = Checkpoint.open(file)) {
            assertEquals(checkpoint.names(), written.names());
            for (String name : List.of("frontend.proj.weight", "backbone.layers.0.mixer.in_proj.weight")) {
                assertArrayEquals(checkpoint.ints(name), written.ints(name));
                assertArrayEquals(checkpoint.floats(name + "_scale"), written.floats(name + "_scale"));
            }
            String last = "backbone.layers.1.mixer.in_proj.weight";
            assertTrue(!Arrays.equals(checkpoint.ints(last), written.ints(last)));
        }
    }

    @Test
    void onlyASpeechModelCanBeTrainedFurther() {
        try (Checkpoint tokens = Checkpoint.openFolder(golden("mamba1-a"))) {
            Mamba other = Mamba.load(tokens, Weights.F32);
            String message = assertThrows(
                            ModelException.class,
                            () -> FrameNetwork.load(tokens, other.config(), new Trained(1, 0), 1, Parallel.SERIAL))
                    .getMessage();
            assertTrue(message.contains("MAMBA1"), message);
        }
        assertThrows(
                ModelException.class,
                () -> FrameNetwork.load(checkpoint, model.config(), new Trained(3, 0), 1, Parallel.SERIAL));
    }
}
