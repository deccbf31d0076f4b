package io.mambaaudio.models.cpu;

import io.mambaaudio.models.FrameFrontend;
import io.mambaaudio.models.MambaConfig;
import java.util.Arrays;

/**
 * Some steps that go through a model together, a row each: one of each of several streams, or several of one stream one after another. Their
 * activations, which nobody keeps. Allocated once.
 */
final class Rows {
    final int capacity;
    final Kernels.Heads heads; // of Mamba-2
    final float[][] states; // (rows) the state that a row moves on; all the same one if they are of one stream
    final float[] windows; // (rows, windowFrames * nMels)
    final float[] x; // (rows, dModel) the residual stream
    final float[] u; // (rows, dModel) its norm, then what a block adds to it
    final float[] projected; // (rows, ...) Mamba-1: x, z. Mamba-2: z, x, B, C, dt. S4D: a, b
    final float[] conv; // (rows, convDim)
    final float[] dtBC; // (rows, ...) Mamba-1: dt (dtRank), B (N), C (N)
    final float[] dt; // (rows, ...) Mamba-1: (dInner). Mamba-2: (nHeads)
    final float[] decay; // (rows, nHeads) Mamba-2
    final float[] y; // (rows, dInner)
    final float[] panel; // of the matrix products
    int count;
    boolean inSequence; // of one stream

    Rows(MambaConfig c, Kernels kernels, int capacity) {
        this.capacity = capacity;
        heads = new Kernels.Heads(c.nHeads(), c.headDim(), c.nGroups(), c.dState());
        int window = c.frontend().map(FrameFrontend::windowSize).orElse(0);
        states = new float[capacity][];
        release();
        windows = new float[capacity * window];
        x = new float[capacity * c.dModel()];
        u = new float[capacity * c.dModel()];
        projected = new float[capacity * (c.dInner() + c.convDim() + c.nHeads())];
        conv = new float[capacity * c.convDim()];
        dtBC = new float[capacity * (c.dtRank() + 2 * c.dState())];
        dt = new float[capacity * Math.max(c.nHeads(), c.kind() == MambaConfig.Kind.MAMBA1 ? c.dInner() : 0)];
        decay = new float[capacity * c.nHeads()];
        y = new float[capacity * c.dInner()];
        panel = new float[kernels.panelSize(Math.max(Math.max(c.dModel(), c.dInner()), Math.max(c.dtRank(), window)))];
    }

    /** Forgets whose states they were. */
    void release() {
        Arrays.fill(states, new float[0]);
    }
}
