package io.mambaaudio.models.cpu;

import static io.mambaaudio.models.cpu.VectorMath.F;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/** What only S4D needs, with the Vector API: see {@link Kernels}. */
final class VectorS4d {
    private static final int LANES = F.length();
    private static final float SQRT_HALF = (float) Math.sqrt(0.5);

    private VectorS4d() {}

    static void diagonal(
            float[] aRe,
            float[] aIm,
            float[] cRe,
            float[] cIm,
            float[] d,
            float[] u,
            float[] h,
            int hAt,
            float[] y,
            int from,
            int to) {
        int channels = d.length;
        int bound = F.loopBound(channels);
        for (int c = 0; c < bound; c += LANES) {
            FloatVector skip = FloatVector.fromArray(F, d, c);
            for (int t = from; t < to; t++) {
                FloatVector in = FloatVector.fromArray(F, u, t * channels + c);
                FloatVector sum = in.mul(skip);
                for (int i = c, re = hAt + c; i < aRe.length; i += channels, re += 2 * channels) {
                    FloatVector hRe = FloatVector.fromArray(F, h, re);
                    FloatVector hIm = FloatVector.fromArray(F, h, re + channels);
                    FloatVector a = FloatVector.fromArray(F, aRe, i);
                    FloatVector b = FloatVector.fromArray(F, aIm, i);
                    FloatVector nextRe = a.fma(hRe, in.sub(b.mul(hIm)));
                    FloatVector nextIm = a.fma(hIm, b.mul(hRe));
                    nextRe.intoArray(h, re);
                    nextIm.intoArray(h, re + channels);
                    sum = nextRe.fma(FloatVector.fromArray(F, cRe, i), sum);
                    sum = nextIm.neg().fma(FloatVector.fromArray(F, cIm, i), sum);
                }
                sum.intoArray(y, t * channels + c);
            }
        }
        ScalarS4d.diagonal(aRe, aIm, cRe, cIm, d, u, h, hAt, y, from, to, bound);
    }

    /** As {@link ScalarS4d#gelu}. */
    static void gelu(float[] y, int at, int n) {
        int bound = F.loopBound(n);
        for (int i = 0; i < bound; i += LANES) {
            FloatVector x = FloatVector.fromArray(F, y, at + i);
            FloatVector z = x.abs().mul(SQRT_HALF);
            FloatVector t = FloatVector.broadcast(F, 1f).div(z.mul(0.3275911f).add(1f));
            FloatVector p = FloatVector.broadcast(F, 1.0614054f);
            p = p.fma(t, FloatVector.broadcast(F, -1.4531521f));
            p = p.fma(t, FloatVector.broadcast(F, 1.4214138f));
            p = p.fma(t, FloatVector.broadcast(F, -0.28449672f));
            p = p.fma(t, FloatVector.broadcast(F, 0.2548296f));
            FloatVector tail = p.mul(t).mul(0.5f).mul(VectorMath.exp(z.mul(z).neg()));
            FloatVector share = tail.neg().add(1f).blend(tail, x.compare(VectorOperators.LT, 0f));
            x.mul(share).intoArray(y, at + i);
        }
        for (int i = bound; i < n; i++) {
            y[at + i] = ScalarS4d.gelu(y[at + i]);
        }
    }

    static void glu(float[] ab, float[] y, int n, int rows) {
        int bound = F.loopBound(n);
        for (int row = 0; row < rows; row++) {
            int a = row * 2 * n;
            for (int i = 0; i < bound; i += LANES) {
                FloatVector gate = VectorMath.exp(
                                FloatVector.fromArray(F, ab, a + n + i).neg())
                        .add(1f);
                FloatVector.fromArray(F, ab, a + i).div(gate).intoArray(y, row * n + i);
            }
            for (int i = bound; i < n; i++) {
                y[row * n + i] = ab[a + i] * ScalarS4d.sigmoid(ab[a + n + i]);
            }
        }
    }
}
