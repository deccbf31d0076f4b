package io.mambaaudio.dsp;

import java.util.Random;
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

/** Time of one frame of 128 bands at 24 kHz. In real time there are 93.75 of them a second: one every 10,667 microseconds. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class VocoderBenchmark {
    private static final MelSpec SPEC = new MelSpec(
            24_000, 1024, 256, 1024, 128, 20, 12_000, MelSpec.Scale.SLANEY, MelSpec.Norm.NONE, 2, 1e-3f);

    @Param({"0", "4", "8"})
    private int iterations;

    private final float[] frame = new float[128];
    private final float[] out = new float[256];
    private Vocoder vocoder = new Vocoder(SPEC);

    /** Makes a frame. */
    @Setup
    public void setUp() {
        Random random = new Random(1);
        for (int i = 0; i < frame.length; i++) {
            frame[i] = 4 * random.nextFloat() - 3;
        }
        vocoder = new Vocoder(SPEC, 3, iterations);
    }

    /** Vocodes it. */
    @Benchmark
    public int frame() {
        return vocoder.push(frame, out, 0);
    }
}
