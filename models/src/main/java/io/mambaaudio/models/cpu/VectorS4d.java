package io.mambaaudio.models.cpu;

import static io.mambaaudio.models.cpu.VectorMath.F;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/** What only S4D needs, with the Vector API: see {@link Kernels}. */
final class VectorS4d {
    private static final int LANES = F.length();
    /** Steps that a state stays in registers for; their inputs and outputs, a row apart each, must not drive each other out of the cache. */
    private static final int TILE = 8;

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
            for (int t = from; t < to; t += TILE) {
                int end = Math.min(to, t + TILE);
                skip(d, u, y, c, t, end);
                for (int i = c, re = hAt + c; i < aRe.length; i += channels, re += 2 * channels) {
                    state(aRe, aIm, cRe, cIm, i, channels, u, h, re, y, c, t, end);
                }
            }
        }
        ScalarS4d.diagonal(aRe, aIm, cRe, cIm, d, u, h, hAt, y, from, to, bound);
    }

    private static void skip(float[] d, float[] u, float[] y, int c, int from, int to) {
        FloatVector skip = FloatVector.fromArray(F, d, c);
        for (int at = from * d.length + c; at < to * d.length; at += d.length) {
            FloatVector.fromArray(F, u, at).mul(skip).intoArray(y, at);
        }
    }

    /** One state of a vector of channels through some steps. */
    private static void state(
            float[] aRe,
            float[] aIm,
            float[] cRe,
            float[] cIm,
            int i,
            int channels,
            float[] u,
            float[] h,
            int re,
            float[] y,
            int c,
            int from,
            int to) {
        FloatVector a = FloatVector.fromArray(F, aRe, i);
        FloatVector b = FloatVector.fromArray(F, aIm, i);
        FloatVector outRe = FloatVector.fromArray(F, cRe, i);
        FloatVector outIm = FloatVector.fromArray(F, cIm, i).neg();
        FloatVector hRe = FloatVector.fromArray(F, h, re);
        FloatVector hIm = FloatVector.fromArray(F, h, re + channels);
        for (int at = from * channels + c; at < to * channels; at += channels) {
            FloatVector nextRe = a.fma(hRe, FloatVector.fromArray(F, u, at).sub(b.mul(hIm)));
            hIm = a.fma(hIm, b.mul(hRe));
            hRe = nextRe;
            outIm.fma(hIm, outRe.fma(hRe, FloatVector.fromArray(F, y, at))).intoArray(y, at);
        }
        hRe.intoArray(h, re);
        hIm.intoArray(h, re + channels);
    }

    /** As {@link ScalarS4d#gelu}. */
    static void gelu(float[] y, int at, int n) {
        int bound = F.loopBound(n);
        for (int i = 0; i < bound; i += LANES) {
            FloatVector x = FloatVector.fromArray(F, y, at + i);
            x.mul(share(x)).intoArray(y, at + i);
        }
        for (int i = bound; i < n; i++) {
            y[at + i] = ScalarS4d.gelu(y[at + i]);
        }
    }

    /** The normal distribution's share below x. */
    static FloatVector share(FloatVector x) {
        FloatVector z = x.abs().mul(SQRT_HALF);
        FloatVector t = FloatVector.broadcast(F, 1f).div(z.mul(0.3275911f).add(1f));
        FloatVector p = FloatVector.broadcast(F, 1.0614054f);
        p = p.fma(t, FloatVector.broadcast(F, -1.4531521f));
        p = p.fma(t, FloatVector.broadcast(F, 1.4214138f));
        p = p.fma(t, FloatVector.broadcast(F, -0.28449672f));
        p = p.fma(t, FloatVector.broadcast(F, 0.2548296f));
        FloatVector tail = p.mul(t).mul(0.5f).mul(VectorMath.exp(z.mul(z).neg()));
        return tail.neg().add(1f).blend(tail, x.compare(VectorOperators.LT, 0f));
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
