package io.mambaaudio.models.cpu;

import static io.mambaaudio.models.cpu.VectorMath.F;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * The selective scan of Mamba-1 for training, over a chunk of time and one block of channels, forwards and backwards, discretisation fused in:
 * {@code h_t = exp(dt_t A) h_(t-1) + dt_t B_t x_t; y_t = C_t h_t + D x_t}. The channels of a block lie side by side and missing ones are zeros,
 * so there are no tails. What happens in the first cache stays there: one block's state is {@code 4 N BLOCK} bytes.
 */
public final class SelectiveScan {
    /** Channels of a block; a whole number of vectors on any machine. */
    public static final int BLOCK = 64;

    private static final int LANES = F.length();

    private SelectiveScan() {}

    /**
     * One chunk's inputs.
     *
     * @param steps how long the chunk is
     * @param n N, state values a channel
     * @param a A (N, BLOCK)
     * @param d D (BLOCK)
     * @param dt (steps, BLOCK)
     * @param x (steps, BLOCK)
     * @param bc B (N) and C (N) of step t from {@code bcAt + t * bcStride}
     * @param bcAt where B of the first step is
     * @param bcStride from a step to the next
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared, never printed
    public record Chunk(
            int steps, int n, float[] a, float[] d, float[] dt, float[] x, float[] bc, int bcAt, int bcStride) {}

    /**
     * Forwards.
     *
     * @param h the state (N, BLOCK) from hAt, before and afterwards; with keep the states (steps + 1, N, BLOCK), of which the first is given
     * @param keep whether every step's state stays
     * @param y (steps, BLOCK)
     */
    public static void forward(Chunk in, float[] h, int hAt, boolean keep, float[] y) {
        int size = in.n * BLOCK;
        for (int t = 0; t < in.steps; t++) {
            int before = keep ? hAt + t * size : hAt;
            int after = keep ? before + size : hAt;
            int bAt = in.bcAt + t * in.bcStride;
            for (int c = 0; c < BLOCK; c += LANES) {
                int at = t * BLOCK + c;
                FloatVector dt = FloatVector.fromArray(F, in.dt, at);
                FloatVector x = FloatVector.fromArray(F, in.x, at);
                FloatVector dtx = dt.mul(x);
                FloatVector sum = x.mul(FloatVector.fromArray(F, in.d, c));
                for (int n = 0; n < in.n; n++) {
                    int i = n * BLOCK + c;
                    FloatVector decay = VectorMath.exp(dt.mul(FloatVector.fromArray(F, in.a, i)));
                    FloatVector next = FloatVector.fromArray(F, h, before + i).fma(decay, dtx.mul(in.bc[bAt + n]));
                    next.intoArray(h, after + i);
                    sum = next.fma(FloatVector.broadcast(F, in.bc[bAt + in.n + n]), sum);
                }
                sum.intoArray(y, at);
            }
        }
    }

    /**
     * Where the gradients of a chunk go. All but those of B and C are added to.
     *
     * @param g of the state after the chunk, and then of the one before it (N, BLOCK)
     * @param a (N, BLOCK)
     * @param d (BLOCK)
     * @param dt (steps, BLOCK), written
     * @param x (steps, BLOCK), written
     * @param bc this block's part of B and C (steps, 2 N), written
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared, never printed
    public record Gradients(float[] g, float[] a, float[] d, float[] dt, float[] x, float[] bc) {}

    /**
     * Backwards.
     *
     * @param h the states that {@link #forward} kept, (steps + 1, N, BLOCK) from hAt
     * @param dy the gradient of y (steps, BLOCK)
     */
    public static void backward(Chunk in, float[] h, int hAt, float[] dy, Gradients out) {
        int size = in.n * BLOCK;
        float[] sums = new float[2 * in.n * LANES]; // of B, then of C: a vector each, whose lanes are yet to be summed
        for (int t = in.steps - 1; t >= 0; t--) {
            Arrays.fill(sums, 0);
            int bAt = in.bcAt + t * in.bcStride;
            for (int c = 0; c < BLOCK; c += LANES) {
                step(in, t, c, bAt, h, hAt + t * size, dy, out, sums);
            }
            for (int n = 0; n < 2 * in.n; n++) {
                out.bc[2 * in.n * t + n] = VectorMath.sum(FloatVector.fromArray(F, sums, n * LANES));
            }
        }
    }

    private static void step(
            Chunk in, int t, int c, int bAt, float[] h, int before, float[] dy, Gradients out, float[] sums) {
        int at = t * BLOCK + c;
        int size = in.n * BLOCK;
        FloatVector dt = FloatVector.fromArray(F, in.dt, at);
        FloatVector x = FloatVector.fromArray(F, in.x, at);
        FloatVector dtx = dt.mul(x);
        FloatVector up = FloatVector.fromArray(F, dy, at);
        FloatVector ofDecay = FloatVector.zero(F); // sum over n of the gradient of dt A, times A
        FloatVector ofInput = FloatVector.zero(F); // of dt x
        for (int n = 0; n < in.n; n++) {
            int i = n * BLOCK + c;
            FloatVector a = FloatVector.fromArray(F, in.a, i);
            FloatVector g = up.fma(FloatVector.broadcast(F, in.bc[bAt + in.n + n]), FloatVector.fromArray(F, out.g, i));
            add(up.mul(FloatVector.fromArray(F, h, before + size + i)), sums, (in.n + n) * LANES);
            add(g.mul(dtx), sums, n * LANES);
            FloatVector carried = g.mul(VectorMath.exp(dt.mul(a)));
            carried.intoArray(out.g, i);
            FloatVector ofExponent = carried.mul(FloatVector.fromArray(F, h, before + i));
            ofDecay = ofExponent.fma(a, ofDecay);
            ofInput = g.fma(FloatVector.broadcast(F, in.bc[bAt + n]), ofInput);
            add(ofExponent.mul(dt), out.a, i);
        }
        ofInput.fma(x, ofDecay).intoArray(out.dt, at);
        up.fma(FloatVector.fromArray(F, in.d, c), ofInput.mul(dt)).intoArray(out.x, at);
        add(up.mul(x), out.d, c);
    }

    private static void add(FloatVector v, float[] sums, int at) {
        v.add(FloatVector.fromArray(F, sums, at)).intoArray(sums, at);
    }
}
