package io.mambaaudio.models.train;

import io.mambaaudio.models.cpu.Gemm.View;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A matrix that learns by a low-rank difference alone (Hu et al. 2021): {@code W = W_0 + B A} with few rows in A. The network computes with W
 * and gives W's gradient; here it becomes that of A and B. Nothing is left to merge when the training ends.
 */
final class LowRank {
    /** How much larger A begins than its inputs' number asks for, so that B moves W at the rates that suit whole matrices. */
    private static final double GAIN = 8;

    private final Parameter weight; // (outputs, inputs)
    private final float[] before; // W_0
    private final Parameter a; // (rank, inputs)
    private final Parameter b; // (outputs, rank)
    private final int rank;

    /** Begins with B = 0, and so with W as it is. */
    LowRank(Parameter weight, int rank, SplittableRandom random) {
        int outputs = weight.shape()[0];
        int inputs = weight.shape()[1];
        this.weight = weight;
        this.before = weight.value().clone();
        this.rank = rank;
        float[] first = new float[rank * inputs];
        for (int i = 0; i < first.length; i++) {
            first[i] = (float) (GAIN * random.nextGaussian() / Math.sqrt(inputs));
        }
        a = Parameter.of(weight.name() + ".lora_A", true, first, rank, inputs);
        b = Parameter.of(weight.name() + ".lora_B", true, new float[outputs * rank], outputs, rank);
    }

    List<Parameter> parameters() {
        return List.of(a, b);
    }

    /** W from A and B as they are now. */
    void merge(Compute compute) {
        float[] w = weight.value();
        System.arraycopy(before, 0, w, 0, w.length);
        multiply(compute, outputs(), inputs(), rank, factor(b), factor(a), w);
    }

    /** Adds what W's gradient says about A and B to theirs. */
    void handOver(Compute compute) {
        View d = View.rows(weight.gradient(), 0, inputs());
        multiply(compute, outputs(), rank, inputs(), d, factor(a).transposed(), b.gradient());
        multiply(compute, rank, inputs(), outputs(), factor(b).transposed(), d, a.gradient());
    }

    private int outputs() {
        return weight.shape()[0];
    }

    private int inputs() {
        return weight.shape()[1];
    }

    private static View factor(Parameter p) {
        return View.rows(p.value(), 0, p.shape()[1]);
    }

    private static void multiply(Compute compute, int m, int n, int k, View x, View y, float[] to) {
        compute.gemm().multiply(m, n, k, x, y, to, 0, n, true, compute.parallel());
    }
}
