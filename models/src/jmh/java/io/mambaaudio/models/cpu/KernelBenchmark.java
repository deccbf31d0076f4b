package io.mambaaudio.models.cpu;

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

/** Each kernel at the sizes of the shipped speech model (d_model 512, d_inner 1024, 16 heads of 64, N 32), on data in the cache. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(value = 1, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
public class KernelBenchmark {
    @Param({"SCALAR", "VECTOR"})
    public String backend;

    private static final float[] NONE = {};

    private final Random random = new Random(1);
    private final float[] x = random(1024);
    private final float[] y = random(2128);
    private final float[] z = random(2128);
    private final float[] out = new float[2128];
    private final float[] weight = random(1024);
    private final float[] convWeight = random(4 * 1088);
    private final float[] convState = random(3 * 1088);
    private final float[] xBC = random(1088);
    private final float[] h = random(16 * 32 * 64);
    private final float[] a = random(16 * 1024);
    private final float[] h1 = random(16 * 1024);
    private final Matrix.F32 f32 = new Matrix.F32(512, 512, random(512 * 512));
    private final Matrix.Bf16 bf16 = Matrix.Bf16.of(512, 512, f32.w());
    private final Matrix.Int8 int8 = Matrix.Int8.of(512, 512, f32.w());
    private Kernels kernels = new ScalarKernels();

    private float[] random(int n) {
        float[] values = new float[n];
        for (int i = 0; i < n; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    @Setup
    public void choose() {
        kernels = backend.equals("SCALAR") ? new ScalarKernels() : new VectorKernels();
        for (int i = 0; i < a.length; i++) {
            a[i] = -Math.abs(a[i]);
        }
    }

    @Benchmark
    public float[] matVecF32() {
        kernels.matVec(f32, NONE, x, out);
        return out;
    }

    @Benchmark
    public float[] matVecBf16() {
        kernels.matVec(bf16, NONE, x, out);
        return out;
    }

    @Benchmark
    public float[] matVecInt8() {
        kernels.matVec(int8, NONE, x, out);
        return out;
    }

    @Benchmark
    public float[] rmsNorm() {
        kernels.rmsNorm(x, weight, 1e-5f, out);
        return out;
    }

    @Benchmark
    public float[] gate() {
        System.arraycopy(y, 0, out, 0, 1024); // or it would decay to zero
        kernels.gate(out, z, 0, 1024);
        return out;
    }

    @Benchmark
    public float[] conv() {
        kernels.conv(convWeight, NONE, 1088, y, 1024, convState, 0, out);
        return out;
    }

    @Benchmark
    public float[] timeStep() {
        kernels.timeStep(y, 0, NONE, 0, 1000, out, 1024);
        return out;
    }

    @Benchmark
    public float[] dualAllHeads() {
        for (int head = 0; head < 16; head++) {
            kernels.dual(0.9f, 0.1f, 1, xBC, head * 64, 1024, 1056, 32, 64, h, head * 32 * 64, out);
        }
        return out;
    }

    @Benchmark
    public float[] selective() {
        kernels.selective(a, weight, convWeight, x, z, 0, 16, 16, h1, 0, out);
        return out;
    }
}
