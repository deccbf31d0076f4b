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
    private final float[] h = random(2 * 32 * 1024);
    private final float[] a = random(16 * 1024);
    private final float[] h1 = random(16 * 1024);
    private final Kernels.Heads heads = new Kernels.Heads(16, 64, 1, 32);
    private final float[] decay = new float[16];
    private final float[] dt = new float[16];
    private final float[] decays = new float[32 * 16];
    private final float[] dts = new float[32 * 16];
    private final float[] xBCs = random(32 * 1088);
    private final float[] small = new float[32 * 1024];
    private final float[] outs = new float[32 * 1024];
    private final float[] panel = new float[8192];
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
        java.util.Arrays.fill(decay, 0.9f);
        java.util.Arrays.fill(dt, 0.1f);
        java.util.Arrays.fill(decays, 0.9f);
        java.util.Arrays.fill(dts, 0.1f);
        java.util.Arrays.fill(small, 0.5f);
        kernels = backend.equals("SCALAR") ? new ScalarKernels() : new VectorKernels();
        for (int i = 0; i < a.length; i++) {
            a[i] = -Math.abs(a[i]);
        }
    }

    @Benchmark
    public float[] matVecF32() {
        kernels.matMul(f32, NONE, x, 0, 512, out, 0, 1, panel);
        return out;
    }

    @Benchmark
    public float[] matVecBf16() {
        kernels.matMul(bf16, NONE, x, 0, 512, out, 0, 1, panel);
        return out;
    }

    @Benchmark
    public float[] matVecInt8() {
        kernels.matMul(int8, NONE, x, 0, 512, out, 0, 1, panel);
        return out;
    }

    @Benchmark
    public float[] rmsNorm() {
        kernels.rmsNorm(x, weight, 1e-5f, out, 1);
        return out;
    }

    @Benchmark
    public float[] gate() {
        System.arraycopy(y, 0, out, 0, 1024); // or it would decay to zero
        kernels.gate(out, 1024, z, 1024, 0, 1);
        return out;
    }

    @Benchmark
    public float[] conv() {
        kernels.conv(convWeight, NONE, 1088, y, 1024, convState, 0, out, 0);
        return out;
    }

    @Benchmark
    public float[] timeStep() {
        kernels.timeStep(y, 1024, 0, NONE, 0, 1000, out, 1024, 1);
        return out;
    }

    @Benchmark
    public float[] dualAllHeads() {
        kernels.dual(heads, decay, dt, weight, xBC, h, 0, out, 0, 1);
        return out;
    }

    @Benchmark
    public float[] selective() {
        kernels.selective(a, weight, convWeight, x, z, 0, 16, h1, 0, out, 0, 1);
        return out;
    }

    /** Thirty-two steps of one stream. */
    @Benchmark
    public float[] dualInSequence() {
        kernels.dual(heads, decays, dts, weight, xBCs, h, 0, outs, 0, 32);
        return outs;
    }

    /** Thirty-two steps of one stream of S4D, N 64. */
    @Benchmark
    public float[] diagonalInSequence() {
        kernels.diagonal(small, small, small, small, weight, xBCs, h, 0, outs, 0, 32);
        return outs;
    }

    /** One step of S4D, N 64. */
    @Benchmark
    public float[] diagonal() {
        kernels.diagonal(small, small, small, small, weight, xBCs, h, 0, outs, 0, 1);
        return outs;
    }

    /** Thirty-two rows. */
    @Benchmark
    public float[] matMulInt8() {
        kernels.matMul(int8, NONE, xBCs, 0, 512, outs, 0, 32, panel);
        return outs;
    }
}
