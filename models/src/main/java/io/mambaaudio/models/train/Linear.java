package io.mambaaudio.models.train;

import io.mambaaudio.models.cpu.Gemm.View;
import java.util.List;
import java.util.Optional;

/** {@code y = W x + b} for many rows. Keeps nothing: the caller hands in again what the forward pass was given. */
record Linear(Parameter weight, Optional<Parameter> bias) {
    int outputs() {
        return weight.shape()[0];
    }

    int inputs() {
        return weight.shape()[1];
    }

    List<Parameter> parameters() {
        return bias.map(b -> List.of(weight, b)).orElse(List.of(weight));
    }

    /** x (rows, inputs), y (rows, outputs). */
    void forward(Compute compute, int rows, View x, float[] y) {
        View w = View.rows(weight.value(), 0, inputs()).transposed();
        compute.gemm().multiply(rows, outputs(), inputs(), x, w, y, 0, outputs(), false, compute.parallel());
        bias.ifPresent(b -> compute.rows(rows, (from, to) -> {
            for (int r = from; r < to; r++) {
                for (int i = 0; i < outputs(); i++) {
                    y[r * outputs() + i] += b.value()[i];
                }
            }
        }));
    }

    /** The gradients of the weights, added to; dy (rows, outputs). */
    void backwardWeights(Compute compute, int rows, View x, float[] dy) {
        View d = View.rows(dy, 0, outputs()).transposed();
        compute.gemm()
                .multiply(outputs(), inputs(), rows, d, x, weight.gradient(), 0, inputs(), true, compute.parallel());
        bias.ifPresent(b -> sumRows(rows, dy, outputs(), b.gradient()));
    }

    /** The gradient of x, written to rows of {@code stride} or added. */
    void backwardInput(Compute compute, int rows, float[] dy, float[] dx, int stride, boolean add) {
        View d = View.rows(dy, 0, outputs());
        View w = View.rows(weight.value(), 0, inputs());
        compute.gemm().multiply(rows, inputs(), outputs(), d, w, dx, 0, stride, add, compute.parallel());
    }

    /** {@code sums += } each column's sum. */
    static void sumRows(int rows, float[] values, int columns, float[] sums) {
        for (int r = 0; r < rows; r++) {
            for (int i = 0; i < columns; i++) {
                sums[i] += values[r * columns + i];
            }
        }
    }
}
