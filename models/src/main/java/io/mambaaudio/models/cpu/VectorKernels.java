package io.mambaaudio.models.cpu;

import static io.mambaaudio.models.cpu.VectorMath.F;

import jdk.incubator.vector.FloatVector;

/** The kernels with the Vector API, compared with {@link ScalarKernels} by the tests. Tails that do not fill a vector run as plain loops. */
public final class VectorKernels implements Kernels {
    private static final int LANES = F.length();

    private final ScalarKernels scalar = new ScalarKernels();

    /** Bits in one vector of this machine. */
    public static int laneBits() {
        return F.vectorBitSize();
    }

    @Override
    public void matVec(Matrix w, float[] bias, float[] x, float[] y) {
        VectorMatVec.multiply(w, x, y);
        if (bias.length > 0) {
            add(y, bias, bias.length);
        }
    }

    @Override
    public void rmsNorm(float[] x, float[] weight, float eps, float[] y) {
        int n = weight.length;
        int bound = F.loopBound(n);
        FloatVector acc = FloatVector.zero(F);
        for (int i = 0; i < bound; i += LANES) {
            FloatVector v = FloatVector.fromArray(F, x, i);
            acc = v.fma(v, acc);
        }
        float squares = VectorMath.sum(acc);
        for (int i = bound; i < n; i++) {
            squares += x[i] * x[i];
        }
        float scale = (float) (1 / Math.sqrt(squares / n + eps));
        for (int i = 0; i < bound; i += LANES) {
            FloatVector.fromArray(F, x, i)
                    .mul(scale)
                    .mul(FloatVector.fromArray(F, weight, i))
                    .intoArray(y, i);
        }
        for (int i = bound; i < n; i++) {
            y[i] = weight[i] * (x[i] * scale);
        }
    }

    @Override
    public void gate(float[] y, float[] z, int zAt, int n) {
        int bound = F.loopBound(n);
        for (int i = 0; i < bound; i += LANES) {
            FloatVector gate = VectorMath.silu(FloatVector.fromArray(F, z, zAt + i));
            FloatVector.fromArray(F, y, i).mul(gate).intoArray(y, i);
        }
        for (int i = bound; i < n; i++) {
            y[i] *= ScalarKernels.silu(z[zAt + i]);
        }
    }

    @Override
    public void add(float[] x, float[] y, int n) {
        scalar.add(x, y, n); // the compiler vectorises this loop by itself
    }

    @Override
    public void conv(
            float[] weight, float[] bias, int channels, float[] in, int inAt, float[] state, int stateAt, float[] out) {
        int before = weight.length / channels - 1;
        int bound = F.loopBound(channels);
        for (int c = 0; c < bound; c += LANES) {
            FloatVector sum = bias.length == 0 ? FloatVector.zero(F) : FloatVector.fromArray(F, bias, c);
            for (int k = 0; k < before; k++) {
                FloatVector tap = FloatVector.fromArray(F, weight, k * channels + c);
                sum = tap.fma(FloatVector.fromArray(F, state, stateAt + k * channels + c), sum);
            }
            FloatVector tap = FloatVector.fromArray(F, weight, before * channels + c);
            sum = tap.fma(FloatVector.fromArray(F, in, inAt + c), sum);
            VectorMath.silu(sum).intoArray(out, c);
        }
        for (int c = bound; c < channels; c++) {
            float sum = bias.length == 0 ? 0 : bias[c];
            for (int k = 0; k < before; k++) {
                sum += weight[k * channels + c] * state[stateAt + k * channels + c];
            }
            out[c] = ScalarKernels.silu(sum + weight[before * channels + c] * in[inAt + c]);
        }
        ScalarKernels.moveOn(before, channels, in, inAt, state, stateAt);
    }

    @Override
    public void timeStep(float[] in, int inAt, float[] bias, float min, float max, float[] out, int n) {
        int bound = F.loopBound(n);
        for (int i = 0; i < bound; i += LANES) {
            FloatVector v = FloatVector.fromArray(F, in, inAt + i);
            v = bias.length == 0 ? v : v.add(FloatVector.fromArray(F, bias, i));
            VectorMath.softplus(v).max(min).min(max).intoArray(out, i);
        }
        for (int i = bound; i < n; i++) {
            float dt = ScalarKernels.softplus(in[inAt + i] + (bias.length == 0 ? 0 : bias[i]));
            out[i] = Math.min(Math.max(dt, min), max);
        }
    }

    @Override
    public void selective(
            float[] a,
            float[] d,
            float[] dt,
            float[] x,
            float[] bc,
            int bAt,
            int cAt,
            int dState,
            float[] h,
            int hAt,
            float[] y) {
        int channels = d.length;
        int bound = F.loopBound(channels);
        for (int c = 0; c < bound; c += LANES) {
            FloatVector step = FloatVector.fromArray(F, dt, c);
            FloatVector input = FloatVector.fromArray(F, x, c);
            FloatVector dtx = step.mul(input);
            FloatVector sum = input.mul(FloatVector.fromArray(F, d, c));
            for (int n = 0; n < dState; n++) {
                int i = n * channels + c;
                FloatVector decay = VectorMath.exp(step.mul(FloatVector.fromArray(F, a, i)));
                FloatVector next = FloatVector.fromArray(F, h, hAt + i).fma(decay, dtx.mul(bc[bAt + n]));
                next.intoArray(h, hAt + i);
                sum = next.fma(FloatVector.broadcast(F, bc[cAt + n]), sum);
            }
            sum.intoArray(y, c);
        }
        for (int c = bound; c < channels; c++) {
            float sum = 0;
            for (int n = 0; n < dState; n++) {
                int i = n * channels + c;
                h[hAt + i] = (float) Math.exp(dt[c] * a[i]) * h[hAt + i] + dt[c] * bc[bAt + n] * x[c];
                sum += bc[cAt + n] * h[hAt + i];
            }
            y[c] = sum + d[c] * x[c];
        }
    }

    @Override
    public void dual(
            float decay,
            float dt,
            float d,
            float[] xBC,
            int xAt,
            int bAt,
            int cAt,
            int dState,
            int headDim,
            float[] h,
            int hAt,
            float[] y) {
        int bound = F.loopBound(headDim);
        for (int p = 0; p < bound; p += LANES) {
            FloatVector x = FloatVector.fromArray(F, xBC, xAt + p);
            FloatVector dtx = x.mul(dt);
            FloatVector sum = x.mul(d);
            for (int n = 0; n < dState; n++) {
                int i = hAt + n * headDim + p;
                FloatVector next =
                        FloatVector.fromArray(F, h, i).fma(FloatVector.broadcast(F, decay), dtx.mul(xBC[bAt + n]));
                next.intoArray(h, i);
                sum = next.fma(FloatVector.broadcast(F, xBC[cAt + n]), sum);
            }
            sum.intoArray(y, xAt + p);
        }
        for (int p = bound; p < headDim; p++) {
            float x = xBC[xAt + p];
            float sum = 0;
            for (int n = 0; n < dState; n++) {
                int i = hAt + n * headDim + p;
                h[i] = decay * h[i] + dt * x * xBC[bAt + n];
                sum += xBC[cAt + n] * h[i];
            }
            y[xAt + p] = sum + d * x;
        }
    }
}
