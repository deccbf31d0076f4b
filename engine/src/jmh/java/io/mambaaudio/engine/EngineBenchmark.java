package io.mambaaudio.engine;

import java.util.List;
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

/** The engine's overhead a block of 10 ms at 16 kHz, mono, with all threads and rings and next to nothing in the chain. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class EngineBenchmark {
    private static final int BLOCKS = 100_000;
    private static final StreamFormat FORMAT = new StreamFormat(16_000, 1);

    private Chain chain;

    @Setup
    public void setUp() {
        chain = new Chain(List.of(new Gain()), FORMAT, 160);
    }

    /** Capture, ring, worker; no output. */
    @Benchmark
    @OperationsPerInvocation(BLOCKS)
    public EngineStats wholeEngine() {
        return AudioEngine.run(
                AudioInputs.silence(FORMAT, BLOCKS * 160L), List.of(new Gain()), AudioOutputs.discard());
    }

    /** The chain alone, to be subtracted. */
    @Benchmark
    public float[][] chainAlone() {
        chain.process(160);
        return chain.out();
    }
}
