package io.mambaaudio.models.cuda;

import static io.mambaaudio.models.cuda.Driver.check;

import io.mambaaudio.models.MambaConfig;
import io.mambaaudio.models.backend.ModelWeights;
import io.mambaaudio.models.backend.Slots;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import jcuda.driver.CUstream;
import jcuda.driver.JCudaDriver;

/** Times, with a host clock around calls that return when the logits are there. One line a result, which begins with BENCH. */
final class GpuBench {
    void run(String part) {
        String[] w = part.split(":", -1);
        switch (w[0]) {
            case "step" -> steps(w[1], Integer.parseInt(w[2]), Integer.parseInt(w[3]));
            case "copy" -> copy();
            case "scan" -> ScanBench.run(Long.parseLong(w[1]));
            case "realtime" -> RealTimeBench.run(Integer.parseInt(w[1]), Integer.parseInt(w[2]));
            case "long" -> longParity(w[1], Integer.parseInt(w[2]));
            case "prefill" -> prefill(w[1], Integer.parseInt(w[2]));
            default -> throw new IllegalArgumentException("unknown part " + part);
        }
    }

    static void say(String format, Object... values) {
        System.out.printf(Locale.ROOT, "BENCH " + format + "%n", values);
        System.out.flush();
    }

    /** KIND as speech-INT8, table-BF16 or small1-F32. */
    static ModelWeights model(String name) {
        String[] words = name.split("-", -1);
        RandomModel.Kind kind = RandomModel.Kind.valueOf(words[1]);
        return switch (words[0]) {
            case "table" -> RandomModel.table(kind);
            case "speech" -> RandomModel.speech(kind);
            case "small1" -> RandomModel.mamba1(128, 2, 16, 8, 64, kind, 9);
            case "small2" -> RandomModel.mamba2(128, 2, 32, 32, 1, 64, Optional.empty(), kind, 9);
            default -> throw new IllegalArgumentException(name);
        };
    }

    private static void steps(String name, int streams, int steps) {
        ModelWeights w = model(name);
        try (Slots slots = CudaBackend.open(w, streams)) {
            steps(name, w.config(), slots, streams, steps);
        }
    }

    private static void steps(String name, MambaConfig c, Slots slots, int streams, int steps) {
        int nMels = c.frontend().map(f -> f.nMels()).orElse(0);
        int[] of = new int[streams];
        int[] tokens = new int[streams];
        boolean[] due = new boolean[streams];
        Arrays.fill(due, true);
        float[] frames = Inputs.floats(new Random(1), streams * nMels);
        for (int i = 0; i < streams; i++) {
            of[i] = i;
            tokens[i] = i % c.vocabSize();
            slots.reset(i);
        }
        float[] logits = new float[streams * c.vocabSize()];
        double[] micros = new double[steps];
        int warmup = Math.clamp(steps / 10, 20, 5000);
        long until = 0;
        for (int t = -warmup; t < steps; t++) {
            long start = System.nanoTime();
            if (nMels > 0) {
                slots.step(of, streams, frames, due, logits);
            } else {
                slots.step(of, streams, tokens, logits);
            }
            if (t >= 0) {
                micros[t] = (System.nanoTime() - start) / 1e3;
            }
            tokens[0] = (tokens[0] * 7 + 1) % c.vocabSize();
            until = t;
        }
        requireFinite(logits, "logit after " + until + " steps");
        report(name + " streams=" + streams + " (" + slots.describe() + ")", micros);
    }

    static void report(String what, double[] micros) {
        double[] sorted = micros.clone();
        Arrays.sort(sorted);
        int n = sorted.length;
        say(
                "%s n=%d: median %.1f us, p99 %.1f, p99.9 %.1f, least %.1f, worst %.1f",
                what, n, sorted[n / 2], sorted[(int) (n * 0.99)], sorted[(int) (n * 0.999)], sorted[0], sorted[n - 1]);
    }

    static void requireFinite(float[] values, String what) {
        for (float v : values) {
            if (!Float.isFinite(v)) {
                throw new AssertionError("a " + what + " is " + v);
            }
        }
    }

    /** Bytes read and written a second by a copy on the card. */
    static double copy() {
        long bytes = 1L << 30;
        try (DeviceMemory a = new DeviceMemory(bytes, "copy");
                DeviceMemory b = new DeviceMemory(bytes, "copy")) {
            double best = 0;
            CUstream stream = new CUstream();
            for (int i = 0; i < 10; i++) {
                long start = System.nanoTime();
                check(
                        JCudaDriver.cuMemcpyDtoDAsync(a.pointer(a.address()), b.pointer(b.address()), bytes, stream),
                        "cuMemcpyDtoDAsync");
                check(JCudaDriver.cuStreamSynchronize(stream), "cuStreamSynchronize");
                best = Math.max(best, 2.0 * bytes / (System.nanoTime() - start));
            }
            say("copy on the card: %.0f GB/s read and written", best);
            return best;
        }
    }

    /** CUDA against the scalar twin for many steps: the largest difference in every tenth of the way. */
    private static void longParity(String name, int steps) {
        ModelWeights w = model(name);
        MambaConfig c = w.config();
        Random random = new Random(5);
        try (Slots gpu = CudaBackend.open(w, 1);
                Slots cpu = GpuCheck.scalar(w, 1)) {
            gpu.reset(0);
            cpu.reset(0);
            int[] slot = {0};
            int[] token = new int[1];
            float[] a = new float[c.vocabSize()];
            float[] b = new float[c.vocabSize()];
            double worst = 0;
            for (int t = 0; t < steps; t++) {
                token[0] = random.nextInt(c.vocabSize());
                cpu.step(slot, 1, token, a);
                gpu.step(slot, 1, token, b);
                worst = Math.max(worst, GpuCheck.difference(a, b, "step " + t, 1));
                if ((t + 1) % (steps / 10) == 0) {
                    say("parity %s: steps to %d: %.2e of the largest logit", name, t + 1, worst);
                    worst = 0;
                }
            }
        }
    }

    private static void prefill(String name, int count) {
        ModelWeights w = model(name);
        MambaConfig c = w.config();
        Random random = new Random(6);
        int nMels = c.frontend().map(f -> f.nMels()).orElse(0);
        float[] frames = Inputs.floats(random, nMels * count);
        int[] tokens = random.ints(count, 0, c.vocabSize()).toArray();
        float[] logits = new float[c.vocabSize()];
        try (Slots gpu = CudaBackend.open(w, 1)) {
            double[] micros = new double[5];
            for (int i = -2; i < micros.length; i++) {
                gpu.reset(0);
                long start = System.nanoTime();
                if (nMels > 0) {
                    gpu.prefill(0, frames, count, 11, 1, logits);
                } else {
                    gpu.prefill(0, tokens, count, 1, logits);
                }
                if (i >= 0) {
                    micros[i] = (System.nanoTime() - start) / 1e3;
                }
            }
            requireFinite(logits, "logit");
            report("prefill " + name + " of " + count + (nMels > 0 ? " frames" : " tokens"), micros);
        }
    }
}
