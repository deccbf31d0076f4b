package io.mambaaudio.dsp;

import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Time of one frame of the usual speech spec, pushed a second at a time. A second has 100 frames. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class MelFrontendBenchmark {
    private final float[] second = new float[16_000];
    private final MelFrontend frontend = new MelFrontend(MelSpec.speech());
    private float sum;

    /** Makes the samples. */
    @Setup
    public void setUp() {
        Random random = new Random(1);
        for (int i = 0; i < second.length; i++) {
            second[i] = 2 * random.nextFloat() - 1;
        }
    }

    /** Pushes a second of sound. */
    @Benchmark
    @OperationsPerInvocation(100)
    public float frame() {
        frontend.push(second, 0, second.length, frame -> sum += frame[40]);
        return sum;
    }
}
