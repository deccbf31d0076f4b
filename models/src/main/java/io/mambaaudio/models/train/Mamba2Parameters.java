package io.mambaaudio.models.train;

import java.util.ArrayList;
import java.util.List;

/**
 * What a Mamba-2 block with one group trains.
 *
 * @param inProj (2 dInner + 2 N + nHeads, dModel): z, x, B, C, dt
 * @param conv (dInner + 2 N, 1, dConv)
 * @param dtBias (nHeads)
 * @param aLog (nHeads)
 * @param d (nHeads)
 * @param gatedNorm (dInner)
 * @param outProj (dModel, dInner)
 */
record Mamba2Parameters(
        RmsNorm norm,
        Linear inProj,
        CausalConv conv,
        Parameter dtBias,
        Parameter aLog,
        Parameter d,
        RmsNorm gatedNorm,
        Linear outProj) {

    int dInner() {
        return outProj.inputs();
    }

    int nHeads() {
        return dtBias.size();
    }

    int headDim() {
        return dInner() / nHeads();
    }

    int dState() {
        return (conv.channels() - dInner()) / 2;
    }

    List<Parameter> all() {
        List<Parameter> all = new ArrayList<>(List.of(norm.weight(), inProj.weight()));
        inProj.bias().ifPresent(all::add);
        all.add(conv.weight());
        conv.bias().ifPresent(all::add);
        all.addAll(List.of(dtBias, aLog, d, gatedNorm.weight(), outProj.weight()));
        outProj.bias().ifPresent(all::add);
        return List.copyOf(all);
    }
}
