package io.mambaaudio.models.train;

import io.mambaaudio.models.cpu.SelectiveScan;
import io.mambaaudio.models.cpu.SelectiveScan.Chunk;
import io.mambaaudio.models.cpu.SelectiveScan.Gradients;
import java.util.Arrays;

/** The scan of all sequences and blocks of channels of one chunk, one part each; sums over parts are taken in the order of the parts. */
final class Mamba1Scan {
    private static final int BLOCK = SelectiveScan.BLOCK;

    private final Compute compute;
    private final Mamba1Parameters p;
    private final int batch;
    private final int dInner;
    private final int n;
    private final int blocks;
    private final int size; // one part's state
    private final float[][] a; // A of each block (N, BLOCK)
    private final float[][] d; // D of each block
    private final float[][] g; // each part's gradient of the state (N, BLOCK)
    private final float[][] dA; // each part's (N, BLOCK)
    private final float[][] dD; // each part's (BLOCK)
    private final float[][] dBC; // each part's (steps, 2 N)

    Mamba1Scan(Compute compute, Mamba1Parameters p, int batch, int steps) {
        this.compute = compute;
        this.p = p;
        this.batch = batch;
        this.dInner = p.dInner();
        this.n = p.dState();
        this.blocks = Math.ceilDiv(dInner, BLOCK);
        this.size = n * BLOCK;
        this.a = new float[blocks][size];
        this.d = new float[blocks][BLOCK];
        this.g = new float[parts()][size];
        this.dA = new float[parts()][size];
        this.dD = new float[parts()][BLOCK];
        this.dBC = new float[parts()][steps * 2 * n];
    }

    private int parts() {
        return batch * blocks;
    }

    /** Floats of the states of all parts. */
    int stateSize() {
        return parts() * size;
    }

    long floats() {
        return (long) blocks * (size + BLOCK)
                + (long) parts() * (2 * size + BLOCK + (parts() == 0 ? 0 : dBC[0].length));
    }

    /** Takes A = -exp(A_log) and D as they are now, and begins gradients. */
    void begin() {
        for (int c = 0; c < dInner; c++) {
            for (int i = 0; i < n; i++) {
                a[c / BLOCK][i * BLOCK + c % BLOCK] = (float) -Math.exp(p.aLog().value()[c * n + i]);
            }
            d[c / BLOCK][c % BLOCK] = p.d().value()[c];
        }
        for (int part = 0; part < parts(); part++) {
            Arrays.fill(g[part], 0);
            Arrays.fill(dA[part], 0);
            Arrays.fill(dD[part], 0);
        }
    }

    /** From dt, act, dtBC to y; state (batch, blocks, N, BLOCK) moves on. */
    void forward(MixerChunk c, int steps, float[] state, boolean keep) {
        compute.parallel().run(parts(), part -> {
            float[] y = new float[steps * BLOCK];
            int at = part * size;
            if (keep) {
                int hAt = part * (steps + 1) * size;
                System.arraycopy(state, at, c.h, hAt, size);
                SelectiveScan.forward(chunk(part, c, steps), c.h, hAt, true, y);
                System.arraycopy(c.h, hAt + steps * size, state, at, size);
            } else {
                SelectiveScan.forward(chunk(part, c, steps), state, at, false, y);
            }
            scatter(y, part, steps, c.y);
        });
    }

    private Chunk chunk(int part, MixerChunk c, int steps) {
        int block = part % blocks;
        int width = p.xProj().outputs();
        int bAt = part / blocks * steps * width + p.dtRank();
        return new Chunk(
                steps,
                n,
                a[block],
                d[block],
                gather(c.dt, part, steps),
                gather(c.act, part, steps),
                c.dtBC,
                bAt,
                width);
    }

    /** From dy and the kept states to dDt, dAct and the B and C of dDtBC. */
    void backward(MixerChunk c, int steps) {
        compute.parallel().run(parts(), part -> {
            float[] dDt = new float[steps * BLOCK];
            float[] dX = new float[steps * BLOCK];
            Gradients out = new Gradients(g[part], dA[part], dD[part], dDt, dX, dBC[part]);
            int hAt = part * (steps + 1) * size;
            SelectiveScan.backward(chunk(part, c, steps), c.h, hAt, gather(c.dMixed, part, steps), out);
            scatter(dDt, part, steps, c.dDt);
            scatter(dX, part, steps, c.dAct);
        });
        int width = p.xProj().outputs();
        for (int r = 0; r < batch * steps; r++) {
            int b = r / steps;
            int from = r % steps * 2 * n;
            int to = r * width + p.dtRank();
            Arrays.fill(c.dDtBC, to, to + 2 * n, 0);
            for (int block = 0; block < blocks; block++) {
                float[] part = dBC[b * blocks + block];
                for (int i = 0; i < 2 * n; i++) {
                    c.dDtBC[to + i] += part[from + i];
                }
            }
        }
    }

    /** Adds up the gradients of A_log and D: {@code dA_log = dA A}. */
    void end() {
        for (int b = 0; b < batch; b++) {
            for (int c = 0; c < dInner; c++) {
                int part = b * blocks + c / BLOCK;
                for (int i = 0; i < n; i++) {
                    int at = i * BLOCK + c % BLOCK;
                    p.aLog().gradient()[c * n + i] += dA[part][at] * a[c / BLOCK][at];
                }
                p.d().gradient()[c] += dD[part][c % BLOCK];
            }
        }
    }

    /** A block's columns of a sequence's rows, (steps, BLOCK), zeros beyond dInner. */
    private float[] gather(float[] rows, int part, int steps) {
        float[] out = new float[steps * BLOCK];
        int first = part % blocks * BLOCK;
        int columns = Math.min(BLOCK, dInner - first);
        for (int t = 0; t < steps; t++) {
            System.arraycopy(rows, (part / blocks * steps + t) * dInner + first, out, t * BLOCK, columns);
        }
        return out;
    }

    private void scatter(float[] block, int part, int steps, float[] rows) {
        int first = part % blocks * BLOCK;
        int columns = Math.min(BLOCK, dInner - first);
        for (int t = 0; t < steps; t++) {
            System.arraycopy(block, t * BLOCK, rows, (part / blocks * steps + t) * dInner + first, columns);
        }
    }
}
