package io.mambaaudio.models.cuda;

import static io.mambaaudio.models.cuda.Driver.check;

import io.mambaaudio.models.MambaConfig;
import java.util.Arrays;
import java.util.Random;
import jcuda.Pointer;
import jcuda.driver.CUevent;
import jcuda.driver.CUstream;
import jcuda.driver.JCudaDriver;

/** The selective scan of Mamba-1 alone: d_inner 1,536, N 16, float32 inputs and outputs. */
final class ScanBench {
    private static final int CHANNELS = 1536;
    private static final int N = 16;

    private ScanBench() {}

    static void run(long most) {
        double copy = GpuBench.copy();
        for (long length = 1 << 10; length <= most; length <<= 2) {
            one((int) length, copy);
        }
    }

    private static void one(int length, double copy) {
        long row = 4L * CHANNELS;
        long bytes = length * (4 * row + 2 * 4 * N); // x, dt, z read, y written; B, C read
        try (Gpu gpu = new Gpu();
                Ptx ptx = new Ptx("scan");
                DeviceMemory m = new DeviceMemory(length * row * 4 + length * 8L * N + (8L << 20), "the scan")) {
            gpu.enter();
            CUstream stream = new CUstream();
            long[] at = new long[4];
            for (int i = 0; i < 4; i++) {
                at[i] = m.take(length * row);
                fill(m, at[i], (long) length * CHANNELS, i == 1 ? 0.001f : -1, i == 1 ? 0.1f : 1);
            }
            long bc = m.take(length * 8L * N);
            fill(m, bc, 2L * length * N, -1, 1);
            long a = m.take(row * N);
            fill(m, a, (long) CHANNELS * N, -16, -1);
            long d = m.take(row);
            fill(m, d, CHANNELS, 0, 1);
            long state = m.take(row * N);
            MambaConfig c = RandomModel.mamba1(CHANNELS / 2, 1, N, 48, 8, RandomModel.Kind.F32, 1)
                    .config();
            long memory = m.take(ScanKernels.bytes(c, length));
            ScanKernels scan = new ScanKernels(ptx, stream, c, length, memory);
            long[] addresses = {a, at[1], at[0], bc, bc + 4L * N, d, at[2], at[3], 0, state};
            CUevent start = new CUevent();
            CUevent stop = new CUevent();
            check(JCudaDriver.cuEventCreate(start, 0), "cuEventCreate");
            check(JCudaDriver.cuEventCreate(stop, 0), "cuEventCreate");
            float[] millis = new float[9];
            for (int i = 0; i < millis.length; i++) {
                check(JCudaDriver.cuEventRecord(start, stream), "cuEventRecord");
                scan.run(addresses, length, CHANNELS, 2 * N, CHANNELS, 0);
                check(JCudaDriver.cuEventRecord(stop, stream), "cuEventRecord");
                check(JCudaDriver.cuEventSynchronize(stop), "cuEventSynchronize");
                float[] ms = new float[1];
                check(JCudaDriver.cuEventElapsedTime(ms, start, stop), "cuEventElapsedTime");
                millis[i] = ms[0];
            }
            float[] out = new float[CHANNELS * N];
            m.get(state, Pointer.to(out), row * N);
            GpuBench.requireFinite(out, "state");
            Arrays.sort(millis);
            double best = millis[millis.length / 2];
            GpuBench.say(
                    "scan L=%d: %.3f ms, %.1f ns a step, %.0f GB/s = %.0f %% of the copy",
                    length, best, best * 1e6 / length, bytes / best / 1e6, 100 * bytes / best / 1e6 / copy);
        }
    }

    private static void fill(DeviceMemory m, long at, long n, float least, float most) {
        Random random = new Random(n);
        float[] piece = new float[(int) Math.min(n, 1 << 18)];
        for (int i = 0; i < piece.length; i++) {
            piece[i] = least + (most - least) * random.nextFloat();
        }
        for (long i = 0; i < n; i += piece.length) {
            m.put(at + 4 * i, Pointer.to(piece), 4 * Math.min(piece.length, n - i));
        }
    }
}
