package io.mambaaudio.models.cpu;

import io.mambaaudio.models.FrameFrontend;
import io.mambaaudio.models.MambaConfig;

/** What a step writes on its way and nobody keeps. */
final class Scratch {
    final float[] x; // (dModel) the residual stream
    final float[] u; // (dModel) its norm, then what a block adds to it
    final float[] window; // (windowFrames * nMels)
    final float[] projected; // Mamba-1: x, z. Mamba-2: z, x, B, C, dt
    final float[] conv; // (convDim)
    final float[] dtBC; // Mamba-1: dt (dtRank), B (N), C (N)
    final float[] dt; // Mamba-1: (dInner). Mamba-2: (nHeads)
    final float[] y; // (dInner)

    Scratch(MambaConfig c) {
        x = new float[c.dModel()];
        u = new float[c.dModel()];
        window = new float[c.frontend().map(FrameFrontend::windowSize).orElse(0)];
        projected = new float[c.dInner() + c.convDim() + c.nHeads()];
        conv = new float[c.convDim()];
        dtBC = new float[c.dtRank() + 2 * c.dState()];
        dt = new float[Math.max(c.nHeads(), c.kind() == MambaConfig.Kind.MAMBA1 ? c.dInner() : 0)];
        y = new float[c.dInner()];
    }
}
