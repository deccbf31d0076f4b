package io.mambaaudio.models.cpu;

import static io.mambaaudio.models.cpu.VectorMath.F;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@code y = W x}. Eight rows at a time, so that a vector of x is loaded once for the eight and no sum waits for the one before it. A row has
 * one sum of vectors, which {@link VectorMatMul} keeps to.
 *
 * <p>Measured on one core (AMD EPYC, 512-bit), 16.8 M products that do not fit the second-level cache: f32 2 rows x 2 sums 2.6 ms, 4 x 1
 * 2.2 ms, 4 x 2 1.8 ms, 8 x 1 2.1 ms; from a MemorySegment 2.4 ms. int8 4 x 1 0.33 ms, 4 x 2 0.30 ms, 8 x 1 0.29 ms; with the four rows in
 * a method of their own 0.41 ms; unpacking bytes with shifts 8 ms; panels of 64 rows stored column by column, which need no sum across lanes,
 * 0.23 ms (they need a second copy of the weights beside the one that the other backends read). 8 x 1 it is, because with two sums a row a
 * product with several x, bit for bit the same, takes 1.4 times as long; with vectors of 256 bits
 * 8 x 1 costs int8 a sixth more than 4 x 2. The three element types repeat one loop, because a seam inside of it
 * would cost more than it says.
 */
final class VectorMatVec {
    /** Floats of 16 vectors. */
    static final int SUMS_SIZE = 16 * F.length();

    private static final int LANES = F.length();
    private static final VectorSpecies<Integer> INTS = VectorSpecies.of(int.class, F.vectorShape());
    /** As many elements as F has, or the fewest that make a vector. */
    private static final VectorSpecies<Short> SHORTS = narrow(short.class, Short.SIZE);

    private static final VectorSpecies<Byte> BYTES = narrow(byte.class, Byte.SIZE);

    private VectorMatVec() {}

    private static <E> VectorSpecies<E> narrow(Class<E> type, int bits) {
        return VectorSpecies.of(type, VectorShape.forBitSize(Math.max(64, LANES * bits)));
    }

    /** {@code sums} (SUMS_SIZE) or longer, overwritten. */
    static void multiply(Matrix w, float[] x, int xAt, float[] y, int yAt, float[] sums) {
        int rows = w.rows() / 8 * 8;
        for (int r = 0; r < rows; r += 16) {
            eight(w, r, x, xAt, sums, 0);
            int n = Math.min(rows - r, 16);
            if (n > 8) {
                eight(w, r + 8, x, xAt, sums, 8 * LANES);
            }
            VectorMath.sumOf16(sums, 0);
            System.arraycopy(sums, 0, y, yAt + r, n);
        }
        for (int r = rows; r < w.rows(); r++) {
            y[yAt + r] = dot(w, r, x, xAt);
        }
        finish(w, x, xAt, y, yAt);
    }

    /** The sums of eight rows, vectors still, to {@code sums[to]} and on. */
    private static void eight(Matrix w, int r, float[] x, int xAt, float[] sums, int to) {
        int n = w.cols();
        switch (w) {
            case Matrix.F32 m -> eight(m.w(), r * n, n, bound(w), x, xAt, sums, to);
            case Matrix.Bf16 m -> eight(m.w(), r * n, n, bound(w), x, xAt, sums, to);
            case Matrix.Int8 m -> eight(m.q(), r * n, n, bound(w), x, xAt, sums, to);
        }
    }

    /** Columns of a matrix that are summed in vectors; the others one by one. A load of narrow elements may take more than LANES. */
    static int bound(Matrix w) {
        int loaded =
                switch (w) {
                    case Matrix.F32 m -> LANES;
                    case Matrix.Bf16 m -> SHORTS.length();
                    case Matrix.Int8 m -> BYTES.length();
                };
        return Math.max(0, w.cols() - (loaded - LANES)) / LANES * LANES;
    }

    /** The vectors of one row. */
    static float dot(Matrix w, int r, float[] x, int xAt) {
        int at = r * w.cols();
        int bound = bound(w);
        return switch (w) {
            case Matrix.F32 m -> dot(m.w(), at, bound, x, xAt);
            case Matrix.Bf16 m -> dot(m.w(), at, bound, x, xAt);
            case Matrix.Int8 m -> dot(m.q(), at, bound, x, xAt);
        };
    }

    /** What remains when the vectors are summed: the other columns, the scales. */
    static void finish(Matrix w, float[] x, int xAt, float[] y, int yAt) {
        int bound = bound(w);
        switch (w) {
            case Matrix.F32 m -> rest(m.w(), m.rows(), m.cols(), bound, x, xAt, y, yAt);
            case Matrix.Bf16 m -> rest(m.w(), m.rows(), m.cols(), bound, x, xAt, y, yAt);
            case Matrix.Int8 m -> {
                rest(m.q(), m.rows(), m.cols(), bound, x, xAt, y, yAt);
                for (int r = 0; r < m.rows(); r++) {
                    y[yAt + r] *= m.scale()[r];
                }
            }
        }
    }

    private static void eight(float[] w, int first, int n, int bound, float[] x, int xAt, float[] sums, int to) {
        int at = first;
        FloatVector a = FloatVector.zero(F);
        FloatVector b = FloatVector.zero(F);
        FloatVector c = FloatVector.zero(F);
        FloatVector d = FloatVector.zero(F);
        FloatVector e = FloatVector.zero(F);
        FloatVector f = FloatVector.zero(F);
        FloatVector g = FloatVector.zero(F);
        FloatVector h = FloatVector.zero(F);
        for (int i = 0; i < bound; i += LANES, at += LANES) {
            FloatVector v = FloatVector.fromArray(F, x, xAt + i);
            a = v.fma(FloatVector.fromArray(F, w, at), a);
            b = v.fma(FloatVector.fromArray(F, w, at + n), b);
            c = v.fma(FloatVector.fromArray(F, w, at + 2 * n), c);
            d = v.fma(FloatVector.fromArray(F, w, at + 3 * n), d);
            e = v.fma(FloatVector.fromArray(F, w, at + 4 * n), e);
            f = v.fma(FloatVector.fromArray(F, w, at + 5 * n), f);
            g = v.fma(FloatVector.fromArray(F, w, at + 6 * n), g);
            h = v.fma(FloatVector.fromArray(F, w, at + 7 * n), h);
        }
        a.intoArray(sums, to);
        b.intoArray(sums, to + LANES);
        c.intoArray(sums, to + 2 * LANES);
        d.intoArray(sums, to + 3 * LANES);
        e.intoArray(sums, to + 4 * LANES);
        f.intoArray(sums, to + 5 * LANES);
        g.intoArray(sums, to + 6 * LANES);
        h.intoArray(sums, to + 7 * LANES);
    }

    private static float dot(float[] w, int at, int bound, float[] x, int xAt) {
        FloatVector sum = FloatVector.zero(F);
        for (int i = 0; i < bound; i += LANES) {
            sum = FloatVector.fromArray(F, x, xAt + i).fma(FloatVector.fromArray(F, w, at + i), sum);
        }
        return VectorMath.sum(sum);
    }

    /** The columns from bound on. */
    private static void rest(float[] w, int rows, int n, int bound, float[] x, int xAt, float[] y, int yAt) {
        for (int r = 0; r < rows && bound < n; r++) {
            float sum = y[yAt + r];
            for (int i = bound; i < n; i++) {
                sum += w[r * n + i] * x[xAt + i];
            }
            y[yAt + r] = sum;
        }
    }

    private static void eight(short[] w, int first, int n, int bound, float[] x, int xAt, float[] sums, int to) {
        int at = first;
        FloatVector a = FloatVector.zero(F);
        FloatVector b = FloatVector.zero(F);
        FloatVector c = FloatVector.zero(F);
        FloatVector d = FloatVector.zero(F);
        FloatVector e = FloatVector.zero(F);
        FloatVector f = FloatVector.zero(F);
        FloatVector g = FloatVector.zero(F);
        FloatVector h = FloatVector.zero(F);
        for (int i = 0; i < bound; i += LANES, at += LANES) {
            FloatVector v = FloatVector.fromArray(F, x, xAt + i);
            a = v.fma(load(w, at), a);
            b = v.fma(load(w, at + n), b);
            c = v.fma(load(w, at + 2 * n), c);
            d = v.fma(load(w, at + 3 * n), d);
            e = v.fma(load(w, at + 4 * n), e);
            f = v.fma(load(w, at + 5 * n), f);
            g = v.fma(load(w, at + 6 * n), g);
            h = v.fma(load(w, at + 7 * n), h);
        }
        a.intoArray(sums, to);
        b.intoArray(sums, to + LANES);
        c.intoArray(sums, to + 2 * LANES);
        d.intoArray(sums, to + 3 * LANES);
        e.intoArray(sums, to + 4 * LANES);
        f.intoArray(sums, to + 5 * LANES);
        g.intoArray(sums, to + 6 * LANES);
        h.intoArray(sums, to + 7 * LANES);
    }

    private static float dot(short[] w, int at, int bound, float[] x, int xAt) {
        FloatVector sum = FloatVector.zero(F);
        for (int i = 0; i < bound; i += LANES) {
            sum = FloatVector.fromArray(F, x, xAt + i).fma(load(w, at + i), sum);
        }
        return VectorMath.sum(sum);
    }

    /** The columns from bound on. */
    private static void rest(short[] w, int rows, int n, int bound, float[] x, int xAt, float[] y, int yAt) {
        for (int r = 0; r < rows && bound < n; r++) {
            float sum = y[yAt + r];
            for (int i = bound; i < n; i++) {
                sum += Float.intBitsToFloat(w[r * n + i] << 16) * x[xAt + i];
            }
            y[yAt + r] = sum;
        }
    }

    /** The upper halves of floats become floats. */
    private static FloatVector load(short[] w, int at) {
        return ((IntVector) ShortVector.fromArray(SHORTS, w, at).castShape(INTS, 0))
                .lanewise(VectorOperators.LSHL, 16)
                .reinterpretAsFloats();
    }

    private static void eight(byte[] w, int first, int n, int bound, float[] x, int xAt, float[] sums, int to) {
        int at = first;
        FloatVector a = FloatVector.zero(F);
        FloatVector b = FloatVector.zero(F);
        FloatVector c = FloatVector.zero(F);
        FloatVector d = FloatVector.zero(F);
        FloatVector e = FloatVector.zero(F);
        FloatVector f = FloatVector.zero(F);
        FloatVector g = FloatVector.zero(F);
        FloatVector h = FloatVector.zero(F);
        for (int i = 0; i < bound; i += LANES, at += LANES) {
            FloatVector v = FloatVector.fromArray(F, x, xAt + i);
            a = v.fma(load(w, at), a);
            b = v.fma(load(w, at + n), b);
            c = v.fma(load(w, at + 2 * n), c);
            d = v.fma(load(w, at + 3 * n), d);
            e = v.fma(load(w, at + 4 * n), e);
            f = v.fma(load(w, at + 5 * n), f);
            g = v.fma(load(w, at + 6 * n), g);
            h = v.fma(load(w, at + 7 * n), h);
        }
        a.intoArray(sums, to);
        b.intoArray(sums, to + LANES);
        c.intoArray(sums, to + 2 * LANES);
        d.intoArray(sums, to + 3 * LANES);
        e.intoArray(sums, to + 4 * LANES);
        f.intoArray(sums, to + 5 * LANES);
        g.intoArray(sums, to + 6 * LANES);
        h.intoArray(sums, to + 7 * LANES);
    }

    private static float dot(byte[] w, int at, int bound, float[] x, int xAt) {
        FloatVector sum = FloatVector.zero(F);
        for (int i = 0; i < bound; i += LANES) {
            sum = FloatVector.fromArray(F, x, xAt + i).fma(load(w, at + i), sum);
        }
        return VectorMath.sum(sum);
    }

    /** The columns from bound on. */
    private static void rest(byte[] w, int rows, int n, int bound, float[] x, int xAt, float[] y, int yAt) {
        for (int r = 0; r < rows && bound < n; r++) {
            float sum = y[yAt + r];
            for (int i = bound; i < n; i++) {
                sum += w[r * n + i] * x[xAt + i];
            }
            y[yAt + r] = sum;
        }
    }

    /** Signed bytes become floats. */
    private static FloatVector load(byte[] w, int at) {
        return (FloatVector) ByteVector.fromArray(BYTES, w, at).castShape(F, 0);
    }

    /** Rows as floats, without their scales: whole vectors of the columns, as many as are summed in vectors. Others are not written. */
    static void unpack(Matrix w, int from, int to, float[] out) {
        int n = w.cols();
        int bound = bound(w);
        for (int r = from; r < to; r++) {
            int at = (r - from) * n;
            switch (w) {
                case Matrix.F32 m -> System.arraycopy(m.w(), r * n, out, at, n);
                case Matrix.Bf16 m -> unpack(m.w(), r * n, bound, out, at);
                case Matrix.Int8 m -> unpack(m.q(), r * n, bound, out, at);
            }
        }
    }

    private static void unpack(short[] w, int from, int bound, float[] out, int at) {
        for (int i = 0; i < bound; i += LANES) {
            load(w, from + i).intoArray(out, at + i);
        }
    }

    private static void unpack(byte[] w, int from, int bound, float[] out, int at) {
        for (int i = 0; i < bound; i += LANES) {
            load(w, from + i).intoArray(out, at + i);
        }
    }
}
