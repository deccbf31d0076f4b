package io.mambaaudio.models.cpu;

/**
 * What one step of a model is made of. Implementations have no state: any thread may call, and nothing is allocated. An empty bias array
 * means that there is none. Arrays that are written may not be those that are read, unless said so.
 */
public interface Kernels {
    /** {@code y = W x + bias}. x (cols), y (rows), bias (rows) or empty. */
    void matVec(Matrix w, float[] bias, float[] x, float[] y);

    /** {@code y = weight * x / sqrt(mean(x^2) + eps)}. weight (n); x and y hold at least n and may be one array. */
    void rmsNorm(float[] x, float[] weight, float eps, float[] y);

    /** {@code y = y * silu(z[zAt...])} for the first n values. */
    void gate(float[] y, float[] z, int zAt, int n);

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
     * @param out (channels)
     */
    void conv(
            float[] weight, float[] bias, int channels, float[] in, int inAt, float[] state, int stateAt, float[] out);

    /**
     * {@code out = clamp(softplus(in + bias), min, max)}.
     *
     * @param in (n) from inAt; may be out, with inAt 0
     * @param bias (n) or empty
     */
    void timeStep(float[] in, int inAt, float[] bias, float min, float max, float[] out, int n);

    /**
     * The selective state space of Mamba-1, one step, with zero-order hold for A and Euler for B:
     * {@code h = exp(dt A) h + dt B x; y = C h + D x}.
     *
     * @param a A = -exp(A_log), (dState, channels)
     * @param d D (channels)
     * @param dt (channels)
     * @param x (channels)
     * @param bc B (dState) from bAt, C (dState) from cAt
     * @param h (dState, channels) from hAt; the channels lie side by side, so that vectors of them need no sum across lanes
     * @param y (channels)
     */
    void selective(
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
            float[] y);

    /**
     * The state space dual of Mamba-2, one step for one head, whose A is one number:
     * {@code h = decay h + dt B x; y = C h + D x}.
     *
     * @param decay exp(dt A)
     * @param dt this head's time step
     * @param d this head's D
     * @param xBC x (headDim) from xAt, B (dState) from bAt, C (dState) from cAt
     * @param h (dState, headDim) from hAt; transposed as for {@link #selective}
     * @param y (headDim) from xAt
     */
    void dual(
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
            float[] y);
}
