package io.mambaaudio.models.train;

import io.mambaaudio.models.cpu.SelectiveScan;
import java.util.Arrays;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The values of one chunk and their gradients, rows {@code b * steps + t}. The gradients are shared by all chunks of a block. */
final class Mamba1Chunk {
    private final int batch;
    private final int dInner;
    private final int before;
    private final boolean ownsGradients;

    final float[] x; // (rows, dModel)
    final float[] u; // (rows, dModel), normed
    final float[] xz; // (rows, 2 dInner), or empty where the block keeps it
    final float[] extended; // (batch, dConv - 1 + steps, dInner)
    final float[] pre; // (rows, dInner), before silu
    final float[] act; // (rows, dInner)
    final float[] dtBC; // (rows, dtRank + 2 N)
    final float[] dt; // (rows, dInner)
    final float[] y; // (rows, dInner)
    final float[] gated; // (rows, dInner)
    final float[] h; // (batch, blocks, steps + 1, N, BLOCK)

    final float[] dx; // (rows, dModel)
    final float[] du; // (rows, dModel)
    final float[] dxz; // (rows, 2 dInner)
    final float[] dExtended; // as extended
    final float[] dAct; // (rows, dInner)
    final float[] dDtBC; // (rows, dtRank + 2 N)
    final float[] dDt; // (rows, dInner)
    final float[] dy; // (rows, dInner)

    Mamba1Chunk(Mamba1Parameters p, int batch, int steps, boolean ownsProjection, @Nullable Mamba1Chunk gradients) {
        int rows = batch * steps;
        int dModel = p.inProj().inputs();
        int width = p.xProj().outputs();
        this.batch = batch;
        this.dInner = p.dInner();
        this.before = p.conv().before();
        this.ownsGradients = gradients == null;
        x = new float[rows * dModel];
        u = new float[rows * dModel];
        xz = new float[ownsProjection ? rows * 2 * dInner : 0];
        extended = new float[batch * (before + steps) * dInner];
        pre = new float[rows * dInner];
        act = new float[rows * dInner];
        dtBC = new float[rows * width];
        dt = new float[rows * dInner];
        y = new float[rows * dInner];
        gated = new float[rows * dInner];
        int blocks = Math.ceilDiv(dInner, SelectiveScan.BLOCK);
        h = new float[Math.multiplyExact(batch * blocks * (steps + 1), p.dState() * SelectiveScan.BLOCK)];
        dx = gradients == null ? new float[rows * dModel] : gradients.dx;
        du = gradients == null ? new float[rows * dModel] : gradients.du;
        dxz = gradients == null ? new float[rows * 2 * dInner] : gradients.dxz;
        dExtended = gradients == null ? new float[extended.length] : gradients.dExtended;
        dAct = gradients == null ? new float[rows * dInner] : gradients.dAct;
        dDtBC = gradients == null ? new float[rows * width] : gradients.dDtBC;
        dDt = gradients == null ? new float[rows * dInner] : gradients.dDt;
        dy = gradients == null ? new float[rows * dInner] : gradients.dy;
    }

    /** The rows before the chunk, then its x out of xz (rows, 2 dInner). */
    void extend(float[] tail, float[] projected, int steps) {
        for (int b = 0; b < batch; b++) {
            int at = b * (before + steps) * dInner;
            System.arraycopy(tail, b * before * dInner, extended, at, before * dInner);
            for (int t = 0; t < steps; t++) {
                System.arraycopy(projected, (b * steps + t) * 2 * dInner, extended, at + (before + t) * dInner, dInner);
            }
        }
    }

    /** The last rows, which come before the next chunk. */
    void extendedEnd(int steps, float[] tail) {
        for (int b = 0; b < batch; b++) {
            System.arraycopy(
                    extended, (b * (before + steps) + steps) * dInner, tail, b * before * dInner, before * dInner);
        }
    }

    /** dExtended is what the next chunk has to say about this one's last rows. */
    void beginExtended(int steps, float[] carried) {
        Arrays.fill(dExtended, 0);
        for (int b = 0; b < batch; b++) {
            System.arraycopy(
                    carried, b * before * dInner, dExtended, (b * (before + steps) + steps) * dInner, before * dInner);
        }
    }

    /** dExtended's own rows go to dxz, those before to carried. */
    void endExtended(int steps, float[] carried) {
        for (int b = 0; b < batch; b++) {
            int at = b * (before + steps) * dInner;
            System.arraycopy(dExtended, at, carried, b * before * dInner, before * dInner);
            for (int t = 0; t < steps; t++) {
                System.arraycopy(dExtended, at + (before + t) * dInner, dxz, (b * steps + t) * 2 * dInner, dInner);
            }
        }
    }

    long floats() {
        long values = Stream.of(x, u, xz, extended, pre, act, dtBC, dt, y, gated, h)
                .mapToLong(a -> a.length)
                .sum();
        long gradients = Stream.of(dx, du, dxz, dExtended, dAct, dDtBC, dDt, dy)
                .mapToLong(a -> a.length)
                .sum();
        return values + (ownsGradients ? gradients : 0);
    }
}
