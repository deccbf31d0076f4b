package io.mambaaudio.models.cpu;

import static io.mambaaudio.models.cpu.VectorMath.F;

import jdk.incubator.vector.FloatVector;

/**
 * {@code y = W x} for several x at once, each bit for bit as {@link VectorMatVec} computes it alone: the same products summed in the same
 * order. Four rows of W become floats once for all x, and meet four x at a time in 16 sums that stay in registers.
 *
 * <p>Measured on one core (AMD EPYC, 512-bit, shared with others, best of many), 512 x 512 and 32 x, in GMAC/s of the 137 that the core can do:
 * one by one int8 60, f32 29; together int8 78, f32 80. Tiles of 4 x 4 in a loop of their own 118, 6 x 4 128, 4 x 5 123, 2 x 8 97, 2 x 4 74.
 * With two sums for every row and x, kept apart in two passes, 58; with a sum across lanes for every four instead of 16, 52.
 * With vectors of 256 bits and 16 registers (-XX:UseAVX=2) int8 has 30 one by one and 33 together.
 */
final class VectorMatMul {
    private static final int LANES = F.length();
    /** Rows of W, and as many x. */
    private static final int TILE = 4;

    private VectorMatMul() {}

    /** How many of so many x are better taken together: int8 is small, and one by one nearly as fast as the core can multiply. */
    static int rowsTogether(Matrix w, int rows) {
        if (w instanceof Matrix.Int8) {
            return rows < 3 * TILE ? 0 : rows / TILE * TILE;
        }
        return rows < 2 ? 0 : rows;
    }

    /** Floats: the rows of W, then the sums. */
    static int panelSize(int cols) {
        return TILE * cols + VectorMatVec.SUMS_SIZE;
    }

    static void multiply(Matrix w, float[] x, int xAt, int xLength, float[] y, int yAt, int rows, float[] panel) {
        if (rows == 0) {
            return;
        }
        int outs = w.rows();
        int done = outs / TILE * TILE;
        for (int r = 0; r < done; r += TILE) {
            VectorMatVec.unpack(w, r, r + TILE, panel); // floats, too: a copy in order fetches faster than four sums do
            panel(w.cols(), VectorMatVec.bound(w), x, xAt, xLength, y, yAt + r, outs, rows, panel);
        }
        for (int row = 0; row < rows; row++) {
            for (int r = done; r < outs; r++) {
                y[yAt + row * outs + r] = VectorMatVec.dot(w, r, x, xAt + row * xLength);
            }
            VectorMatVec.finish(w, x, xAt + row * xLength, y, yAt + row * outs);
        }
    }

    /** Four rows of W, those in the panel, with all x. Where fewer than four x are left, the last one is taken several times. */
    private static void panel(
            int n,
            int bound,
            float[] x,
            int xAt,
            int xLength,
            float[] y,
            int yAt,
            int yLength,
            int rows,
            float[] panel) {
        int sums = TILE * n;
        for (int row = 0; row < rows; row += TILE) {
            int last = rows - 1;
            int x0 = xAt + row * xLength;
            int x1 = xAt + Math.min(row + 1, last) * xLength;
            int x2 = xAt + Math.min(row + 2, last) * xLength;
            int x3 = xAt + Math.min(row + 3, last) * xLength;
            tile(panel, n, bound, x, x0, x1, x2, x3);
            VectorMath.sumOf16(panel, sums);
            for (int k = 0; k < TILE; k++) {
                System.arraycopy(panel, sums + k * TILE, y, yAt + Math.min(row + k, last) * yLength, TILE);
            }
        }
    }

    /** Sixteen sums of vectors, four for each x, behind the four rows of the panel. */
    private static void tile(float[] w, int n, int bound, float[] x, int x0, int x1, int x2, int x3) {
        int b = n;
        int c = 2 * n;
        int d = 3 * n;
        int to = TILE * n;
        FloatVector a0 = FloatVector.zero(F);
        FloatVector b0 = FloatVector.zero(F);
        FloatVector c0 = FloatVector.zero(F);
        FloatVector d0 = FloatVector.zero(F);
        FloatVector a1 = FloatVector.zero(F);
        FloatVector b1 = FloatVector.zero(F);
        FloatVector c1 = FloatVector.zero(F);
        FloatVector d1 = FloatVector.zero(F);
        FloatVector a2 = FloatVector.zero(F);
        FloatVector b2 = FloatVector.zero(F);
        FloatVector c2 = FloatVector.zero(F);
        FloatVector d2 = FloatVector.zero(F);
        FloatVector a3 = FloatVector.zero(F);
        FloatVector b3 = FloatVector.zero(F);
        FloatVector c3 = FloatVector.zero(F);
        FloatVector d3 = FloatVector.zero(F);
        for (int i = 0; i < bound; i += LANES) {
            FloatVector wa = FloatVector.fromArray(F, w, i);
            FloatVector wb = FloatVector.fromArray(F, w, b + i);
            FloatVector wc = FloatVector.fromArray(F, w, c + i);
            FloatVector wd = FloatVector.fromArray(F, w, d + i);
            FloatVector v = FloatVector.fromArray(F, x, x0 + i);
            a0 = v.fma(wa, a0);
            b0 = v.fma(wb, b0);
            c0 = v.fma(wc, c0);
            d0 = v.fma(wd, d0);
            v = FloatVector.fromArray(F, x, x1 + i);
            a1 = v.fma(wa, a1);
            b1 = v.fma(wb, b1);
            c1 = v.fma(wc, c1);
            d1 = v.fma(wd, d1);
            v = FloatVector.fromArray(F, x, x2 + i);
            a2 = v.fma(wa, a2);
            b2 = v.fma(wb, b2);
            c2 = v.fma(wc, c2);
            d2 = v.fma(wd, d2);
            v = FloatVector.fromArray(F, x, x3 + i);
            a3 = v.fma(wa, a3);
            b3 = v.fma(wb, b3);
            c3 = v.fma(wc, c3);
            d3 = v.fma(wd, d3);
        }
        a0.intoArray(w, to);
        b0.intoArray(w, to + LANES);
        c0.intoArray(w, to + 2 * LANES);
        d0.intoArray(w, to + 3 * LANES);
        a1.intoArray(w, to + 4 * LANES);
        b1.intoArray(w, to + 5 * LANES);
        c1.intoArray(w, to + 6 * LANES);
        d1.intoArray(w, to + 7 * LANES);
        a2.intoArray(w, to + 8 * LANES);
        b2.intoArray(w, to + 9 * LANES);
        c2.intoArray(w, to + 10 * LANES);
        d2.intoArray(w, to + 11 * LANES);
        a3.intoArray(w, to + 12 * LANES);
        b3.intoArray(w, to + 13 * LANES);
        c3.intoArray(w, to + 14 * LANES);
        d3.intoArray(w, to + 15 * LANES);
    }
}
