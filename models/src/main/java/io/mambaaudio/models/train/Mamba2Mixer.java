package io.mambaaudio.models.train;

import io.mambaaudio.models.cpu.Gemm.View;
import io.mambaaudio.models.cpu.StateSpaceDual;
import io.mambaaudio.models.cpu.StateSpaceDual.Chunk;
import io.mambaaudio.models.cpu.StateSpaceDual.Gradients;
import io.mambaaudio.models.cpu.TrainingKernels;
import java.util.Arrays;
import java.util.List;

/** Mamba-2 (Dao and Gu 2024) with one group: dt, the state space dual of each head, the gate, the gated norm. */
final class Mamba2Mixer implements Mixer {
    private final Compute compute;
    private final Mamba2Parameters p;
    private final int dInner;
    private final int heads;
    private final int n;
    private final int channels; // of the convolution: x, B, C
    private final int projected;
    private final int size; // one head's state
    private final float leastDt;
    private final float mostDt;
    private StateSpaceDual[] dual = {}; // one a part: a head of a sequence
    private float[] dState = {}; // (batch, heads, N, headDim)
    private float[][] dB = {}; // each part's (steps, N)
    private float[][] dC = {};
    private float[][] dAD = {}; // each part's A and D

    Mamba2Mixer(Compute compute, Mamba2Parameters parameters) {
        this(compute, parameters, 0, Float.POSITIVE_INFINITY);
    }

    /** With time steps that are kept between two limits. */
    Mamba2Mixer(Compute compute, Mamba2Parameters parameters, float leastDt, float mostDt) {
        this.compute = compute;
        this.leastDt = leastDt;
        this.mostDt = mostDt;
        this.p = parameters;
        this.dInner = p.dInner();
        this.heads = p.nHeads();
        this.n = p.dState();
        this.channels = p.conv().channels();
        this.projected = p.inProj().outputs();
        this.size = n * p.headDim();
    }

    @Override
    public MixerSizes sizes() {
        return new MixerSizes(
                p.inProj().inputs(), projected, dInner, channels, p.conv().before(), dInner, heads, 0, 0);
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
        int parts = batch * heads;
        dual = new StateSpaceDual[parts];
        Arrays.setAll(dual, part -> new StateSpaceDual(steps, n, p.headDim()));
        dState = new float[parts * size];
        dB = new float[parts][steps * n];
        dC = new float[parts][steps * n];
        dAD = new float[parts][2];
    }

    @Override
    public int stateSize() {
        return dual.length * size;
    }

    @Override
    public long floats() {
        return dual.length == 0 ? 0 : dual.length * (dual[0].floats() + 2L * dB[0].length + 2) + dState.length;
    }

    @Override
    public void begin() {
        Arrays.fill(dState, 0);
        for (float[] ad : dAD) {
            Arrays.fill(ad, 0);
        }
    }

    @Override
    public void forward(MixerChunk c, int batch, int steps, float[] zxBCdt, float[] state, boolean keepStates) {
        int rows = batch * steps;
        float[] bias = p.dtBias().value();
        for (int r = 0; r < rows; r++) {
            int in = r * projected + dInner + channels;
            TrainingKernels.timeStep(zxBCdt, in, bias, leastDt, mostDt, c.dt, r * heads, heads);
        }
        compute.parallel()
                .run(
                        dual.length,
                        part -> dual[part].forward(chunk(part, c, steps), state, part * size, head(c.y, part, steps)));
        compute.rows(rows, (from, to) -> {
            for (int r = from; r < to; r++) {
                TrainingKernels.gate(c.y, r * dInner, zxBCdt, r * projected, c.gated, r * dInner, dInner);
            }
        });
        p.gatedNorm().forward(compute, rows, c.gated, c.mixed);
    }

    private Chunk chunk(int part, MixerChunk c, int steps) {
        int head = part % heads;
        int row = part / heads * steps * channels;
        return new Chunk(
                steps,
                (float) -Math.exp(p.aLog().value()[head]),
                p.d().value()[head],
                new View(c.dt, part / heads * steps * heads + head, heads, 1),
                new View(c.act, row + head * p.headDim(), channels, 1),
                new View(c.act, row + dInner, channels, 1),
                new View(c.act, row + dInner + n, channels, 1));
    }

    /** A head's columns of (rows, dInner). */
    private View head(float[] rows, int part, int steps) {
        return new View(rows, part / heads * steps * dInner + part % heads * p.headDim(), dInner, 1);
    }

    @Override
    public void backward(MixerChunk c, int batch, int steps, float[] zxBCdt, float[] state) {
        int rows = batch * steps;
        p.gatedNorm().backward(compute, rows, c.gated, c.dMixed, c.dMixed, false);
        compute.rows(rows, (from, to) -> {
            for (int r = from; r < to; r++) {
                int at = r * dInner;
                int z = r * projected;
                TrainingKernels.gateBackward(c.y, at, zxBCdt, z, c.dMixed, at, c.dMixed, at, c.dProjected, z, dInner);
            }
        });
        compute.parallel().run(dual.length, part -> {
            View dt = new View(c.dDt, part / heads * steps * heads + part % heads, heads, 1);
            View x = new View(c.dAct, part / heads * steps * channels + part % heads * p.headDim(), channels, 1);
            Gradients out = new Gradients(dState, part * size, dt, x, dB[part], dC[part], dAD[part]);
            dual[part].backward(chunk(part, c, steps), state, part * size, head(c.dMixed, part, steps), out);
        });
        sumHeads(c, batch, steps);
        for (int r = 0; r < rows; r++) {
            TrainingKernels.timeStepBackward(c.dt, r * heads, leastDt, mostDt, c.dDt, r * heads, heads);
            System.arraycopy(c.dDt, r * heads, c.dProjected, r * projected + dInner + channels, heads);
        }
        Linear.sumRows(rows, c.dDt, heads, p.dtBias().gradient());
    }

    /** B and C are shared by the heads: their gradients are the sums of the heads' parts, in the order of the heads. */
    private void sumHeads(MixerChunk c, int batch, int steps) {
        for (int b = 0; b < batch; b++) {
            for (int t = 0; t < steps; t++) {
                int to = (b * steps + t) * channels + dInner;
                Arrays.fill(c.dAct, to, to + 2 * n, 0);
                for (int part = b * heads; part < (b + 1) * heads; part++) {
                    for (int i = 0; i < n; i++) {
                        c.dAct[to + i] += dB[part][t * n + i];
                        c.dAct[to + n + i] += dC[part][t * n + i];
                    }
                }
            }
        }
    }

    @Override
    public void end() {
        for (int part = 0; part < dAD.length; part++) {
            int head = part % heads;
            p.aLog().gradient()[head] +=
                    dAD[part][0] * (float) -Math.exp(p.aLog().value()[head]);
            p.d().gradient()[head] += dAD[part][1];
        }
    }
}
