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
    public int panelSize(int cols) {
        return VectorMatMul.panelSize(cols);
    }

    @Override
    public void matMul(
            Matrix w, float[] bias, float[] x, int xAt, int xLength, float[] y, int yAt, int rows, float[] panel) {
        int together = VectorMatMul.rowsTogether(w, rows);
        VectorMatMul.multiply(w, x, xAt, xLength, y, yAt, together, panel);
        for (int row = together; row < rows; row++) {
            VectorMatVec.multiply(w, x, xAt + row * xLength, y, yAt + row * w.rows(), panel);
        }
        int end = yAt + rows * bias.length;
        for (int at = yAt; at < end; at += bias.length) {
            for (int r = 0; r < bias.length; r++) {
                y[at + r] += bias[r];
            }
        }
    }

    @Override
    public void rmsNorm(float[] x, float[] weight, float eps, float[] y, int rows) {
        for (int row = 0; row < rows; row++) {
            rmsNorm(x, row * weight.length, weight, eps, y);
        }
    }

    private static void rmsNorm(float[] x, int at, float[] weight, float eps, float[] y) {
        int n = weight.length;
        int bound = F.loopBound(n);
        FloatVector acc = FloatVector.zero(F);
        for (int i = 0; i < bound; i += LANES) {
            FloatVector v = FloatVector.fromArray(F, x, at + i);
            acc = v.fma(v, acc);
        }
        float squares = VectorMath.sum(acc);
        for (int i = bound; i < n; i++) {
            squares += x[at + i] * x[at + i];
        }
        float scale = (float) (1 / Math.sqrt(squares / n + eps));
        for (int i = 0; i < bound; i += LANES) {
            FloatVector.fromArray(F, x, at + i)
                    .mul(scale)
                    .mul(FloatVector.fromArray(F, weight, i))
                    .intoArray(y, at + i);
        }
        for (int i = bound; i < n; i++) {
            y[at + i] = weight[i] * (x[at + i] * scale);
        }
    }

    @Override
    public void gate(float[] y, int n, float[] z, int zLength, int zAt, int rows) {
        int bound = F.loopBound(n);
        for (int row = 0; row < rows; row++) {
            int at = row * n;
            int from = row * zLength + zAt;
            for (int i = 0; i < bound; i += LANES) {
                FloatVector gate = VectorMath.silu(FloatVector.fromArray(F, z, from + i));
                FloatVector.fromArray(F, y, at + i).mul(gate).intoArray(y, at + i);
            }
            for (int i = bound; i < n; i++) {
                y[at + i] *= ScalarKernels.silu(z[from + i]);
            }
        }
    }

    @Override
    public void add(float[] x, float[] y, int n) {
        scalar.add(x, y, n); // the compiler vectorises this loop by itself
    }

    @Override
    public void conv(
            float[] weight,
            float[] bias,
            int channels,
            float[] in,
            int inAt,
            float[] state,
            int stateAt,
            float[] out,
            int outAt) {
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
            sum.intoArray(out, outAt + c);
        }
        VectorMath.silu(out, outAt, bound);
        for (int c = bound; c < channels; c++) {
            float sum = bias.length == 0 ? 0 : bias[c];
            for (int k = 0; k < before; k++) {
                sum += weight[k * channels + c] * state[stateAt + k * channels + c];
            }
            out[outAt + c] = ScalarKernels.silu(sum + weight[before * channels + c] * in[inAt + c]);
        }
        ScalarKernels.moveOn(before, channels, in, inAt, state, stateAt);
    }

    @Override
    public void timeStep(
            float[] in, int inLength, int inAt, float[] bias, float min, float max, float[] out, int n, int rows) {
        int bound = F.loopBound(n);
        for (int row = 0; row < rows; row++) {
            int from = row * inLength + inAt;
            int at = row * n;
            for (int i = 0; i < bound; i += LANES) {
                FloatVector v = FloatVector.fromArray(F, in, from + i);
                v = bias.length == 0 ? v : v.add(FloatVector.fromArray(F, bias, i));
                VectorMath.softplus(v).max(min).min(max).intoArray(out, at + i);
            }
            for (int i = bound; i < n; i++) {
                float dt = ScalarKernels.softplus(in[from + i] + (bias.length == 0 ? 0 : bias[i]));
                out[at + i] = Math.min(Math.max(dt, min), max);
            }
        }
    }

    @Override
    public void selective(
            float[] a,
            float[] d,
            float[] dt,
            float[] x,
            float[] dtBC,
            int dtRank,
            int dState,
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
                int bAt = t * (dtRank + 2 * dState) + dtRank;
                FloatVector step = FloatVector.fromArray(F, dt, t * channels + c);
                FloatVector input = FloatVector.fromArray(F, x, t * channels + c);
                FloatVector dtx = step.mul(input);
                FloatVector sum = input.mul(skip);
                for (int n = 0; n < dState; n++) {
                    int i = n * channels + c;
                    FloatVector decay = VectorMath.exp(step.mul(FloatVector.fromArray(F, a, i)));
                    FloatVector next = FloatVector.fromArray(F, h, hAt + i).fma(decay, dtx.mul(dtBC[bAt + n]));
                    next.intoArray(h, hAt + i);
                    sum = next.fma(FloatVector.broadcast(F, dtBC[bAt + dState + n]), sum);
                }
                sum.intoArray(y, t * channels + c);
            }
        }
        ScalarKernels.selective(a, d, dt, x, dtBC, dtRank, dState, h, hAt, y, from, to, bound);
    }

    @Override
    public void dual(
            Heads heads,
            float[] decay,
            float[] dt,
            float[] d,
            float[] xBC,
            float[] h,
            int hAt,
            float[] y,
            int from,
            int to) {
        int bound = F.loopBound(heads.headDim());
        for (int head = 0; head < heads.nHeads(); head++) {
            for (int p = 0; p < bound; p += LANES) {
                for (int t = from; t < to; t++) {
                    dual(heads, head, p, t, decay, dt, d, xBC, h, hAt, y);
                }
            }
            ScalarKernels.dual(heads, head, decay, dt, d, xBC, h, hAt, y, from, to, bound);
        }
    }

    /** One step of one vector of channels. */
    private static void dual(
            Heads heads,
            int head,
            int p,
            int t,
            float[] decay,
            float[] dt,
            float[] d,
            float[] xBC,
            float[] h,
            int hAt,
            float[] y) {
        int dState = heads.dState();
        int headDim = heads.headDim();
        int at = t * heads.convDim();
        int bAt = at + heads.bAt(head);
        int cAt = at + heads.cAt(head);
        int i = hAt + head * dState * headDim + p;
        FloatVector hold = FloatVector.broadcast(F, decay[t * heads.nHeads() + head]);
        FloatVector x = FloatVector.fromArray(F, xBC, at + head * headDim + p);
        FloatVector dtx = x.mul(dt[t * heads.nHeads() + head]);
        FloatVector sum = x.mul(d[head]);
        for (int n = 0; n < dState; n++, i += headDim) {
            FloatVector next = FloatVector.fromArray(F, h, i).fma(hold, dtx.mul(xBC[bAt + n]));
            next.intoArray(h, i);
            sum = next.fma(FloatVector.broadcast(F, xBC[cAt + n]), sum);
        }
        sum.intoArray(y, t * heads.dInner() + head * headDim + p);
    }

    @Override
    public void diagonal(
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
        VectorS4d.diagonal(aRe, aIm, cRe, cIm, d, u, h, hAt, y, from, to);
    }

    @Override
    public void gelu(float[] y, int n, int rows) {
        for (int row = 0; row < rows; row++) {
            VectorS4d.gelu(y, row * n, n);
        }
    }

    @Override
    public void glu(float[] ab, float[] y, int n, int rows) {
        VectorS4d.glu(ab, y, n, rows);
    }
}
