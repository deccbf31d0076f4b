package io.mambaaudio.models.cpu;

import static io.mambaaudio.models.cpu.VectorMath.F;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/** What training does value by value or row by row, forwards and backwards. No state: any thread may call. */
public final class TrainingKernels {
    private static final int LANES = F.length();

    private TrainingKernels() {}

    private static VectorMask<Float> mask(int i, int n) {
        return F.indexInRange(i, n);
    }

    private static FloatVector sigmoid(FloatVector x) {
        return FloatVector.broadcast(F, 1f).div(VectorMath.exp(x.neg()).add(1f));
    }

    /** {@code silu'(x) = s (1 + x (1 - s))}, s the sigmoid. */
    private static FloatVector siluSlope(FloatVector x, FloatVector s) {
        return s.mul(x.fma(FloatVector.broadcast(F, 1f).sub(s), FloatVector.broadcast(F, 1f)));
    }

    /** {@code out = silu(in)}. */
    public static void silu(float[] in, int inAt, float[] out, int outAt, int n) {
        for (int i = 0; i < n; i += LANES) {
            VectorMask<Float> m = mask(i, n);
            VectorMath.silu(FloatVector.fromArray(F, in, inAt + i, m)).intoArray(out, outAt + i, m);
        }
    }

    /** {@code dIn = dOut silu'(in)}; dIn and dOut may be one array. */
    public static void siluBackward(float[] in, int inAt, float[] dOut, int dAt, float[] dIn, int dInAt, int n) {
        for (int i = 0; i < n; i += LANES) {
            VectorMask<Float> m = mask(i, n);
            FloatVector x = FloatVector.fromArray(F, in, inAt + i, m);
            FloatVector d = FloatVector.fromArray(F, dOut, dAt + i, m);
            d.mul(siluSlope(x, sigmoid(x))).intoArray(dIn, dInAt + i, m);
        }
    }

    /** {@code out = x Phi(x)}, Phi the normal distribution. */
    public static void gelu(float[] x, int at, float[] out, int outAt, int n) {
        for (int i = 0; i < n; i += LANES) {
            VectorMask<Float> m = mask(i, n);
            FloatVector v = FloatVector.fromArray(F, x, at + i, m);
            v.mul(VectorS4d.share(v)).intoArray(out, outAt + i, m);
        }
    }

    /** {@code d = d (Phi(x) + x phi(x))}. */
    public static void geluBackward(float[] x, int at, float[] d, int dAt, int n) {
        float density = (float) (1 / Math.sqrt(2 * Math.PI));
        for (int i = 0; i < n; i += LANES) {
            VectorMask<Float> m = mask(i, n);
            FloatVector v = FloatVector.fromArray(F, x, at + i, m);
            FloatVector phi = VectorMath.exp(v.mul(v).mul(-0.5f)).mul(density);
            FloatVector slope = v.fma(phi, VectorS4d.share(v));
            slope.mul(FloatVector.fromArray(F, d, dAt + i, m)).intoArray(d, dAt + i, m);
        }
    }

    /** A row of a gated linear unit, {@code out = a sigmoid(b)}, ab = a (n), b (n). */
    public static void glu(float[] ab, int at, float[] out, int outAt, int n) {
        for (int i = 0; i < n; i += LANES) {
            VectorMask<Float> m = mask(i, n);
            FloatVector gate = sigmoid(FloatVector.fromArray(F, ab, at + n + i, m));
            FloatVector.fromArray(F, ab, at + i, m).mul(gate).intoArray(out, outAt + i, m);
        }
    }

    /** The gradients of a and b (2 n) from that of {@code a sigmoid(b)}. */
    public static void gluBackward(float[] ab, int at, float[] dOut, int outAt, float[] dAb, int dAt, int n) {
        for (int i = 0; i < n; i += LANES) {
            VectorMask<Float> m = mask(i, n);
            FloatVector gate = sigmoid(FloatVector.fromArray(F, ab, at + n + i, m));
            FloatVector d = FloatVector.fromArray(F, dOut, outAt + i, m).mul(gate);
            d.intoArray(dAb, dAt + i, m);
            d.mul(FloatVector.fromArray(F, ab, at + i, m))
                    .mul(FloatVector.broadcast(F, 1f).sub(gate))
                    .intoArray(dAb, dAt + n + i, m);
        }
    }

    /** Scores become their softmax. */
    public static void softmax(float[] scores, int at, int n) {
        float scale = 1 / exponentials(scores, at, n, most(scores, at, n));
        for (int i = 0; i < n; i++) {
            scores[at + i] *= scale;
        }
    }

    private static float most(float[] values, int at, int n) {
        float most = Float.NEGATIVE_INFINITY;
        for (int i = 0; i < n; i++) {
            most = Math.max(most, values[at + i]);
        }
        return most;
    }

    /** Values become {@code exp(value - most)}; the answer is their sum. */
    private static float exponentials(float[] values, int at, int n, float most) {
        FloatVector sums = FloatVector.zero(F);
        for (int i = 0; i < n; i += LANES) {
            VectorMask<Float> m = mask(i, n);
            FloatVector e =
                    VectorMath.exp(FloatVector.fromArray(F, values, at + i, m).sub(most));
            e.intoArray(values, at + i, m);
            sums = sums.add(e.blend(0f, m.not()));
        }
        return VectorMath.sum(sums);
    }

    /** {@code y += a x}. */
    public static void addScaled(float a, float[] x, int xAt, float[] y, int yAt, int n) {
        for (int i = 0; i < n; i++) {
            y[yAt + i] += a * x[xAt + i];
        }
    }

    /** {@code out = y silu(z)}. */
    public static void gate(float[] y, int yAt, float[] z, int zAt, float[] out, int outAt, int n) {
        for (int i = 0; i < n; i += LANES) {
            VectorMask<Float> m = mask(i, n);
            FloatVector gate = VectorMath.silu(FloatVector.fromArray(F, z, zAt + i, m));
            gate.mul(FloatVector.fromArray(F, y, yAt + i, m)).intoArray(out, outAt + i, m);
        }
    }

    /** The gradients of y and z from that of {@code y silu(z)}; dy may be dOut. */
    public static void gateBackward(
            float[] y,
            int yAt,
            float[] z,
            int zAt,
            float[] dOut,
            int dAt,
            float[] dy,
            int dyAt,
            float[] dz,
            int dzAt,
            int n) {
        for (int i = 0; i < n; i += LANES) {
            VectorMask<Float> m = mask(i, n);
            FloatVector gate = FloatVector.fromArray(F, z, zAt + i, m);
            FloatVector s = sigmoid(gate);
            FloatVector d = FloatVector.fromArray(F, dOut, dAt + i, m);
            FloatVector value = FloatVector.fromArray(F, y, yAt + i, m);
            d.mul(gate.mul(s)).intoArray(dy, dyAt + i, m);
            d.mul(value).mul(siluSlope(gate, s)).intoArray(dz, dzAt + i, m);
        }
    }

    /** {@code out = clamp(softplus(in + bias), min, max)}; in and out may be one array. */
    public static void timeStep(
            float[] in, int inAt, float[] bias, float min, float max, float[] out, int outAt, int n) {
        for (int i = 0; i < n; i += LANES) {
            VectorMask<Float> m = mask(i, n);
            FloatVector v = FloatVector.fromArray(F, in, inAt + i, m).add(FloatVector.fromArray(F, bias, i, m));
            VectorMath.softplus(v).max(min).min(max).intoArray(out, outAt + i, m);
        }
    }

    /** {@code d = d (1 - e^-dt)}, the slope of the softplus that gave dt; 0 where dt was clamped. */
    public static void timeStepBackward(float[] dt, int dtAt, float min, float max, float[] d, int dAt, int n) {
        for (int i = 0; i < n; i += LANES) {
            VectorMask<Float> m = mask(i, n);
            FloatVector step = FloatVector.fromArray(F, dt, dtAt + i, m);
            FloatVector slope = FloatVector.broadcast(F, 1f).sub(VectorMath.exp(step.neg()));
            VectorMask<Float> clamped = step.compare(VectorOperators.LT, min)
                    .or(step.compare(VectorOperators.GE, max))
                    .or(min > 0 ? step.compare(VectorOperators.EQ, min) : mask(0, 0));
            FloatVector.fromArray(F, d, dAt + i, m)
                    .mul(slope.blend(0f, clamped))
                    .intoArray(d, dAt + i, m);
        }
    }

    /** The scale {@code 1 / sqrt(mean(x^2) + eps)} of a row. */
    public static float rms(float[] x, int at, int n, float eps) {
        return (float) (1 / Math.sqrt(dot(x, at, x, at, n) / n + eps));
    }

    /** The sum of products. */
    public static float dot(float[] x, int xAt, float[] y, int yAt, int n) {
        FloatVector sum = FloatVector.zero(F);
        for (int i = 0; i < n; i += LANES) {
            VectorMask<Float> m = mask(i, n);
            sum = FloatVector.fromArray(F, x, xAt + i, m).fma(FloatVector.fromArray(F, y, yAt + i, m), sum);
        }
        return VectorMath.sum(sum);
    }

    /** {@code y = weight * x * scale}, a row of RMSNorm. */
    public static void normalise(float[] x, int xAt, float scale, float[] weight, float[] y, int yAt, int n) {
        for (int i = 0; i < n; i++) {
            y[yAt + i] = weight[i] * (x[xAt + i] * scale);
        }
    }

    /**
     * A row of RMSNorm backwards: {@code dx = s (w dy - x s^2 mean(w dy x))}.
     *
     * @param add whether dx keeps what it has
     */
    public static void normaliseBackward(
            float[] x,
            int xAt,
            float scale,
            float[] weight,
            float[] dy,
            int dyAt,
            float[] dx,
            int dxAt,
            int n,
            boolean add) {
        FloatVector sum = FloatVector.zero(F);
        for (int i = 0; i < n; i += LANES) {
            VectorMask<Float> m = mask(i, n);
            FloatVector wx = FloatVector.fromArray(F, weight, i, m).mul(FloatVector.fromArray(F, x, xAt + i, m));
            sum = wx.fma(FloatVector.fromArray(F, dy, dyAt + i, m), sum);
        }
        float shared = VectorMath.sum(sum) * scale * scale / n;
        for (int i = 0; i < n; i++) {
            float d = scale * (weight[i] * dy[dyAt + i] - x[xAt + i] * shared);
            dx[dxAt + i] = add ? dx[dxAt + i] + d : d;
        }
    }

    /**
     * A row of logits becomes the gradient of its cross-entropy, {@code scale (softmax - one at target)}.
     *
     * @return the cross-entropy in nats
     */
    public static double crossEntropy(float[] logits, int at, int n, int target, float scale) {
        float most = most(logits, at, n);
        float chosen = logits[at + target] - most;
        float sum = exponentials(logits, at, n, most);
        float factor = scale / sum;
        for (int i = 0; i < n; i++) {
            logits[at + i] *= factor;
        }
        logits[at + target] -= scale;
        return Math.log(sum) - chosen;
    }
}
