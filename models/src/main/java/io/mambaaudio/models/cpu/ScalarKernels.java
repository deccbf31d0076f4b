package io.mambaaudio.models.cpu;

/** The specification: every kernel as the loop that the paper would write. */
public final class ScalarKernels implements Kernels {
    @Override
    public void matMul(
            Matrix w, float[] bias, float[] x, int xAt, int xLength, float[] y, int yAt, int rows, float[] panel) {
        int outs = w.rows();
        for (int row = 0; row < rows; row++) {
            int from = xAt + row * xLength;
            for (int r = 0; r < outs; r++) {
                float b = bias.length == 0 ? 0 : bias[r];
                y[yAt + row * outs + r] = b
                        + switch (w) {
                            case Matrix.F32 m -> dot(m.w(), r * m.cols(), x, from, m.cols());
                            case Matrix.Bf16 m -> dot(m.w(), r * m.cols(), x, from, m.cols());
                            case Matrix.Int8 m -> m.scale()[r] * dot(m.q(), r * m.cols(), x, from, m.cols());
                        };
            }
        }
    }

    private static float dot(float[] w, int at, float[] x, int xAt, int n) {
        float sum = 0;
        for (int i = 0; i < n; i++) {
            sum += w[at + i] * x[xAt + i];
        }
        return sum;
    }

    private static float dot(short[] w, int at, float[] x, int xAt, int n) {
        float sum = 0;
        for (int i = 0; i < n; i++) {
            sum += Float.intBitsToFloat(w[at + i] << 16) * x[xAt + i];
        }
        return sum;
    }

    private static float dot(byte[] q, int at, float[] x, int xAt, int n) {
        float sum = 0;
        for (int i = 0; i < n; i++) {
            sum += q[at + i] * x[xAt + i];
        }
        return sum;
    }

    @Override
    public void rmsNorm(float[] x, float[] weight, float eps, float[] y, int rows) {
        int n = weight.length;
        for (int at = 0; at < rows * n; at += n) {
            float squares = 0;
            for (int i = 0; i < n; i++) {
                squares += x[at + i] * x[at + i];
            }
            float scale = (float) (1 / Math.sqrt(squares / n + eps));
            for (int i = 0; i < n; i++) {
                y[at + i] = weight[i] * (x[at + i] * scale);
            }
        }
    }

    @Override
    public void gate(float[] y, int n, float[] z, int zLength, int zAt, int rows) {
        for (int row = 0; row < rows; row++) {
            for (int i = 0; i < n; i++) {
                y[row * n + i] *= silu(z[row * zLength + zAt + i]);
            }
        }
    }

    @Override
    public void add(float[] x, float[] y, int n) {
        for (int i = 0; i < n; i++) {
            x[i] += y[i];
        }
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
        for (int c = 0; c < channels; c++) {
            float sum = bias.length == 0 ? 0 : bias[c];
            for (int k = 0; k < before; k++) {
                sum += weight[k * channels + c] * state[stateAt + k * channels + c];
            }
            sum += weight[before * channels + c] * in[inAt + c];
            out[outAt + c] = silu(sum);
        }
        moveOn(before, channels, in, inAt, state, stateAt);
    }

    /** Forgets the oldest input and remembers the newest. */
    static void moveOn(int before, int channels, float[] in, int inAt, float[] state, int stateAt) {
        if (before > 0) {
            System.arraycopy(state, stateAt + channels, state, stateAt, (before - 1) * channels);
            System.arraycopy(in, inAt, state, stateAt + (before - 1) * channels, channels);
        }
    }

    @Override
    public void timeStep(
            float[] in, int inLength, int inAt, float[] bias, float min, float max, float[] out, int n, int rows) {
        for (int row = 0; row < rows; row++) {
            for (int i = 0; i < n; i++) {
                float dt = softplus(in[row * inLength + inAt + i] + (bias.length == 0 ? 0 : bias[i]));
                out[row * n + i] = Math.min(Math.max(dt, min), max);
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
        selective(a, d, dt, x, dtBC, dtRank, dState, h, hAt, y, from, to, 0);
    }

    /** The same for the channels from first on. */
    static void selective(
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
            int to,
            int first) {
        int channels = d.length;
        for (int t = from; t < to; t++) {
            int bAt = t * (dtRank + 2 * dState) + dtRank;
            for (int c = first; c < channels; c++) {
                float step = dt[t * channels + c];
                float in = x[t * channels + c];
                float sum = 0;
                for (int n = 0; n < dState; n++) {
                    int i = n * channels + c;
                    h[hAt + i] = (float) Math.exp(step * a[i]) * h[hAt + i] + step * dtBC[bAt + n] * in;
                    sum += dtBC[bAt + dState + n] * h[hAt + i];
                }
                y[t * channels + c] = sum + d[c] * in;
            }
        }
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
        for (int head = 0; head < heads.nHeads(); head++) {
            dual(heads, head, decay, dt, d, xBC, h, hAt, y, from, to, 0);
        }
    }

    /** One head, for its channels from first on. */
    static void dual(
            Heads heads,
            int head,
            float[] decay,
            float[] dt,
            float[] d,
            float[] xBC,
            float[] h,
            int hAt,
            float[] y,
            int from,
            int to,
            int first) {
        int dState = heads.dState();
        int headDim = heads.headDim();
        for (int t = from; t < to; t++) {
            int at = t * heads.convDim();
            int bAt = at + heads.bAt(head);
            int cAt = at + heads.cAt(head);
            float hold = decay[t * heads.nHeads() + head];
            float step = dt[t * heads.nHeads() + head];
            for (int p = first; p < headDim; p++) {
                float x = xBC[at + head * headDim + p];
                float sum = 0;
                for (int n = 0; n < dState; n++) {
                    int i = hAt + (head * dState + n) * headDim + p;
                    h[i] = hold * h[i] + step * x * xBC[bAt + n];
                    sum += xBC[cAt + n] * h[i];
                }
                y[t * heads.dInner() + head * headDim + p] = sum + d[head] * x;
            }
        }
    }

    static float silu(float x) {
        return (float) (x / (1 + Math.exp(-x)));
    }

    static float softplus(float x) {
        return (float) (Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))));
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
        ScalarS4d.diagonal(aRe, aIm, cRe, cIm, d, u, h, hAt, y, from, to, 0);
    }

    @Override
    public void gelu(float[] y, int n, int rows) {
        for (int i = 0; i < rows * n; i++) {
            y[i] = ScalarS4d.gelu(y[i]);
        }
    }

    @Override
    public void glu(float[] ab, float[] y, int n, int rows) {
        for (int row = 0; row < rows; row++) {
            for (int i = 0; i < n; i++) {
                y[row * n + i] = ab[row * 2 * n + i] * ScalarS4d.sigmoid(ab[row * 2 * n + n + i]);
            }
        }
    }
}
