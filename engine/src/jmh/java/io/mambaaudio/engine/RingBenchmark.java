package io.mambaaudio.engine;

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

/** One block into the ring and out again by one thread: what a hand-over costs apart from the cores' talk. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class RingBenchmark {
    /** Frames of a block: one sample, 10 ms at 16 kHz, 10 ms at 48 kHz. */
    @Param({"1", "160", "480"})
    public int frames;

    private OneToOneFloatRing ring;
    private float[][] block;

    @Setup
    public void setUp() {
        ring = new OneToOneFloatRing(2, 32_000);
        block = new float[2][frames];
    }

    @Benchmark
    public int writeAndRead() {
        return ring.write(block, 0, frames) + ring.read(block, frames);
    }
}
