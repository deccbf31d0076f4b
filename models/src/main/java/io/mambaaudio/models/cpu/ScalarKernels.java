package io.mambaaudio.models.cpu;

/** The specification: every kernel as the loop that the paper would write. */
public final class ScalarKernels implements Kernels {
    @Override
    public void matVec(Matrix w, float[] bias, float[] x, float[] y) {
        int rows = w.rows();
        for (int r = 0; r < rows; r++) {
            float b = bias.length == 0 ? 0 : bias[r];
            y[r] = b
                    + switch (w) {
                        case Matrix.F32 m -> dot(m.w(), r * m.cols(), x, m.cols());
                        case Matrix.Bf16 m -> dot(m.w(), r * m.cols(), x, m.cols());
                        case Matrix.Int8 m -> m.scale()[r] * dot(m.q(), r * m.cols(), x, m.cols());
                    };
        }
    }

    private static float dot(float[] w, int at, float[] x, int n) {
        float sum = 0;
        for (int i = 0; i < n; i++) {
            sum += w[at + i] * x[i];
        }
        return sum;
    }

    private static float dot(short[] w, int at, float[] x, int n) {
        float sum = 0;
        for (int i = 0; i < n; i++) {
            sum += Float.intBitsToFloat(w[at + i] << 16) * x[i];
        }
        return sum;
    }

    private static float dot(byte[] q, int at, float[] x, int n) {
        float sum = 0;
        for (int i = 0; i < n; i++) {
            sum += q[at + i] * x[i];
        }
        return sum;
    }

    @Override
    public void rmsNorm(float[] x, float[] weight, float eps, float[] y) {
        float squares = 0;
        for (int i = 0; i < weight.length; i++) {
            squares += x[i] * x[i];
        }
        float scale = (float) (1 / Math.sqrt(squares / weight.length + eps));
        for (int i = 0; i < weight.length; i++) {
            y[i] = weight[i] * (x[i] * scale);
        }
    }

    @Override
    public void gate(float[] y, float[] z, int zAt, int n) {
        for (int i = 0; i < n; i++) {
            y[i] *= silu(z[zAt + i]);
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
            float[] weight, float[] bias, int channels, float[] in, int inAt, float[] state, int stateAt, float[] out) {
        int before = weight.length / channels - 1;
        for (int c = 0; c < channels; c++) {
            float sum = bias.length == 0 ? 0 : bias[c];
            for (int k = 0; k < before; k++) {
                sum += weight[k * channels + c] * state[stateAt + k * channels + c];
            }
            sum += weight[before * channels + c] * in[inAt + c];
            out[c] = silu(sum);
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
    public void timeStep(float[] in, int inAt, float[] bias, float min, float max, float[] out, int n) {
        for (int i = 0; i < n; i++) {
            float dt = softplus(in[inAt + i] + (bias.length == 0 ? 0 : bias[i]));
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
        for (int c = 0; c < channels; c++) {
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
        for (int p = 0; p < headDim; p++) {
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

    static float silu(float x) {
        return (float) (x / (1 + Math.exp(-x)));
    }

    static float softplus(float x) {
        return (float) (Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))));
    }
}
