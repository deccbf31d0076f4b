package io.mambaaudio.models;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** A whole sequence at once against the same sequence step by step: the same bits on the CPU. */
final class PrefillTest {
    private static final long SEED = Long.getLong("mamba.seed", System.nanoTime());
    private static final RandomCheckpoint TINY = RandomCheckpoint.tiny(true, 7);

    @TempDir
    static Path folder;

    private static Mamba hearing;

    @BeforeAll
    static void load() {
        System.out.println("prefill: -Dmamba.seed=" + SEED);
        hearing = Mamba.open(TINY.write(folder.resolve("hearing.safetensors")));
    }

    @ParameterizedTest
    @CsvSource({
        "mamba1-a, SCALAR",
        "mamba1-a, VECTOR",
        "mamba1-bias-untied, VECTOR",
        "mamba1-expand3, VECTOR",
        "mamba2-a, SCALAR",
        "mamba2-a, VECTOR",
        "mamba2-groups-bias-tied, VECTOR",
        "mamba2-one-group, VECTOR",
        "mamba2-bfloat16-sharded, VECTOR",
        "s4d-lin, SCALAR",
        "s4d-lin, VECTOR",
        "s4d-inv, VECTOR"
    })
    void tokensInAnyChunksLeaveTheLogitsAndTheStateOfSteps(String name, Backend backend) {
        Random random = new Random(SEED);
        Mamba model = Mamba.open(Resources.path("golden/" + name));
        int vocab = model.config().vocabSize();
        int[] tokens = random.ints(2500, 0, vocab).toArray();
        float[] expected = new float[tokens.length * vocab];
        try (Session steps = model.open(backend);
                Session chunks = model.open(backend)) {
            float[] row = new float[vocab];
            for (int i = 0; i < tokens.length; i++) {
                steps.step(tokens[i], row);
                System.arraycopy(row, 0, expected, i * vocab, vocab);
            }
            for (int at = 0; at < tokens.length; ) {
                int n = Math.min(
                        tokens.length - at, random.nextBoolean() ? 1 + random.nextInt(5) : random.nextInt(300));
                float[] found = new float[n * vocab];
                chunks.prefill(Arrays.copyOfRange(tokens, at, at + n), n, found);
                assertArrayEquals(
                        Arrays.copyOfRange(expected, at * vocab, (at + n) * vocab), found, n + " tokens, seed " + SEED);
                at += n;
            }
            assertArrayEquals(steps.snapshot().toBytes(), chunks.snapshot().toBytes(), "seed " + SEED);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"SCALAR", "VECTOR"})
    void framesInAnyChunksLeaveTheLogitsAndTheStateOfSteps(Backend backend) {
        Random random = new Random(SEED);
        try (Session steps = hearing.open(backend);
                Session chunks = hearing.open(backend)) {
            float[] row = new float[TINY.vocab()];
            for (int round = 0; round < 200; round++) {
                int n = random.nextInt(round % 20 == 0 ? 300 : 7);
                float[] frames = frames(random, n);
                List<float[]> expected = new ArrayList<>();
                for (int i = 0; i < n; i++) {
                    float[] frame = Arrays.copyOfRange(frames, i * TINY.nMels(), (i + 1) * TINY.nMels());
                    if (steps.step(frame, row)) {
                        expected.add(row.clone());
                    }
                }
                int wanted = random.nextInt(expected.size() + 2);
                float[] found = new float[wanted * TINY.vocab()];
                assertEquals(expected.size(), chunks.prefill(frames, n, found), "seed " + SEED);
                int rows = Math.min(wanted, expected.size());
                for (int i = 0; i < rows; i++) {
                    assertArrayEquals(
                            expected.get(expected.size() - rows + i),
                            Arrays.copyOfRange(found, i * TINY.vocab(), (i + 1) * TINY.vocab()),
                            "seed " + SEED);
                }
                assertArrayEquals(steps.snapshot().toBytes(), chunks.snapshot().toBytes(), "seed " + SEED);
            }
        }
    }

    private static float[] frames(Random random, int n) {
        float[] frames = new float[n * TINY.nMels()];
        for (int i = 0; i < frames.length; i++) {
            frames[i] = (float) random.nextGaussian();
        }
        return frames;
    }
}
