package io.mambaaudio.models.cuda;

import io.mambaaudio.models.Backend;
import io.mambaaudio.models.FrameFrontend;
import io.mambaaudio.models.MambaConfig;
import io.mambaaudio.models.backend.ModelWeights;
import io.mambaaudio.models.backend.Slots;
import io.mambaaudio.models.cpu.CpuSlots;
import io.mambaaudio.models.cpu.ScalarKernels;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;

/** Parity of the GPU with the scalar twin, check by check; prints every difference and the first element that is off. */
final class GpuCheck {
    private int failures;
    private final String kind;
    private final String only;

    /** only: KIND or KIND:PART OF A MODEL'S NAME; kinds are stream, batch, move, others, prefill, all. */
    GpuCheck(String only) {
        String[] words = (only.isEmpty() ? "all" : only).split(":", -1);
        this.kind = words[0];
        this.only = words.length > 1 ? words[1] : "";
    }

    private boolean wanted(String what) {
        return failures < 10 && (kind.equals("all") || kind.equals(what));
    }

    /** A model, how exactly the GPU has to agree with the scalar twin, and how many streams it has. */
    private record Case(String name, ModelWeights weights, double tolerance, int capacity, int steps) {}

    private static List<Case> cases(boolean small) {
        List<Case> cases = new ArrayList<>();
        for (RandomModel.Kind kind : RandomModel.Kind.values()) {
            double exact = kind == RandomModel.Kind.F32 ? 1e-4 : 5e-3; // tensor cores take activations as float16
            cases.add(new Case("mamba1-" + kind, RandomModel.mamba1(64, 2, 16, 4, 97, kind, 1), exact, 5, 40));
            cases.add(new Case(
                    "mamba2-" + kind,
                    RandomModel.mamba2(64, 2, 32, 16, 2, 97, Optional.empty(), kind, 2),
                    exact,
                    5,
                    40));
            cases.add(new Case(
                    "speech-" + kind,
                    RandomModel.mamba2(64, 2, 8, 16, 1, 33, Optional.of(new FrameFrontend(20, 3, 2)), kind, 3),
                    exact,
                    5,
                    60));
            if (!small) {
                cases.add(
                        new Case("mamba1-768-" + kind, RandomModel.mamba1(768, 2, 16, 48, 256, kind, 4), exact, 3, 12));
                cases.add(new Case(
                        "speech-512-" + kind,
                        RandomModel.mamba2(512, 2, 32, 64, 1, 256, Optional.of(new FrameFrontend(80, 12, 4)), kind, 5),
                        exact,
                        3,
                        32));
            }
        }
        cases.add(new Case("mamba1-odd", RandomModel.mamba1(20, 2, 5, 3, 7, RandomModel.Kind.F32, 6), 1e-4, 4, 40));
        cases.add(new Case(
                "speech-odd",
                RandomModel.mamba2(
                        24, 2, 7, 12, 1, 9, Optional.of(new FrameFrontend(5, 3, 2)), RandomModel.Kind.INT8, 7),
                5e-3,
                4,
                40));
        return cases;
    }

    int run(boolean small) {
        for (Case c : cases(small)) {
            if (!c.name.contains(only)) {
                continue;
            }
            boolean large = c.weights.config().dModel() > 64;
            for (int capacity : large || small ? new int[] {1, c.capacity} : new int[] {1, c.capacity, 70, 300, 1100}) {
                if (wanted(capacity == 1 ? "stream" : "batch")) {
                    guarded("parity " + c.name + " capacity=" + capacity, () -> parity(c, capacity));
                }
            }
            if (wanted("move")) {
                guarded("move " + c.name, () -> move(c));
            }
            if (wanted("others")) {
                guarded("others " + c.name, () -> others(c));
            }
            if (wanted("prefill")) {
                guarded("prefill " + c.name, () -> prefill(c));
            }
        }
        return failures;
    }

    private interface Check {
        String run();
    }

    private void guarded(String name, Check check) {
        long start = System.nanoTime();
        try {
            String result = check.run();
            System.out.printf(
                    Locale.ROOT, "ok    %s: %s (%d ms)%n", name, result, (System.nanoTime() - start) / 1_000_000);
        } catch (Throwable e) {
            failures++;
            System.out.printf("FAIL  %s: %s%n", name, e);
            StackTraceElement[] trace = e.getStackTrace();
            for (int i = 0; i < Math.min(6, trace.length); i++) {
                System.out.println("        at " + trace[i]);
            }
        }
        System.out.flush();
    }

    /** Random subsets of the streams, step after step; the last states, too. */
    private static String parity(Case c, int capacity) {
        Random random = new Random(11);
        Inputs in = new Inputs(c.weights.config(), capacity, random);
        try (Slots gpu = CudaBackend.open(c.weights, capacity);
                Slots cpu = scalar(c.weights, capacity)) {
            double worst = 0;
            for (int slot = 0; slot < capacity; slot++) {
                gpu.reset(slot);
                cpu.reset(slot);
            }
            int steps = capacity > 100 ? 5 : capacity > 8 ? Math.min(c.steps, 12) : c.steps;
            for (int t = 0; t < steps; t++) {
                in.next();
                float[] expected = in.step(cpu);
                float[] found = in.step(gpu);
                try {
                    worst = Math.max(
                            worst,
                            difference(expected, found, "logits of step " + t + " count=" + in.count, c.tolerance));
                } catch (AssertionError e) {
                    parts(c.weights.config(), cpu, gpu, in.slot(0));
                    parts(c.weights.config(), cpu, gpu, in.slot(in.count - 1));
                    throw e;
                }
            }
            double state = 0;
            float[] a = new float[c.weights.config().stateSize()];
            float[] b = new float[a.length];
            for (int slot = 0; slot < capacity; slot++) {
                cpu.read(slot, a);
                gpu.read(slot, b);
                state = Math.max(state, difference(a, b, "state of slot " + slot, c.tolerance));
            }
            return String.format(Locale.ROOT, "logits %.2e, states %.2e of the largest", worst, state);
        }
    }

    /** Snapshot, move to another slot, restore: bit-exact. */
    private static String move(Case c) {
        Random random = new Random(12);
        int capacity = 6;
        Inputs in = new Inputs(c.weights.config(), 1, random);
        try (Slots gpu = CudaBackend.open(c.weights, capacity)) {
            for (int slot = 0; slot < capacity; slot++) {
                gpu.reset(slot);
            }
            for (int t = 0; t < 9; t++) {
                in.next();
                in.stepAs(gpu, 1);
            }
            float[] state = new float[c.weights.config().stateSize()];
            gpu.read(1, state);
            gpu.write(4, state);
            for (int t = 0; t < 9; t++) {
                in.next();
                same(in.stepAs(gpu, 1), in.stepAs(gpu, 4), "after the move, step " + t);
            }
            return "bit-equal";
        }
    }

    /** What a stream gives does not depend, to the bit, on who else is in the batch. */
    private static String others(Case c) {
        Random random = new Random(13);
        int capacity = 40;
        Inputs in = new Inputs(c.weights.config(), capacity, random);
        MambaConfig config = c.weights.config();
        try (Slots all = CudaBackend.open(c.weights, capacity);
                Slots few = all.sibling(capacity)) {
            for (int slot = 0; slot < capacity; slot++) {
                all.reset(slot);
                few.reset(slot);
            }
            for (int t = 0; t < 9; t++) {
                in.everyone();
                float[] rows = in.step(all);
                int left = t < 4 ? capacity : 3;
                float[] row = in.stepFirst(few, left);
                for (int i = 0; i < left * config.vocabSize(); i++) {
                    if (Float.floatToRawIntBits(rows[i]) != Float.floatToRawIntBits(row[i])) {
                        throw new AssertionError("step " + t + ", element " + i + ": " + rows[i] + " with everyone, "
                                + row[i] + " without");
                    }
                }
            }
            return "bit-equal";
        }
    }

    /** prefill leaves the state that steps leave, and the same rows. */
    private static String prefill(Case c) {
        Random random = new Random(14);
        MambaConfig config = c.weights.config();
        int count = 150;
        try (Slots cpu = scalar(c.weights, 1);
                Slots gpu = CudaBackend.open(c.weights, 3)) {
            cpu.reset(0);
            gpu.reset(2);
            double worst = 0;
            for (int n : new int[] {1, 2, 5, 33, count, 1, 37}) {
                int rows;
                float[] expected;
                float[] found;
                if (config.frontend().isPresent()) {
                    float[] frames =
                            Inputs.floats(random, n * config.frontend().get().nMels());
                    int stride = config.frontend().get().strideFrames();
                    int first = 1; // any phase will do, as long as both have the same
                    int steps = first < n ? (n - 1 - first) / stride + 1 : 0;
                    rows = Math.min(5, steps);
                    expected = new float[rows * config.vocabSize()];
                    found = new float[rows * config.vocabSize()];
                    cpu.prefill(0, frames, n, first, rows, expected);
                    gpu.prefill(2, frames, n, first, rows, found);
                } else {
                    int[] tokens = random.ints(n, 0, config.vocabSize()).toArray();
                    rows = Math.min(5, n);
                    expected = new float[rows * config.vocabSize()];
                    found = new float[rows * config.vocabSize()];
                    cpu.prefill(0, tokens, n, rows, expected);
                    gpu.prefill(2, tokens, n, rows, found);
                }
                try {
                    worst = Math.max(worst, difference(expected, found, "logits of prefill " + n, c.tolerance));
                } catch (AssertionError e) {
                    parts(config, cpu, 0, gpu, 2);
                    throw e;
                }
            }
            float[] a = new float[config.stateSize()];
            float[] b = new float[a.length];
            cpu.read(0, a);
            gpu.read(2, b);
            double state = difference(a, b, "state after prefill", c.tolerance);
            return String.format(Locale.ROOT, "logits %.2e, state %.2e of the largest", worst, state);
        }
    }

    /** Where two states differ: layer by layer. */
    private static void parts(MambaConfig c, Slots cpu, Slots gpu, int slot) {
        parts(c, cpu, slot, gpu, slot);
    }

    private static void parts(MambaConfig c, Slots cpu, int cpuSlot, Slots gpu, int slot) {
        float[] a = new float[c.stateSize()];
        float[] b = new float[c.stateSize()];
        cpu.read(cpuSlot, a);
        gpu.read(slot, b);
        int conv = (c.dConv() - 1) * c.convDim();
        for (int i = 0; i <= c.nLayers(); i++) {
            int at = i * c.layerStateSize();
            if (i == c.nLayers()) {
                System.out.println("      slot " + slot + " window: " + part(a, b, at, a.length));
            } else {
                System.out.println("      slot " + slot + " layer " + i + " conv: " + part(a, b, at, at + conv)
                        + "; ssm: " + part(a, b, at + conv, at + c.layerStateSize()));
            }
        }
    }

    private static String part(float[] a, float[] b, int from, int to) {
        double worst = 0;
        int where = from;
        int bad = 0;
        for (int i = from; i < to; i++) {
            double d = Math.abs(a[i] - b[i]);
            if (!(d <= 1e-3)) {
                bad++;
            }
            if (!(d <= worst)) {
                worst = d;
                where = i;
            }
        }
        return to == from
                ? "none"
                : String.format(
                        Locale.ROOT,
                        "%d of %d off, worst at %d: %g, found %g",
                        bad,
                        to - from,
                        where - from,
                        a[where],
                        b[where]);
    }

    static Slots scalar(ModelWeights w, int capacity) {
        return new CpuSlots(w, Backend.SCALAR, new ScalarKernels(), "scalar", capacity);
    }

    /** The largest difference over the largest magnitude; fails with the first element beyond the tolerance. NaN fails. */
    static double difference(float[] expected, float[] found, String what, double tolerance) {
        double scale = 1e-6;
        for (float v : expected) {
            scale = Math.max(scale, Math.abs(v));
        }
        double worst = 0;
        int bad = 0;
        int first = -1;
        for (int i = 0; i < expected.length; i++) {
            double d = Math.abs(expected[i] - found[i]) / scale;
            if (!(d <= tolerance)) {
                bad++;
                first = first < 0 ? i : first;
            }
            worst = Math.max(worst, d);
        }
        if (bad > 0) {
            throw new AssertionError(
                    what + ": " + bad + " of " + expected.length + " off; first [" + first + "] expected "
                            + expected[first] + " found " + found[first] + "; scale " + scale + ", worst " + worst);
        }
        return worst;
    }

    private static void same(float[] a, float[] b, String what) {
        for (int i = 0; i < a.length; i++) {
            if (Float.floatToRawIntBits(a[i]) != Float.floatToRawIntBits(b[i])) {
                throw new AssertionError(what + ", element " + i + ": " + a[i] + " and " + b[i]);
            }
        }
    }
}
