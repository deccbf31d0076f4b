// SPDX-License-Identifier: GPL-3.0-only
package io.mambaaudio.tarsosdsp;

import be.tarsos.dsp.util.fft.FFT;
import io.mambaaudio.dsp.RealFft;
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

/** One forward transform of real samples, ours (double inside) and TarsosDSP's (float); both copy fresh samples first. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class FftComparisonBenchmark {
    @Param({"512", "1024", "2048"})
    int size;

    private final float[] samples = new float[2048];
    private float[] data = new float[0];
    private RealFft ours = new RealFft(2);
    private FFT theirs = new FFT(2);

    /** Makes the samples. */
    @Setup
    public void setUp() {
        Random random = new Random(1);
        for (int i = 0; i < samples.length; i++) {
            samples[i] = 2 * random.nextFloat() - 1;
        }
        data = new float[size];
        ours = new RealFft(size);
        theirs = new FFT(size);
    }

    /** Our transform. */
    @Benchmark
    public float[] mambaAudio() {
        System.arraycopy(samples, 0, data, 0, size);
        ours.forward(data);
        return data;
    }

    /** TarsosDSP's transform. */
    @Benchmark
    public float[] tarsosDsp() {
        System.arraycopy(samples, 0, data, 0, size);
        theirs.forwardTransform(data);
        return data;
    }
}
