package io.mambaaudio.speech;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
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
 * What a step of the decoder costs, on rows of 256 logits of which a third have a clear piece and some a rival, as a trained model
 * gives them. With {@code -Dlm=FILE.arpa} in the JVM's arguments the beams have that language model.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class DecoderBenchmark {
    private static final int VOCABULARY = 256;
    private static final int ROWS = 4096;

    /** 1 is greedy. */
    @Param({"1", "4", "8", "16", "64"})
    public int width;

    private final float[][] rows = new float[ROWS][VOCABULARY];
    private CtcDecoder decoder = CtcDecoder.greedy(List.of("<blank>", "a"));
    private long step;
    private int letters;

    /** Makes rows and decoder. */
    @Setup
    public void setUp() throws IOException {
        SplittableRandom random = new SplittableRandom(1);
        List<String> pieces = new ArrayList<>(List.of("<blank>"));
        for (int i = 1; i < VOCABULARY; i++) {
            String text = "" + (char) ('a' + i % 26) + (i >= 52 ? "" + (char) ('a' + i / 26) : "");
            pieces.add((i % 2 == 0 ? "\u2581" : "") + text);
        }
        for (float[] row : rows) {
            for (int i = 0; i < VOCABULARY; i++) {
                row[i] = (float) (1.5 * random.nextGaussian() - 4);
            }
            boolean said = random.nextInt(3) == 0;
            row[said ? random.nextInt(VOCABULARY) : 0] = 6;
            if (random.nextInt(4) == 0) {
                row[random.nextInt(VOCABULARY)] = 5;
            }
        }
        BeamOptions options = BeamOptions.of(width);
        Optional<Path> lm = Optional.ofNullable(System.getProperty("lm")).map(Path::of);
        if (lm.isPresent()) {
            options = options.withLanguageModel(NGram.read(lm.get()), 0.5, 1);
        }
        decoder = width == 1 ? CtcDecoder.greedy(pieces) : CtcDecoder.beam(pieces, options);
    }

    /** One row. */
    @Benchmark
    public boolean step() {
        return decoder.accept(
                step, rows[(int) (step++ % ROWS)], (text, first, last, confidence) -> letters += text.length());
    }
}
