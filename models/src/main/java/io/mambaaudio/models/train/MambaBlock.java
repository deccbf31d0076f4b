package io.mambaaudio.models.train;

import io.mambaaudio.models.cpu.Gemm.View;
import java.util.ArrayList;
import java.util.List;

/**
 * A Mamba block: norm, in_proj, conv, the mixer, out_proj. The batch is computed chunk by chunk; of each chunk stays what {@link Keep} says,
 * and the states at its start. The backward pass goes through the chunks from the last to the first and computes what did not stay again.
 */
final class MambaBlock implements Block {
    private final Compute compute;
    private final Keep keep;
    private final Mixer mixer;
    private final MixerSizes s;

    private Chunks chunks = new Chunks(0, 0, 1);
    private float[] input = {}; // (batch, length, dModel)
    private final List<MixerChunk> kept = new ArrayList<>(); // one a chunk, or one for all
    private float[][] projections = {}; // of each chunk (rows, projected)
    private float[][] states = {}; // at the start of each chunk
    private float[][] tails = {}; // the inputs of the convolution before each chunk (batch, before, convChannels)

    MambaBlock(Compute compute, Keep keep, Mixer mixer) {
        this.compute = compute;
        this.keep = keep;
        this.mixer = mixer;
        this.s = mixer.sizes();
    }

    @Override
    public List<Parameter> parameters() {
        return mixer.parameters();
    }

    @Override
    public void forward(float[] x, int batch, int length) {
        reserve(batch, length);
        System.arraycopy(x, 0, input, 0, input.length);
        mixer.begin();
        float[] state = new float[mixer.stateSize()];
        float[] tail = new float[batch * s.before() * s.convChannels()];
        for (int i = 0; i < chunks.count(); i++) {
            MixerChunk c = chunk(i);
            System.arraycopy(state, 0, states[i], 0, state.length);
            System.arraycopy(tail, 0, tails[i], 0, tail.length);
            norm(i, c);
            mixer.inProj().forward(compute, rows(i), View.rows(c.u, 0, s.dModel()), projection(i, c));
            mix(i, c, state, keep == Keep.EVERYTHING);
            c.endOf(chunks.steps(i), tail);
            mixer.outProj().forward(compute, rows(i), View.rows(c.mixed, 0, s.dInner()), c.dx);
            chunks.add(i, c.dx, s.dModel(), x);
        }
    }

    private void norm(int i, MixerChunk c) {
        chunks.gather(i, input, s.dModel(), c.x);
        mixer.norm().forward(compute, rows(i), c.x, c.u);
    }

    private void mix(int i, MixerChunk c, float[] state, boolean keepStates) {
        int steps = chunks.steps(i);
        float[] projection = projection(i, c);
        c.extend(tails[i], projection, steps);
        mixer.conv().forward(compute, chunks.batch(), steps, c.extended, c.pre, c.act);
        mixer.forward(c, chunks.batch(), steps, projection, state, keepStates);
    }

    @Override
    public void backward(float[] dx) {
        float[] carried =
                new float[chunks.batch() * s.before() * s.convChannels()]; // gradient of the rows before the chunk
        for (int i = chunks.count() - 1; i >= 0; i--) {
            MixerChunk c = chunk(i);
            if (keep != Keep.EVERYTHING) {
                again(i, c);
            }
            chunks.gather(i, dx, s.dModel(), c.dx);
            backward(i, c, carried);
            chunks.add(i, c.dx, s.dModel(), dx);
        }
        mixer.end();
    }

    /** The part of the forward pass that was not kept. */
    private void again(int i, MixerChunk c) {
        norm(i, c);
        if (keep == Keep.INPUT) {
            mixer.inProj().forward(compute, rows(i), View.rows(c.u, 0, s.dModel()), projection(i, c));
        }
        mix(i, c, states[i].clone(), true);
    }

    private void backward(int i, MixerChunk c, float[] carried) {
        int rows = rows(i);
        int steps = chunks.steps(i);
        mixer.outProj().backwardWeights(compute, rows, View.rows(c.mixed, 0, s.dInner()), c.dx);
        mixer.outProj().backwardInput(compute, rows, c.dx, c.dMixed, s.dInner(), false);
        mixer.backward(c, chunks.batch(), steps, projection(i, c), states[i]);
        c.beginExtended(steps, carried);
        mixer.conv().backward(compute, chunks.batch(), steps, c.extended, c.pre, c.dAct, c.dExtended);
        c.endExtended(steps, carried);
        mixer.inProj().backwardWeights(compute, rows, View.rows(c.u, 0, s.dModel()), c.dProjected);
        mixer.inProj().backwardInput(compute, rows, c.dProjected, c.du, s.dModel(), false);
        mixer.norm()
                .backward(
                        compute, rows, c.x, c.du, c.dx, false); // the residual's own gradient stays in the caller's dx
    }

    private int rows(int chunk) {
        return chunks.batch() * chunks.steps(chunk);
    }

    private MixerChunk chunk(int i) {
        return kept.get(keep == Keep.EVERYTHING ? i : 0);
    }

    private float[] projection(int i, MixerChunk c) {
        return keep == Keep.PROJECTIONS ? projections[i] : c.projected;
    }

    private void reserve(int batch, int length) {
        if (chunks.batch() == batch && chunks.length() == length) {
            return;
        }
        chunks = Chunks.of(batch, length, compute.mostSteps());
        int count = chunks.count();
        mixer.reserve(batch, chunks.most());
        input = new float[batch * length * s.dModel()];
        states = new float[count][mixer.stateSize()];
        tails = new float[count][batch * s.before() * s.convChannels()];
        projections = new float[keep == Keep.PROJECTIONS ? count : 0][chunks.rows() * s.projected()];
        kept.clear();
        for (int i = 0; i < (keep == Keep.EVERYTHING ? count : 1); i++) {
            MixerChunk shared = i == 0 ? null : kept.getFirst();
            kept.add(new MixerChunk(s, batch, chunks.most(), keep != Keep.PROJECTIONS, shared));
        }
    }

    @Override
    public long activationBytes() {
        long floats = input.length + mixer.floats();
        for (float[][] perChunk : List.of(projections, states, tails)) {
            for (float[] array : perChunk) {
                floats += array.length;
            }
        }
        for (MixerChunk c : kept) {
            floats += c.floats();
        }
        return 4 * floats;
    }
}
