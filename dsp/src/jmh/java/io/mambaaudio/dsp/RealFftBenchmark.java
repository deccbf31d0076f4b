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

/** One forward transform; a copy of fresh samples is part of it, so that values neither grow nor fade. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class RealFftBenchmark {
    @Param({"512", "1024", "2048"})
    int size;

    private final float[] samples = new float[2048];
    private float[] data = new float[0];
    private RealFft fft = new RealFft(2);

    /** Makes the samples. */
    @Setup
    public void setUp() {
        Random random = new Random(1);
        for (int i = 0; i < samples.length; i++) {
            samples[i] = 2 * random.nextFloat() - 1;
        }
        data = new float[size];
        fft = new RealFft(size);
    }

    /** Copies and transforms. */
    @Benchmark
    public float[] forward() {
        System.arraycopy(samples, 0, data, 0, size);
        fft.forward(data);
        return data;
    }
}
