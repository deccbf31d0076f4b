package io.mambaaudio.models.cpu;

import static io.mambaaudio.models.cpu.VectorMath.F;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/** {@code y = W x}, four rows at a time, so that a vector of x is loaded once for the four. */
final class VectorMatVec {
    private static final int LANES = F.length();
    private static final VectorSpecies<Byte> BYTES =
            VectorSpecies.of(byte.class, VectorShape.forBitSize(Math.max(64, F.vectorBitSize() / 4)));
    private static final VectorSpecies<Short> SHORTS =
            VectorSpecies.of(short.class, VectorShape.forBitSize(Math.max(64, F.vectorBitSize() / 2)));
    private static final VectorSpecies<Integer> INTS = VectorSpecies.of(int.class, F.vectorShape());

    private VectorMatVec() {}

    static void multiply(Matrix w, float[] x, float[] y) {
        int r = 0;
        for (; r + 4 <= w.rows(); r += 4) {
            switch (w) {
                case Matrix.F32 m -> fourRows(m, r, x, y);
                case Matrix.Bf16 m -> fourRows(m, r, x, y);
                case Matrix.Int8 m -> fourRows(m, r, x, y);
            }
        }
        for (; r < w.rows(); r++) {
            switch (w) {
                case Matrix.F32 m -> y[r] = oneRow(m, r, x);
                case Matrix.Bf16 m -> y[r] = oneRow(m, r, x);
                case Matrix.Int8 m -> y[r] = oneRow(m, r, x);
            }
        }
    }

    private static void fourRows(Matrix.F32 m, int r, float[] x, float[] y) {
        float[] w = m.w();
        int n = m.cols();
        int a = r * n;
        int b = a + n;
        int c = b + n;
        int d = c + n;
        int bound = F.loopBound(n);
        FloatVector sumA = FloatVector.zero(F);
        FloatVector sumB = FloatVector.zero(F);
        FloatVector sumC = FloatVector.zero(F);
        FloatVector sumD = FloatVector.zero(F);
        for (int i = 0; i < bound; i += LANES) {
            FloatVector v = FloatVector.fromArray(F, x, i);
            sumA = v.fma(FloatVector.fromArray(F, w, a + i), sumA);
            sumB = v.fma(FloatVector.fromArray(F, w, b + i), sumB);
            sumC = v.fma(FloatVector.fromArray(F, w, c + i), sumC);
            sumD = v.fma(FloatVector.fromArray(F, w, d + i), sumD);
        }
        y[r] = sumA.reduceLanes(VectorOperators.ADD) + tail(w, a, x, bound, n);
        y[r + 1] = sumB.reduceLanes(VectorOperators.ADD) + tail(w, b, x, bound, n);
        y[r + 2] = sumC.reduceLanes(VectorOperators.ADD) + tail(w, c, x, bound, n);
        y[r + 3] = sumD.reduceLanes(VectorOperators.ADD) + tail(w, d, x, bound, n);
    }

    private static float oneRow(Matrix.F32 m, int r, float[] x) {
        int bound = F.loopBound(m.cols());
        int at = r * m.cols();
        FloatVector sum = FloatVector.zero(F);
        for (int i = 0; i < bound; i += LANES) {
            sum = FloatVector.fromArray(F, x, i).fma(FloatVector.fromArray(F, m.w(), at + i), sum);
        }
        return sum.reduceLanes(VectorOperators.ADD) + tail(m.w(), at, x, bound, m.cols());
    }

    private static float tail(float[] w, int at, float[] x, int from, int n) {
        float sum = 0;
        for (int i = from; i < n; i++) {
            sum += w[at + i] * x[i];
        }
        return sum;
    }

    private static void fourRows(Matrix.Bf16 m, int r, float[] x, float[] y) {
        short[] w = m.w();
        int n = m.cols();
        int a = r * n;
        int b = a + n;
        int c = b + n;
        int d = c + n;
        int bound = bound(n, SHORTS.length());
        FloatVector sumA = FloatVector.zero(F);
        FloatVector sumB = FloatVector.zero(F);
        FloatVector sumC = FloatVector.zero(F);
        FloatVector sumD = FloatVector.zero(F);
        for (int i = 0; i < bound; i += LANES) {
            FloatVector v = FloatVector.fromArray(F, x, i);
            sumA = v.fma(load(w, a + i), sumA);
            sumB = v.fma(load(w, b + i), sumB);
            sumC = v.fma(load(w, c + i), sumC);
            sumD = v.fma(load(w, d + i), sumD);
        }
        y[r] = sumA.reduceLanes(VectorOperators.ADD) + tail(w, a, x, bound, n);
        y[r + 1] = sumB.reduceLanes(VectorOperators.ADD) + tail(w, b, x, bound, n);
        y[r + 2] = sumC.reduceLanes(VectorOperators.ADD) + tail(w, c, x, bound, n);
        y[r + 3] = sumD.reduceLanes(VectorOperators.ADD) + tail(w, d, x, bound, n);
    }

    private static float oneRow(Matrix.Bf16 m, int r, float[] x) {
        int bound = bound(m.cols(), SHORTS.length());
        int at = r * m.cols();
        FloatVector sum = FloatVector.zero(F);
        for (int i = 0; i < bound; i += LANES) {
            sum = FloatVector.fromArray(F, x, i).fma(load(m.w(), at + i), sum);
        }
        return sum.reduceLanes(VectorOperators.ADD) + tail(m.w(), at, x, bound, m.cols());
    }

    /** The upper halves of floats become floats. */
    private static FloatVector load(short[] w, int at) {
        return ((IntVector) ShortVector.fromArray(SHORTS, w, at).castShape(INTS, 0))
                .lanewise(VectorOperators.LSHL, 16)
                .reinterpretAsFloats();
    }

    private static float tail(short[] w, int at, float[] x, int from, int n) {
        float sum = 0;
        for (int i = from; i < n; i++) {
            sum += Float.intBitsToFloat(w[at + i] << 16) * x[i];
        }
        return sum;
    }

    private static void fourRows(Matrix.Int8 m, int r, float[] x, float[] y) {
        byte[] q = m.q();
        int n = m.cols();
        int a = r * n;
        int b = a + n;
        int c = b + n;
        int d = c + n;
        int bound = bound(n, BYTES.length());
        FloatVector sumA = FloatVector.zero(F);
        FloatVector sumB = FloatVector.zero(F);
        FloatVector sumC = FloatVector.zero(F);
        FloatVector sumD = FloatVector.zero(F);
        for (int i = 0; i < bound; i += LANES) {
            FloatVector v = FloatVector.fromArray(F, x, i);
            sumA = v.fma(load(q, a + i), sumA);
            sumB = v.fma(load(q, b + i), sumB);
            sumC = v.fma(load(q, c + i), sumC);
            sumD = v.fma(load(q, d + i), sumD);
        }
        float[] scale = m.scale();
        y[r] = scale[r] * (sumA.reduceLanes(VectorOperators.ADD) + tail(q, a, x, bound, n));
        y[r + 1] = scale[r + 1] * (sumB.reduceLanes(VectorOperators.ADD) + tail(q, b, x, bound, n));
        y[r + 2] = scale[r + 2] * (sumC.reduceLanes(VectorOperators.ADD) + tail(q, c, x, bound, n));
        y[r + 3] = scale[r + 3] * (sumD.reduceLanes(VectorOperators.ADD) + tail(q, d, x, bound, n));
    }

    private static float oneRow(Matrix.Int8 m, int r, float[] x) {
        int bound = bound(m.cols(), BYTES.length());
        int at = r * m.cols();
        FloatVector sum = FloatVector.zero(F);
        for (int i = 0; i < bound; i += LANES) {
            sum = FloatVector.fromArray(F, x, i).fma(load(m.q(), at + i), sum);
        }
        return m.scale()[r] * (sum.reduceLanes(VectorOperators.ADD) + tail(m.q(), at, x, bound, m.cols()));
    }

    /** Signed bytes become floats. */
    private static FloatVector load(byte[] q, int at) {
        return (FloatVector) ByteVector.fromArray(BYTES, q, at).castShape(F, 0);
    }

    private static float tail(byte[] q, int at, float[] x, int from, int n) {
        float sum = 0;
        for (int i = from; i < n; i++) {
            sum += q[at + i] * x[i];
        }
        return sum;
    }

    /** Where whole vectors end, when a load takes {@code wide} elements although only the first LANES of them are used. */
    private static int bound(int n, int wide) {
        return n < wide ? 0 : Math.min(F.loopBound(n), (n - wide) / LANES * LANES + LANES);
    }
}
