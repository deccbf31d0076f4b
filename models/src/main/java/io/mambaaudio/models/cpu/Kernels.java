package io.mambaaudio.models.cpu;

/**
 * What a step of a model is made of, for some rows at once: a row is one step of one stream. Matrices of activations are row-major, and every
 * row's result is bit for bit that of the row alone. Implementations have no state: any thread may call, and nothing is allocated. An empty
 * bias array means that there is none. Arrays that are written may not be those that are read, unless said so.
 */
public interface Kernels {
    /** Floats that {@link #matMul} needs for a matrix of so many columns. */
    default int panelSize(int cols) {
        return 0;
    }

    /**
     * {@code y = W x + bias} for every row of x.
     *
     * @param bias (w.rows()) or empty
     * @param x (rows, xLength) from xAt; the first w.cols() of a row count
     * @param y (rows, w.rows()) from yAt
     * @param panel (panelSize(w.cols())) or longer, overwritten
     */
    void matMul(Matrix w, float[] bias, float[] x, int xAt, int xLength, float[] y, int yAt, int rows, float[] panel);

    /** {@code y = weight * x / sqrt(mean(x^2) + eps)} for every row. weight (n); x and y (rows, n), may be one array. */
    void rmsNorm(float[] x, float[] weight, float eps, float[] y, int rows);

    /** {@code y = y * silu(z)} for every row. y (rows, n); z (rows, zLength), n values from zAt on. */
    void gate(float[] y, int n, float[] z, int zLength, int zAt, int rows);

    /** {@code x += y} for the first n values. */
    void add(float[] x, float[] y, int n);

    /**
     * One step of a causal depthwise convolution followed by silu. The state holds the {@code dConv - 1} inputs before this one, oldest
     * first, and moves on by one.
     *
     * @param weight (dConv, channels), the tap of the oldest input first
     * @param bias (channels) or empty
     * @param in the input, (channels) from inAt
     * @param state (dConv - 1, channels) from stateAt
     * @param out (channels) from outAt
     */
    void conv(
            float[] weight,
            float[] bias,
            int channels,
            float[] in,
            int inAt,
            float[] state,
            int stateAt,
            float[] out,
            int outAt);

    /**
     * {@code out = clamp(softplus(in + bias), min, max)} for every row.
     *
     * @param in (rows, inLength), n values from inAt on; may be out, with inAt 0 and inLength n
     * @param bias (n) or empty
     * @param out (rows, n)
     */
    void timeStep(float[] in, int inLength, int inAt, float[] bias, float min, float max, float[] out, int n, int rows);

    /**
     * The selective state space of Mamba-1 over some rows that are one after another in time, with zero-order hold for A and Euler for B:
     * {@code h = exp(dt A) h + dt B x; y = C h + D x}.
     *
     * @param a A = -exp(A_log), (dState, channels)
     * @param d D (channels)
     * @param dt (rows, channels)
     * @param x (rows, channels)
     * @param dtBC (rows, dtRank + 2 dState): B from dtRank on, then C
     * @param h (dState, channels) from hAt; the channels lie side by side, so that vectors of them need no sum across lanes
     * @param y (rows, channels)
     * @param from the first row
     * @param to the row after the last
     */
    void selective(
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
            int to);

    /**
     * The heads of Mamba-2.
     *
     * @param nHeads heads
     * @param headDim channels a head
     * @param nGroups groups of B and C that the heads share
     * @param dState N
     */
    record Heads(int nHeads, int headDim, int nGroups, int dState) {
        int dInner() {
            return nHeads * headDim;
        }

        /** Length of a row x (dInner), B (nGroups, dState), C (nGroups, dState). */
        int convDim() {
            return dInner() + 2 * nGroups * dState;
        }

        /** Where in such a row the head's B is. */
        int bAt(int head) {
            return dInner() + head / (nHeads / nGroups) * dState;
        }

        /** Where in such a row the head's C is. */
        int cAt(int head) {
            return bAt(head) + nGroups * dState;
        }
    }

    /**
     * The state space dual of Mamba-2 over some rows that are one after another in time. A head has one A:
     * {@code h = exp(dt A) h + dt B x; y = C h + D x}.
     *
     * @param decay exp(dt A), (rows, nHeads)
     * @param dt (rows, nHeads)
     * @param d D (nHeads)
     * @param xBC x, B, C (rows, convDim)
     * @param h (nHeads, dState, headDim) from hAt; transposed as for {@link #selective}
     * @param y (rows, dInner)
     * @param from the first row
     * @param to the row after the last
     */
    void dual(
            Heads heads,
            float[] decay,
            float[] dt,
            float[] d,
            float[] xBC,
            float[] h,
            int hAt,
            float[] y,
            int from,
            int to);

    /**
     * S4D over some rows that are one after another in time: {@code h = a h + u; y = Re(c h) + D u}, complex.
     *
     * @param aRe (pairs, channels)
     * @param aIm (pairs, channels)
     * @param cRe (pairs, channels)
     * @param cIm (pairs, channels)
     * @param d D (channels)
     * @param u (rows, channels)
     * @param h (pairs, 2, channels) from hAt: real parts, imaginary parts
     * @param y (rows, channels)
     * @param from the first row
     * @param to the row after the last
     */
    void diagonal(
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
            int to);

    /** {@code y = y (1 + erf(y / sqrt 2)) / 2} for every row. y (rows, n). */
    void gelu(float[] y, int n, int rows);

    /** {@code y = a sigmoid(b)} for every row. ab (rows, 2 n): a, b; y (rows, n). */
    void glu(float[] ab, float[] y, int n, int rows);
}
