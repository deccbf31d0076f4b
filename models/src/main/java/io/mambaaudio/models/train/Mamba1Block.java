package io.mambaaudio.models.train;

import io.mambaaudio.models.cpu.Gemm.View;
import io.mambaaudio.models.cpu.TrainingKernels;
import java.util.ArrayList;
import java.util.List;

/**
 * Mamba-1 (Gu and Dao 2023), in the order of {@code Layer.Mamba1.step}: norm, in_proj, conv, x_proj, dt, scan, gate, out_proj. The batch is
 * computed chunk by chunk; of each chunk stays what {@link Keep} says, and the states at its start. The backward pass goes through the chunks
 * from the last to the first and computes what did not stay again.
 */
final class Mamba1Block implements Block {
    private final Compute compute;
    private final Keep keep;
    private final Mamba1Parameters p;
    private final int dModel;
    private final int dInner;

    private Chunks chunks = new Chunks(0, 0, 1);
    private float[] input = {}; // (batch, length, dModel)
    private final List<Mamba1Chunk> kept = new ArrayList<>(); // one a chunk, or one for all
    private float[][] projections = {}; // of each chunk (rows, 2 dInner): x, z
    private float[][] states = {}; // at the start of each chunk (batch, blocks, N, BLOCK)
    private float[][] tails = {}; // the inputs of the convolution before each chunk (batch, dConv - 1, dInner)
    private Mamba1Scan scan;

    Mamba1Block(Compute compute, Keep keep, Mamba1Parameters parameters) {
        this.compute = compute;
        this.keep = keep;
        this.p = parameters;
        this.dModel = p.inProj().inputs();
        this.dInner = p.outProj().inputs();
        this.scan = new Mamba1Scan(compute, p, 0);
    }

    @Override
    public List<Parameter> parameters() {
        return p.all();
    }

    @Override
    public void forward(float[] x, int batch, int length) {
        reserve(batch, length);
        System.arraycopy(x, 0, input, 0, input.length);
        scan.begin();
        float[] state = new float[scan.stateSize()];
        float[] tail = new float[batch * p.conv().before() * dInner];
        for (int i = 0; i < chunks.count(); i++) {
            Mamba1Chunk c = chunk(i);
            System.arraycopy(state, 0, states[i], 0, state.length);
            System.arraycopy(tail, 0, tails[i], 0, tail.length);
            project(i, c);
            mix(i, c, state, keep == Keep.EVERYTHING);
            c.extendedEnd(chunks.steps(i), tail);
            p.outProj().forward(compute, rows(i), View.rows(c.gated, 0, dInner), c.dx);
            chunks.add(i, c.dx, dModel, x);
        }
    }

    /** norm, in_proj. */
    private void project(int i, Mamba1Chunk c) {
        chunks.gather(i, input, dModel, c.x);
        p.norm().forward(compute, rows(i), c.x, c.u);
        p.inProj().forward(compute, rows(i), View.rows(c.u, 0, dModel), projection(i, c));
    }

    /** conv, x_proj, dt, scan, gate. */
    private void mix(int i, Mamba1Chunk c, float[] state, boolean keepStates) {
        int rows = rows(i);
        int steps = chunks.steps(i);
        float[] xz = projection(i, c);
        c.extend(tails[i], xz, steps);
        p.conv().forward(compute, chunks.batch(), steps, c.extended, c.pre, c.act);
        p.xProj().forward(compute, rows, View.rows(c.act, 0, dInner), c.dtBC);
        View dtInput = new View(c.dtBC, 0, p.xProj().outputs(), 1);
        compute.gemm()
                .multiply(
                        rows,
                        dInner,
                        p.dtRank(),
                        dtInput,
                        p.dtWeight().transposed(),
                        c.dt,
                        0,
                        dInner,
                        false,
                        compute.parallel());
        compute.rows(rows, (from, to) -> {
            for (int r = from; r < to; r++) {
                int at = r * dInner;
                TrainingKernels.timeStep(c.dt, at, p.dtBias().value(), 0, Float.POSITIVE_INFINITY, c.dt, at, dInner);
            }
        });
        scan.forward(c, steps, state, keepStates);
        compute.rows(rows, (from, to) -> {
            for (int r = from; r < to; r++) {
                int z = r * 2 * dInner + dInner;
                TrainingKernels.gate(c.y, r * dInner, xz, z, c.gated, r * dInner, dInner);
            }
        });
    }

    @Override
    public void backward(float[] dx) {
        scan.beginBackward();
        float[] carried =
                new float[chunks.batch() * p.conv().before() * dInner]; // gradient of the rows before the chunk
        for (int i = chunks.count() - 1; i >= 0; i--) {
            Mamba1Chunk c = chunk(i);
            if (keep != Keep.EVERYTHING) {
                again(i, c);
            }
            chunks.gather(i, dx, dModel, c.dx);
            backward(i, c, carried);
            chunks.add(i, c.dx, dModel, dx);
        }
        scan.endBackward();
    }

    /** The part of the forward pass that was not kept. */
    private void again(int i, Mamba1Chunk c) {
        if (keep == Keep.INPUT) {
            project(i, c);
        } else {
            chunks.gather(i, input, dModel, c.x);
            p.norm().forward(compute, rows(i), c.x, c.u);
        }
        mix(i, c, states[i].clone(), true);
    }

    private void backward(int i, Mamba1Chunk c, float[] carried) {
        int rows = rows(i);
        int steps = chunks.steps(i);
        float[] xz = projection(i, c);
        p.outProj().backwardWeights(compute, rows, View.rows(c.gated, 0, dInner), c.dx);
        p.outProj().backwardInput(compute, rows, c.dx, c.dy, dInner, false);
        compute.rows(rows, (from, to) -> {
            for (int r = from; r < to; r++) {
                int at = r * dInner;
                int z = r * 2 * dInner + dInner;
                TrainingKernels.gateBackward(c.y, at, xz, z, c.dy, at, c.dy, at, c.dxz, z, dInner);
            }
        });
        scan.backward(c, steps); // dDt, dAct, dDtBC
        backwardTimeStep(rows, c);
        p.xProj().backwardWeights(compute, rows, View.rows(c.act, 0, dInner), c.dDtBC);
        p.xProj().backwardInput(compute, rows, c.dDtBC, c.dAct, dInner, true);
        c.beginExtended(steps, carried);
        p.conv().backward(compute, chunks.batch(), steps, c.extended, c.pre, c.dAct, c.dExtended);
        c.endExtended(steps, carried);
        p.inProj().backwardWeights(compute, rows, View.rows(c.u, 0, dModel), c.dxz);
        p.inProj().backwardInput(compute, rows, c.dxz, c.du, dModel, false);
        p.norm().backward(compute, rows, c.x, c.du, c.dx, false); // the residual's own gradient is in dx of the caller
    }

    /** Through softplus and dt_proj. */
    private void backwardTimeStep(int rows, Mamba1Chunk c) {
        compute.rows(rows, (from, to) -> {
            int at = from * dInner;
            TrainingKernels.timeStepBackward(c.dt, at, 0, Float.POSITIVE_INFINITY, c.dDt, at, (to - from) * dInner);
        });
        Linear.sumRows(rows, c.dDt, dInner, p.dtBias().gradient());
        int width = p.xProj().outputs();
        View d = View.rows(c.dDt, 0, dInner);
        View dtInput = new View(c.dtBC, 0, width, 1);
        compute.gemm()
                .multiply(
                        dInner,
                        p.dtRank(),
                        rows,
                        d.transposed(),
                        dtInput,
                        p.dtProj().gradient(),
                        0,
                        p.dtRank(),
                        true,
                        compute.parallel());
        compute.gemm()
                .multiply(rows, p.dtRank(), dInner, d, p.dtWeight(), c.dDtBC, 0, width, false, compute.parallel());
    }

    private int rows(int chunk) {
        return chunks.batch() * chunks.steps(chunk);
    }

    private Mamba1Chunk chunk(int i) {
        return kept.get(keep == Keep.EVERYTHING ? i : 0);
    }

    private float[] projection(int i, Mamba1Chunk c) {
        return keep == Keep.PROJECTIONS ? projections[i] : c.xz;
    }

    private void reserve(int batch, int length) {
        if (chunks.batch() == batch && chunks.length() == length) {
            return;
        }
        chunks = Chunks.of(batch, length, compute.mostSteps());
        int count = chunks.count();
        input = new float[batch * length * dModel];
        scan = new Mamba1Scan(compute, p, batch);
        states = new float[count][scan.stateSize()];
        tails = new float[count][batch * p.conv().before() * dInner];
        projections = new float[keep == Keep.PROJECTIONS ? count : 0][chunks.rows() * 2 * dInner];
        kept.clear();
        for (int i = 0; i < (keep == Keep.EVERYTHING ? count : 1); i++) {
            kept.add(new Mamba1Chunk(
                    p, batch, chunks.most(), keep != Keep.PROJECTIONS, i == 0 ? null : kept.getFirst()));
        }
    }

    @Override
    public long activationBytes() {
        long floats = input.length + scan.floats();
        for (float[][] perChunk : List.of(projections, states, tails)) {
            for (float[] array : perChunk) {
                floats += array.length;
            }
        }
        for (Mamba1Chunk c : kept) {
            floats += c.floats();
        }
        return 4 * floats;
    }
}
