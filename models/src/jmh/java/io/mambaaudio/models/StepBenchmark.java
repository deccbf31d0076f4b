package io.mambaaudio.models;

import java.io.IOException;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * One whole step of a speech model, frames in and logits out, on one thread. The model is {@code -p model=FILE}, or {@code random} weights
 * of the shipped model's size. {@code src/jmh/compare-torch.sh} sets it beside PyTorch.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 1, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
public class StepBenchmark {
    @Param({"SCALAR", "VECTOR"})
    public Backend backend;

    @Param({"F32", "BF16", "INT8"})
    public Weights weights;

    @Param("random")
    public String model;

    private Session session;
    private float[] frame;
    private float[] logits;
    private int stride;

    @Setup(Level.Trial)
    public void open() throws IOException {
        Mamba mamba = BenchmarkModel.open(model, weights);
        session = mamba.open(backend);
        FrameFrontend f = mamba.config().frontend().orElseThrow();
        frame = new float[f.nMels()];
        Random random = new Random(1);
        for (int i = 0; i < frame.length; i++) {
            frame[i] = (float) random.nextGaussian() - 8;
        }
        logits = new float[mamba.config().vocabSize()];
        stride = f.strideFrames();
        for (int i = stride; i < f.windowFrames(); i++) {
            session.step(frame, logits);
        }
    }

    /** As many frames as a step takes. */
    @Benchmark
    public boolean step() {
        boolean stepped = false;
        for (int i = 0; i < stride; i++) {
            stepped = session.step(frame, logits);
        }
        if (!stepped) {
            throw new IllegalStateException("the last frame of a stride must complete a step");
        }
        return stepped;
    }
}
