package io.mambaaudio.models.cuda;

import static io.mambaaudio.models.cuda.Driver.check;
import static jcuda.driver.JCudaDriver.cuCtxSynchronize;

import io.mambaaudio.models.MambaConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import jcuda.driver.CUstream;

/** A model's weights once more, packed for the tensor cores. */
final class BatchModel implements AutoCloseable {
    /**
     * The projections of a layer.
     *
     * @param xProj Mamba-1; for Mamba-2 the same as inProj
     * @param dtProj Mamba-1: address of (dtRank, dInner)
     */
    record Projections(PackedMatrix inProj, PackedMatrix xProj, long dtProj, PackedMatrix outProj) {}

    final Ptx ptx;
    final Optional<PackedMatrix> frontend;
    final List<Projections> layers = new ArrayList<>();
    final PackedMatrix head;
    private final Arena arena = new Arena("weights of the batched step");

    private BatchModel(CudaModel model, Ptx ptx) {
        this.ptx = ptx;
        CUstream stream = new CUstream(); // the default stream
        frontend = model.mean == 0 ? Optional.empty() : Optional.of(PackedMatrix.of(model.input, ptx, arena, stream));
        for (DeviceLayer layer : model.layers) {
            layers.add(
                    switch (layer) {
                        case DeviceLayer.Mamba1 m ->
                            new Projections(
                                    PackedMatrix.of(m.inProj(), ptx, arena, stream),
                                    PackedMatrix.of(m.xProj(), ptx, arena, stream),
                                    transposed(m.dtProj(), stream),
                                    PackedMatrix.of(m.outProj(), ptx, arena, stream));
                        case DeviceLayer.Mamba2 m -> {
                            PackedMatrix in = PackedMatrix.of(m.inProj(), ptx, arena, stream);
                            yield new Projections(in, in, 0, PackedMatrix.of(m.outProj(), ptx, arena, stream));
                        }
                    });
        }
        head = PackedMatrix.of(model.head, ptx, arena, stream);
        check(cuCtxSynchronize(), "cuCtxSynchronize after packing");
    }

    private long transposed(DeviceMatrix m, CUstream stream) {
        long to = arena.take(4L * m.rows() * m.cols());
        ptx.kernel("transpose").launch(stream, 256, 1, 256, 0, m.w(), to, m.rows(), m.cols());
        return to;
    }

    /** The packed model; empty if its weights are float32, which tensor cores would round, or its sizes do not fit. */
    static Optional<BatchModel> of(CudaModel model) {
        MambaConfig c = model.config();
        boolean exact = model.head.type() != DeviceMatrix.Type.F32
                && model.layers.stream().allMatch(layer -> switch (layer) {
                    case DeviceLayer.Mamba1 m ->
                        m.inProj().type() != DeviceMatrix.Type.F32
                                && m.outProj().type() != DeviceMatrix.Type.F32
                                && m.dtProj().type() == DeviceMatrix.Type.F32;
                    case DeviceLayer.Mamba2 m ->
                        m.inProj().type() != DeviceMatrix.Type.F32
                                && m.outProj().type() != DeviceMatrix.Type.F32;
                });
        boolean fits = c.dModel() % 4 == 0
                && c.dInner() % 4 == 0
                && c.convDim() % 4 == 0
                && (c.headDim() % 4 == 0 || c.kind() == MambaConfig.Kind.MAMBA1)
                && c.layerStateSize() % 4 == 0
                && (c.dConv() - 1) * c.convDim() % 4 == 0;
        return exact && fits ? Optional.of(new BatchModel(model, new Ptx("batch"))) : Optional.empty();
    }

    @Override
    public void close() {
        arena.close();
        ptx.close();
    }
}
