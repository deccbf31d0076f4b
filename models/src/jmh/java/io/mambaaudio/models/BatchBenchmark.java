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
 * Microseconds for one step of each of some streams: one after another, all together ({@link SessionBatch}), and as many steps of one stream
 * at once ({@link Session#prefill}). The model is {@code -p model=FILE}, or {@code random} weights of the shipped model's size.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 4, time = 1)
@Fork(value = 1, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
public class BatchBenchmark {
    @Param({"1", "2", "4", "8", "16", "32", "64"})
    public int streams;

    @Param({"INT8", "F32"})
    public Weights weights;

    @Param("random")
    public String model;

    private SessionBatch batch;
    private Session[] sessions;
    private int[] slots;
    private float[] frames; // (streams, nMels)
    private float[] sequence; // (streams * stride, nMels)
    private float[] frame;
    private float[] logits; // (streams, vocabSize)
    private float[] row;
    private boolean[] stepped;
    private int stride;

    @Setup(Level.Trial)
    public void open() throws IOException {
        Mamba mamba = BenchmarkModel.open(model, weights);
        FrameFrontend f = mamba.config().frontend().orElseThrow();
        stride = f.strideFrames();
        batch = SessionBatch.open(mamba, Backend.VECTOR, streams);
        sessions = new Session[streams];
        slots = new int[streams];
        for (int i = 0; i < streams; i++) {
            sessions[i] = mamba.open(Backend.VECTOR);
            slots[i] = batch.join();
        }
        frames = gaussian(streams * f.nMels());
        sequence = gaussian(streams * stride * f.nMels());
        frame = gaussian(f.nMels());
        row = new float[mamba.config().vocabSize()];
        logits = new float[streams * row.length];
        stepped = new boolean[streams];
        for (int i = stride; i < f.windowFrames(); i++) {
            batch.step(slots, streams, frames, logits, stepped);
            for (Session session : sessions) {
                session.step(frame, row);
            }
        }
    }

    private static float[] gaussian(int n) {
        Random random = new Random(1);
        float[] values = new float[n];
        for (int i = 0; i < n; i++) {
            values[i] = (float) random.nextGaussian() - 8;
        }
        return values;
    }

    @Benchmark
    public float[] oneByOne() {
        for (Session session : sessions) {
            for (int i = 0; i < stride; i++) {
                session.step(frame, row);
            }
        }
        return row;
    }

    @Benchmark
    public float[] together() {
        for (int i = 0; i < stride; i++) {
            batch.step(slots, streams, frames, logits, stepped);
        }
        return logits;
    }

    @Benchmark
    public float[] inSequence() {
        sessions[0].prefill(sequence, streams * stride, logits);
        return logits;
    }
}
