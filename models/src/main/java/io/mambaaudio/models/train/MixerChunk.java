package io.mambaaudio.models.train;

import java.util.Arrays;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The values of one chunk and their gradients, rows {@code b * steps + t}. The gradients are shared by all chunks of a block. */
final class MixerChunk {
    private final MixerSizes s;
    private final int batch;
    private final boolean ownsGradients;

    final float[] x; // (rows, dModel)
    final float[] u; // (rows, dModel), normed
    final float[] projected; // (rows, projected), or empty where the block keeps it
    final float[] extended; // (batch, before + steps, convChannels)
    final float[] pre; // (rows, convChannels), before silu
    final float[] act; // (rows, convChannels)
    final float[] dtBC; // (rows, bcWidth)
    final float[] dt; // (rows, dtWidth)
    final float[] y; // (rows, dInner)
    final float[] gated; // (rows, dInner)
    final float[] mixed; // (rows, dInner), what out_proj takes; gated itself for Mamba-1
    final float[] h; // (batch, blocks, steps + 1, N, BLOCK)

    final float[] dx; // (rows, dModel)
    final float[] du; // (rows, dModel)
    final float[] dProjected; // (rows, projected)
    final float[] dExtended; // as extended
    final float[] dAct; // (rows, convChannels)
    final float[] dDtBC; // (rows, bcWidth)
    final float[] dDt; // (rows, dtWidth)
    final float[] dMixed; // (rows, dInner), then that of y

    MixerChunk(MixerSizes s, int batch, int steps, boolean ownsProjection, @Nullable MixerChunk shared) {
        int rows = batch * steps;
        this.s = s;
        this.batch = batch;
        this.ownsGradients = shared == null;
        x = new float[rows * s.dModel()];
        u = new float[rows * s.dModel()];
        projected = new float[ownsProjection ? rows * s.projected() : 0];
        extended = new float[batch * (s.before() + steps) * s.convChannels()];
        pre = new float[rows * s.convChannels()];
        act = new float[rows * s.convChannels()];
        dtBC = new float[rows * s.bcWidth()];
        dt = new float[rows * s.dtWidth()];
        y = new float[rows * s.dInner()];
        gated = new float[rows * s.dInner()];
        mixed = s.bcWidth() > 0 ? gated : new float[rows * s.dInner()];
        h = new float[Math.multiplyExact(batch * (steps + 1), s.stepStates())];
        dx = shared == null ? new float[rows * s.dModel()] : shared.dx;
        du = shared == null ? new float[rows * s.dModel()] : shared.du;
        dProjected = shared == null ? new float[rows * s.projected()] : shared.dProjected;
        dExtended = shared == null ? new float[extended.length] : shared.dExtended;
        dAct = shared == null ? new float[rows * s.convChannels()] : shared.dAct;
        dDtBC = shared == null ? new float[rows * s.bcWidth()] : shared.dDtBC;
        dDt = shared == null ? new float[rows * s.dtWidth()] : shared.dDt;
        dMixed = shared == null ? new float[rows * s.dInner()] : shared.dMixed;
    }

    /** The rows before the chunk, then its part of the projection. */
    void extend(float[] tail, float[] projection, int steps) {
        int width = s.convChannels();
        for (int b = 0; b < batch; b++) {
            int at = b * (s.before() + steps) * width;
            System.arraycopy(tail, b * s.before() * width, extended, at, s.before() * width);
            for (int t = 0; t < steps; t++) {
                int from = (b * steps + t) * s.projected() + s.convAt();
                System.arraycopy(projection, from, extended, at + (s.before() + t) * width, width);
            }
        }
    }

    /** The last rows, which come before the next chunk. */
    void endOf(int steps, float[] tail) {
        int size = s.before() * s.convChannels();
        for (int b = 0; b < batch; b++) {
            System.arraycopy(extended, lastRows(b, steps), tail, b * size, size);
        }
    }

    private int lastRows(int b, int steps) {
        return (b * (s.before() + steps) + steps) * s.convChannels();
    }

    /** dExtended is what the next chunk has to say about this one's last rows. */
    void beginExtended(int steps, float[] carried) {
        int size = s.before() * s.convChannels();
        Arrays.fill(dExtended, 0);
        for (int b = 0; b < batch; b++) {
            System.arraycopy(carried, b * size, dExtended, lastRows(b, steps), size);
        }
    }

    /** dExtended's own rows go to dProjected, those before to carried. */
    void endExtended(int steps, float[] carried) {
        int width = s.convChannels();
        for (int b = 0; b < batch; b++) {
            int at = b * (s.before() + steps) * width;
            System.arraycopy(dExtended, at, carried, b * s.before() * width, s.before() * width);
            for (int t = 0; t < steps; t++) {
                int to = (b * steps + t) * s.projected() + s.convAt();
                System.arraycopy(dExtended, at + (s.before() + t) * width, dProjected, to, width);
            }
        }
    }

    long floats() {
        Stream<float[]> values = Stream.of(x, u, projected, extended, pre, act, dtBC, dt, y, gated, h);
        Stream<float[]> gradients = Stream.of(dx, du, dProjected, dExtended, dAct, dDtBC, dDt, dMixed);
        return values.mapToLong(a -> a.length).sum()
                + (s.bcWidth() > 0 ? 0 : mixed.length)
                + (ownsGradients ? gradients.mapToLong(a -> a.length).sum() : 0);
    }
}
