package io.mambaaudio.models.train;

import io.mambaaudio.models.cpu.Gemm.View;
import io.mambaaudio.models.cpu.SelectiveScan;
import io.mambaaudio.models.cpu.TrainingKernels;
import java.util.List;

/** Mamba-1 (Gu and Dao 2023): x_proj, dt, the selective scan, the gate. */
final class Mamba1Mixer implements Mixer {
    private final Compute compute;
    private final Mamba1Parameters p;
    private final int dInner;
    private Mamba1Scan scan;

    Mamba1Mixer(Compute compute, Mamba1Parameters parameters) {
        this.compute = compute;
        this.p = parameters;
        this.dInner = p.dInner();
        this.scan = new Mamba1Scan(compute, p, 0, 0);
    }

    @Override
    public MixerSizes sizes() {
        int stepStates = Math.ceilDiv(dInner, SelectiveScan.BLOCK) * SelectiveScan.BLOCK * p.dState();
        return new MixerSizes(
                p.inProj().inputs(),
                2 * dInner, // x, z
                0,
                dInner,
                p.conv().before(),
                dInner,
                dInner,
                p.xProj().outputs(),
                stepStates);
    }

    @Override
    public RmsNorm norm() {
        return p.norm();
    }

    @Override
    public Linear inProj() {
        return p.inProj();
    }

    @Override
    public CausalConv conv() {
        return p.conv();
    }

    @Override
    public Linear outProj() {
        return p.outProj();
    }

    @Override
    public List<Parameter> parameters() {
        return p.all();
    }

    @Override
    public void reserve(int batch, int steps) {
        scan = new Mamba1Scan(compute, p, batch, steps);
    }

    @Override
    public int stateSize() {
        return scan.stateSize();
    }

    @Override
    public long floats() {
        return scan.floats();
    }

    @Override
    public void begin() {
        scan.begin();
    }

    @Override
    public void forward(MixerChunk c, int batch, int steps, float[] xz, float[] state, boolean keepStates) {
        int rows = batch * steps;
        p.xProj().forward(compute, rows, View.rows(c.act, 0, dInner), c.dtBC);
        View w = p.dtWeight().transposed();
        compute.gemm().multiply(rows, dInner, p.dtRank(), dtInput(c), w, c.dt, 0, dInner, false, compute.parallel());
        float[] bias = p.dtBias().value();
        compute.rows(rows, (from, to) -> {
            for (int at = from * dInner; at < to * dInner; at += dInner) {
                TrainingKernels.timeStep(c.dt, at, bias, 0, Float.POSITIVE_INFINITY, c.dt, at, dInner);
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
    public void backward(MixerChunk c, int batch, int steps, float[] xz, float[] state) {
        int rows = batch * steps;
        compute.rows(rows, (from, to) -> {
            for (int r = from; r < to; r++) {
                int at = r * dInner;
                int z = r * 2 * dInner + dInner;
                TrainingKernels.gateBackward(c.y, at, xz, z, c.dMixed, at, c.dMixed, at, c.dProjected, z, dInner);
            }
        });
        scan.backward(c, steps); // dDt, dAct, B and C of dDtBC
        timeStepBackward(rows, c);
        p.xProj().backwardWeights(compute, rows, View.rows(c.act, 0, dInner), c.dDtBC);
        p.xProj().backwardInput(compute, rows, c.dDtBC, c.dAct, dInner, true);
    }

    /** Through softplus and dt_proj. */
    private void timeStepBackward(int rows, MixerChunk c) {
        compute.rows(rows, (from, to) -> {
            int at = from * dInner;
            TrainingKernels.timeStepBackward(c.dt, at, 0, Float.POSITIVE_INFINITY, c.dDt, at, (to - from) * dInner);
        });
        Linear.sumRows(rows, c.dDt, dInner, p.dtBias().gradient());
        int rank = p.dtRank();
        View d = View.rows(c.dDt, 0, dInner);
        float[] dW = p.dtProj().gradient();
        compute.gemm().multiply(dInner, rank, rows, d.transposed(), dtInput(c), dW, 0, rank, true, compute.parallel());
        int width = p.xProj().outputs();
        compute.gemm().multiply(rows, rank, dInner, d, p.dtWeight(), c.dDtBC, 0, width, false, compute.parallel());
    }

    /** The first columns of what x_proj makes. */
    private View dtInput(MixerChunk c) {
        return View.rows(c.dtBC, 0, p.xProj().outputs());
    }

    @Override
    public void end() {
        scan.end();
    }
}
