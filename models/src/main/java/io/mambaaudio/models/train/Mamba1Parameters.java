package io.mambaaudio.models.train;

import io.mambaaudio.models.cpu.Gemm.View;
import java.util.ArrayList;
import java.util.List;

/**
 * What a Mamba-1 block trains.
 *
 * @param inProj (2 dInner, dModel): x, z
 * @param conv (dInner, 1, dConv)
 * @param xProj (dtRank + 2 N, dInner): dt, B, C
 * @param dtProj (dInner, dtRank)
 * @param dtBias (dInner)
 * @param aLog (dInner, N)
 * @param d (dInner)
 * @param outProj (dModel, dInner)
 */
record Mamba1Parameters(
        RmsNorm norm,
        Linear inProj,
        CausalConv conv,
        Linear xProj,
        Parameter dtProj,
        Parameter dtBias,
        Parameter aLog,
        Parameter d,
        Linear outProj) {

    int dInner() {
        return dtBias.size();
    }

    int dState() {
        return aLog.shape()[1];
    }

    int dtRank() {
        return dtProj.shape()[1];
    }

    /** dt_proj as a matrix (dInner, dtRank). */
    View dtWeight() {
        return View.rows(dtProj.value(), 0, dtRank());
    }

    List<Parameter> all() {
        List<Parameter> all = new ArrayList<>(List.of(norm.weight(), inProj.weight()));
        inProj.bias().ifPresent(all::add);
        all.add(conv.weight());
        conv.bias().ifPresent(all::add);
        all.addAll(List.of(xProj.weight(), dtProj, dtBias, aLog, d, outProj.weight()));
        outProj.bias().ifPresent(all::add);
        return List.copyOf(all);
    }
}
