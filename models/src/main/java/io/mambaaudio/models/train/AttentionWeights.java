package io.mambaaudio.models.train;

import java.util.List;

/**
 * What a Transformer's block trains.
 *
 * @param qkv (3 dModel, dModel): queries, keys, values, head by head
 * @param out (dModel, dModel)
 * @param up (4 dModel, dModel)
 * @param down (dModel, 4 dModel)
 * @param headDim channels a head
 */
record AttentionWeights(RmsNorm norm, Linear qkv, Linear out, RmsNorm mlpNorm, Linear up, Linear down, int headDim) {
    int dModel() {
        return out.outputs();
    }

    int heads() {
        return dModel() / headDim;
    }

    List<Parameter> all() {
        return List.of(norm.weight(), qkv.weight(), out.weight(), mlpNorm.weight(), up.weight(), down.weight());
    }
}
