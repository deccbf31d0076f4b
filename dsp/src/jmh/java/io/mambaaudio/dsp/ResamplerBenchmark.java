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

/** Seconds of mono sound that one core resamples in a second (times real time), in blocks of 10 ms. */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class ResamplerBenchmark {
    @Param({"48000:16000", "44100:16000", "16000:48000", "44056:16000"})
    String rates;

    private float[] second = new float[0];
    private float[] out = new float[0];
    private Resampler resampler = Resampler.of(1, 1);

    /** Makes the samples. */
    @Setup
    public void setUp() {
        String[] hz = rates.split(":", -1);
        resampler = Resampler.of(Integer.parseInt(hz[0]), Integer.parseInt(hz[1]));
        second = new float[Integer.parseInt(hz[0])];
        Random random = new Random(1);
        for (int i = 0; i < second.length; i++) {
            second[i] = 2 * random.nextFloat() - 1;
        }
        out = new float[resampler.maxOutput(second.length)];
    }

    /** Resamples a second of sound. */
    @Benchmark
    public int second() {
        int written = 0;
        int block = second.length / 100;
        for (int at = 0; at < second.length; at += block) {
            int count = Math.min(block, second.length - at);
            written += resampler.push(second, at, count, out, 0);
        }
        return written;
    }
}
