package io.mambaaudio.models.train;

import io.mambaaudio.models.Parallel;
import io.mambaaudio.models.cpu.Gemm;

/**
 * What layers compute with, one network's, one pass at a time.
 *
 * @param gemm the multiplier
 * @param parallel the threads that were handed in
 * @param mostSteps steps of a chunk at most; tests take few
 */
record Compute(Gemm gemm, Parallel parallel, int mostSteps) {
    private static final int ROWS = 32;

    static Compute on(Parallel parallel) {
        return new Compute(new Gemm(), parallel, Chunks.MOST);
    }

    /** Some rows: from, and up to. */
    @FunctionalInterface
    interface Range {
        void run(int from, int to);
    }

    /** All rows, in blocks whose size does not depend on the threads. */
    void rows(int rows, Range body) {
        blocks(rows, ROWS, body);
    }

    void blocks(int n, int size, Range body) {
        int parts = Math.ceilDiv(n, size);
        if (parts == 1) {
            body.run(0, n);
        } else {
            parallel.run(parts, part -> body.run(part * size, Math.min(n, (part + 1) * size)));
        }
    }
}
