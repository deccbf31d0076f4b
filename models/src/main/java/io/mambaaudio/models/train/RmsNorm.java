package io.mambaaudio.models.train;

import io.mambaaudio.models.cpu.TrainingKernels;

/** {@code y = w x / sqrt(mean(x^2) + eps)}, row by row. */
record RmsNorm(Parameter weight, float eps) {
    /** x and y (rows, n). */
    void forward(Compute compute, int rows, float[] x, float[] y) {
        int n = weight.size();
        compute.rows(rows, (from, to) -> {
            for (int r = from; r < to; r++) {
                float scale = TrainingKernels.rms(x, r * n, n, eps);
                TrainingKernels.normalise(x, r * n, scale, weight.value(), y, r * n, n);
            }
        });
    }

    /** The gradient of x, written to dx or added, and that of the weight, added. */
    void backward(Compute compute, int rows, float[] x, float[] dy, float[] dx, boolean add) {
        int n = weight.size();
        float[] scales = new float[rows];
        compute.rows(rows, (from, to) -> {
            for (int r = from; r < to; r++) {
                scales[r] = TrainingKernels.rms(x, r * n, n, eps);
            }
        });
        for (int r = 0; r < rows; r++) { // before dx, which may be dy
            for (int i = 0; i < n; i++) {
                weight.gradient()[i] += dy[r * n + i] * x[r * n + i] * scales[r];
            }
        }
        compute.rows(rows, (from, to) -> {
            for (int r = from; r < to; r++) {
                TrainingKernels.normaliseBackward(x, r * n, scales[r], weight.value(), dy, r * n, dx, r * n, n, add);
            }
        });
    }
}
