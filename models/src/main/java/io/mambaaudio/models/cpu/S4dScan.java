package io.mambaaudio.models.cpu;

import static io.mambaaudio.models.cpu.VectorMath.F;

import jdk.incubator.vector.FloatVector;

/**
 * The recurrence of S4D for training, over a chunk of time and one block of channels, forwards and backwards:
 * {@code h_t = A~ h_(t-1) + u_t; y_t = Re(C~ h_t) + D u_t}, A~ and C~ = 2 C B~ complex. The channels of a block lie side by side and missing ones
 * are zeros, so there are no tails.
 */
public final class S4dScan {
    /** Channels of a block; a whole number of vectors on any machine. */
    public static final int BLOCK = SelectiveScan.BLOCK;

    private static final int LANES = F.length();

    private S4dScan() {}

    /**
     * One block's system, or the gradients of it.
     *
     * @param aRe (pairs, BLOCK)
     * @param aIm (pairs, BLOCK)
     * @param cRe (pairs, BLOCK)
     * @param cIm (pairs, BLOCK)
     * @param d (BLOCK)
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared, never printed
    public record Discrete(float[] aRe, float[] aIm, float[] cRe, float[] cIm, float[] d) {
        /** Zeros. */
        public static Discrete of(int pairs) {
            int n = pairs * BLOCK;
            return new Discrete(new float[n], new float[n], new float[n], new float[n], new float[BLOCK]);
        }
    }

    /**
     * Forwards.
     *
     * @param u (steps, BLOCK)
     * @param h the states (steps + 1, pairs, 2, BLOCK) of which the first is given
     * @param y (steps, BLOCK)
     */
    public static void forward(Discrete s, int steps, float[] u, float[] h, float[] y) {
        int pairs = s.aRe.length / BLOCK;
        int size = pairs * 2 * BLOCK;
        for (int t = 0; t < steps; t++) {
            for (int c = 0; c < BLOCK; c += LANES) {
                FloatVector in = FloatVector.fromArray(F, u, t * BLOCK + c);
                FloatVector sum = in.mul(FloatVector.fromArray(F, s.d, c));
                for (int n = 0; n < pairs; n++) {
                    int i = n * BLOCK + c;
                    int at = t * size + 2 * n * BLOCK + c;
                    FloatVector re = FloatVector.fromArray(F, s.aRe, i);
                    FloatVector im = FloatVector.fromArray(F, s.aIm, i);
                    FloatVector hRe = FloatVector.fromArray(F, h, at);
                    FloatVector hIm = FloatVector.fromArray(F, h, at + BLOCK);
                    FloatVector nextRe = re.fma(hRe, in.sub(im.mul(hIm)));
                    FloatVector nextIm = re.fma(hIm, im.mul(hRe));
                    nextRe.intoArray(h, at + size);
                    nextIm.intoArray(h, at + size + BLOCK);
                    sum = nextRe.fma(FloatVector.fromArray(F, s.cRe, i), sum);
                    sum = sum.sub(nextIm.mul(FloatVector.fromArray(F, s.cIm, i)));
                }
                sum.intoArray(y, t * BLOCK + c);
            }
        }
    }

    /**
     * Backwards.
     *
     * @param h the states that {@link #forward} left
     * @param dy the gradient of y (steps, BLOCK)
     * @param g the gradient that comes from the steps after the chunk, through A~, and then that of the chunk (pairs, 2, BLOCK)
     * @param out the gradients of the system, added to
     * @param du (steps, BLOCK), written
     */
    public static void backward(
            Discrete s, int steps, float[] u, float[] h, float[] dy, float[] g, Discrete out, float[] du) {
        int pairs = s.aRe.length / BLOCK;
        int size = pairs * 2 * BLOCK;
        for (int t = steps - 1; t >= 0; t--) {
            for (int c = 0; c < BLOCK; c += LANES) {
                FloatVector up = FloatVector.fromArray(F, dy, t * BLOCK + c);
                FloatVector sum = up.mul(FloatVector.fromArray(F, s.d, c));
                for (int n = 0; n < pairs; n++) {
                    sum = sum.add(state(s, n * BLOCK + c, up, h, t * size + 2 * n * BLOCK + c, size, g, out));
                }
                sum.intoArray(du, t * BLOCK + c);
                add(up.mul(FloatVector.fromArray(F, u, t * BLOCK + c)), out.d, c);
            }
        }
    }

    /** One state of a vector of channels; the answer is what comes to u through it. */
    private static FloatVector state(
            Discrete s, int i, FloatVector up, float[] h, int before, int size, float[] g, Discrete out) {
        int gAt = before % size;
        FloatVector re = FloatVector.fromArray(F, s.aRe, i);
        FloatVector im = FloatVector.fromArray(F, s.aIm, i);
        FloatVector gRe = up.fma(FloatVector.fromArray(F, s.cRe, i), FloatVector.fromArray(F, g, gAt));
        FloatVector gIm = FloatVector.fromArray(F, g, gAt + BLOCK).sub(up.mul(FloatVector.fromArray(F, s.cIm, i)));
        add(up.mul(FloatVector.fromArray(F, h, before + size)), out.cRe, i);
        add(up.neg().mul(FloatVector.fromArray(F, h, before + size + BLOCK)), out.cIm, i);
        FloatVector hRe = FloatVector.fromArray(F, h, before);
        FloatVector hIm = FloatVector.fromArray(F, h, before + BLOCK);
        add(gRe.fma(hRe, gIm.mul(hIm)), out.aRe, i);
        add(gIm.fma(hRe, gRe.mul(hIm).neg()), out.aIm, i);
        re.fma(gRe, im.mul(gIm)).intoArray(g, gAt);
        re.fma(gIm, im.mul(gRe).neg()).intoArray(g, gAt + BLOCK);
        return gRe;
    }

    private static void add(FloatVector v, float[] sums, int at) {
        v.add(FloatVector.fromArray(F, sums, at)).intoArray(sums, at);
    }
}
