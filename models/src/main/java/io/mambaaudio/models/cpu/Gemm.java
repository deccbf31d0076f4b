package io.mambaaudio.models.cpu;

import static io.mambaaudio.models.cpu.VectorMath.F;

import io.mambaaudio.models.Parallel;
import jdk.incubator.vector.FloatVector;

/**
 * Matrix times matrix for training. Both operands are packed into panels that are read straight through (Goto and van de Geijn 2008): B in
 * panels two vectors wide, A in panels of four rows, so that the kernel keeps a tile of 4 x 2 vectors of C in registers. One multiplication at
 * a time; the sum over k is taken in one order whatever the threads.
 *
 * <p>On one core with AVX-512, 512 x 256 x 1024: plain loops 2, this 25 to 30 GMAC/s.
 */
public final class Gemm {
    private static final int LANES = F.length();
    private static final int MR = 4;
    private static final int NR = 2 * LANES;
    /** Depth of a panel: one of A (4 x 256) stays in the first cache, one of B (256 x 32) in the second. */
    private static final int KC = 256;
    /** Rows of C that are one part for a thread. */
    private static final int MC = 32;

    private float[] packedB = {};
    private float[][] packedA = {};

    /**
     * A matrix in an array: element (i, j) is {@code data[at + i * rowStride + j * colStride]}.
     *
     * @param data the array
     * @param at the first element
     * @param rowStride from a row to the next
     * @param colStride from a column to the next
     */
    @SuppressWarnings("ArrayRecordComponent") // a view, never compared
    public record View(float[] data, int at, int rowStride, int colStride) {
        /** The rows of {@code cols} values that begin at {@code at}. */
        public static View rows(float[] data, int at, int cols) {
            return new View(data, at, cols, 1);
        }

        /** Rows become columns. */
        public View transposed() {
            return new View(data, at, colStride, rowStride);
        }
    }

    /**
     * {@code C = A B}, or {@code C += A B}.
     *
     * @param m rows of A and C
     * @param n columns of B and C
     * @param k columns of A, rows of B
     * @param c rows of {@code rowStride} from cAt
     * @param add whether C keeps what it has
     */
    public void multiply(
            int m, int n, int k, View a, View b, float[] c, int cAt, int rowStride, boolean add, Parallel parallel) {
        int panels = Math.ceilDiv(n, NR);
        int parts = Math.ceilDiv(m, MC);
        reserve(panels * NR * Math.min(k, KC), parts, MC * Math.min(k, KC));
        for (int k0 = 0; k0 < k; k0 += KC) {
            int from = k0;
            int depth = Math.min(KC, k - k0);
            boolean keep = add || k0 > 0;
            if (parts == 1) { // too small to share
                for (int j = 0; j < panels; j++) {
                    packB(b, from, depth, j, n);
                }
                rows(0, m, n, depth, from, a, c, cAt, rowStride, keep);
            } else {
                parallel.run(panels, j -> packB(b, from, depth, j, n));
                parallel.run(parts, part -> rows(part, m, n, depth, from, a, c, cAt, rowStride, keep));
            }
        }
    }

    private void reserve(int b, int parts, int a) {
        if (packedB.length < b) {
            packedB = new float[b];
        }
        if (packedA.length < parts || (parts > 0 && packedA[0].length < a)) {
            packedA = new float[Math.max(parts, packedA.length)]
                    [Math.max(a, packedA.length == 0 ? 0 : packedA[0].length)];
        }
    }

    /** Panel j of B: (depth, NR), columns beyond n as zeros. */
    private void packB(View b, int k0, int depth, int j, int n) {
        int at = j * NR * depth;
        int columns = Math.min(NR, n - j * NR);
        if (b.colStride() == 1) {
            for (int k = 0; k < depth; k++) {
                int from = b.at() + (k0 + k) * b.rowStride() + j * NR;
                System.arraycopy(b.data(), from, packedB, at + k * NR, columns);
            }
        } else {
            transpose(
                    b.data(),
                    b.at() + k0 * b.rowStride() + j * NR * b.colStride(),
                    b.rowStride(),
                    b.colStride(),
                    at,
                    depth,
                    columns);
        }
        for (int k = 0; k < depth && columns < NR; k++) {
            java.util.Arrays.fill(packedB, at + k * NR + columns, at + (k + 1) * NR, 0);
        }
    }

    private void transpose(float[] from, int at, int rowStride, int colStride, int to, int depth, int columns) {
        for (int c0 = 0; c0 < columns; c0 += 8) {
            int c1 = Math.min(columns, c0 + 8);
            for (int k = 0; k < depth; k++) {
                int source = at + k * rowStride + c0 * colStride;
                for (int c = c0; c < c1; c++) {
                    packedB[to + k * NR + c] = from[source];
                    source += colStride;
                }
            }
        }
    }

    /** Up to MC rows of C, all columns. */
    private void rows(
            int part, int m, int n, int depth, int k0, View a, float[] c, int cAt, int rowStride, boolean keep) {
        int first = part * MC;
        int count = Math.min(MC, m - first);
        float[] panel = packedA[part];
        packA(a, first, count, k0, depth, panel);
        float[] tile = new float[MR * NR];
        for (int j = 0; j < n; j += NR) {
            int bAt = j * depth;
            int columns = Math.min(NR, n - j);
            for (int i = 0; i < count; i += MR) {
                int rows = Math.min(MR, count - i);
                int to = cAt + (first + i) * rowStride + j;
                if (rows == MR && columns == NR) {
                    tile(depth, panel, i * depth, packedB, bAt, c, to, rowStride, keep);
                } else {
                    tile(depth, panel, i * depth, packedB, bAt, tile, 0, NR, false);
                    copy(tile, rows, columns, c, to, rowStride, keep);
                }
            }
        }
    }

    /** Panels of (depth, MR), rows beyond count as zeros. */
    private static void packA(View a, int first, int count, int k0, int depth, float[] panel) {
        for (int i = 0; i < count; i++) {
            int from = a.at() + (first + i) * a.rowStride() + k0 * a.colStride();
            int to = (i / MR) * MR * depth + i % MR;
            for (int k = 0; k < depth; k++) {
                panel[to + k * MR] = a.data()[from + k * a.colStride()];
            }
        }
        for (int i = count; i % MR != 0; i++) {
            int to = (i / MR) * MR * depth + i % MR;
            for (int k = 0; k < depth; k++) {
                panel[to + k * MR] = 0;
            }
        }
    }

    private static void copy(float[] tile, int rows, int columns, float[] c, int to, int rowStride, boolean keep) {
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < columns; j++) {
                int at = to + i * rowStride + j;
                c[at] = (keep ? c[at] : 0) + tile[i * NR + j];
            }
        }
    }

    private static void tile(
            int depth, float[] a, int aAt, float[] b, int bAt, float[] c, int cAt, int rowStride, boolean keep) {
        FloatVector zero = FloatVector.zero(F);
        FloatVector c00 = zero;
        FloatVector c01 = zero;
        FloatVector c10 = zero;
        FloatVector c11 = zero;
        FloatVector c20 = zero;
        FloatVector c21 = zero;
        FloatVector c30 = zero;
        FloatVector c31 = zero;
        int end = aAt + MR * depth;
        while (aAt < end) {
            FloatVector b0 = FloatVector.fromArray(F, b, bAt);
            FloatVector b1 = FloatVector.fromArray(F, b, bAt + LANES);
            FloatVector a0 = FloatVector.broadcast(F, a[aAt]);
            c00 = a0.fma(b0, c00);
            c01 = a0.fma(b1, c01);
            FloatVector a1 = FloatVector.broadcast(F, a[aAt + 1]);
            c10 = a1.fma(b0, c10);
            c11 = a1.fma(b1, c11);
            FloatVector a2 = FloatVector.broadcast(F, a[aAt + 2]);
            c20 = a2.fma(b0, c20);
            c21 = a2.fma(b1, c21);
            FloatVector a3 = FloatVector.broadcast(F, a[aAt + 3]);
            c30 = a3.fma(b0, c30);
            c31 = a3.fma(b1, c31);
            aAt += MR;
            bAt += NR;
        }
        store(c00, c01, c, cAt, keep);
        store(c10, c11, c, cAt + rowStride, keep);
        store(c20, c21, c, cAt + 2 * rowStride, keep);
        store(c30, c31, c, cAt + 3 * rowStride, keep);
    }

    private static void store(FloatVector low, FloatVector high, float[] c, int at, boolean keep) {
        FloatVector l = keep ? low.add(FloatVector.fromArray(F, c, at)) : low;
        FloatVector h = keep ? high.add(FloatVector.fromArray(F, c, at + LANES)) : high;
        l.intoArray(c, at);
        h.intoArray(c, at + LANES);
    }
}
