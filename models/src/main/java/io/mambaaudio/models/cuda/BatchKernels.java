package io.mambaaudio.models.cuda;

import io.mambaaudio.models.FrameFrontend;
import io.mambaaudio.models.MambaConfig;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import jcuda.driver.CUstream;

/** The step of up to some number of entries on tensor cores, as a list of launches; see {@code batch.cu}. */
final class BatchKernels implements AutoCloseable {
    private static final int SELECTIVE_ENTRIES = 4; // as in batch.cu
    private static final int SELECTIVE_THREADS = 128;

    private final CudaModel model;
    private final BatchModel batch;
    private final MambaConfig c;
    private final SlotMemory m;
    private final CUstream stream;
    private final Way way;
    private final DeviceMemory memory;
    private final int uStride;
    private final int convStride;
    private final int yStride;
    private final int windowStride;
    private final long u; // (capacity, uStride) halves: the norm of x
    private final long conv; // (capacity, convStride) halves
    private final long z; // (capacity, dInner) halves
    private final long y; // (capacity, yStride) halves
    private final long window; // (capacity, windowStride) halves

    BatchKernels(CudaModel model, BatchModel batch, SlotMemory slots, CUstream stream, int capacity) {
        this.model = model;
        this.batch = batch;
        this.c = model.config();
        this.m = slots;
        this.stream = stream;
        this.way = Way.of(capacity);
        uStride = padded(c.dModel());
        convStride = padded(c.convDim());
        yStride = padded(c.dInner());
        windowStride = padded(c.frontend().map(FrameFrontend::windowSize).orElse(0));
        long[] rows = {uStride, convStride, c.dInner(), yStride, windowStride};
        long bytes = 0;
        for (long row : rows) {
            bytes += DeviceMemory.padded(2 * row * capacity);
        }
        memory = new DeviceMemory(bytes, "the batched steps of " + capacity + " streams");
        u = memory.take(2 * rows[0] * capacity);
        conv = memory.take(2 * rows[1] * capacity);
        z = memory.take(2 * rows[2] * capacity);
        y = memory.take(2 * rows[3] * capacity);
        window = memory.take(2 * rows[4] * capacity);
    }

    private static int padded(int n) {
        return (n + 31) / 32 * 32;
    }

    /** From the windows to the logits. */
    void stepWindows(int entries, long slots, long count) {
        int size = c.frontend().orElseThrow().windowSize();
        long windows = m.states + 4L * c.nLayers() * c.layerStateSize();
        batch.ptx
                .kernel("window_half")
                .launch(stream, entries, 1, 256, 0, windows, m.slotFloats, size, window, windowStride, slots, count);
        store(entries, batch.frontend.orElseThrow(), window, windowStride, m.x, c.dModel(), model.inputBias, count);
        blocks(entries, slots, count);
    }

    /** From the embedded tokens in x to the logits. */
    void blocks(int entries, long slots, long count) {
        for (int i = 0; i < model.layers.size(); i++) {
            long convAt = (long) i * c.layerStateSize();
            long ssmAt = convAt + (long) (c.dConv() - 1) * c.convDim();
            BatchModel.Projections p = batch.layers.get(i);
            switch (model.layers.get(i)) {
                case DeviceLayer.Mamba1 w -> mamba1(w, p, entries, convAt, ssmAt, slots, count);
                case DeviceLayer.Mamba2 w -> mamba2(w, p, entries, convAt, ssmAt, slots, count);
            }
        }
        norm(entries, model.finalNorm, count);
        store(entries, batch.head, u, uStride, m.logits, c.vocabSize(), model.headBias, count);
    }

    private void mamba1(
            DeviceLayer.Mamba1 w,
            BatchModel.Projections p,
            int entries,
            long convAt,
            long ssmAt,
            long slots,
            long count) {
        int dInner = c.dInner();
        norm(entries, w.norm(), count);
        convolve(entries, p.inProj(), w.inBias(), w.convWeight(), w.convBias(), convAt, 0, dInner, slots, count);
        store(entries, p.xProj(), conv, convStride, m.dtBC, m.dtBCStride, 0, count);
        int blocks = (dInner + SELECTIVE_THREADS - 1) / SELECTIVE_THREADS;
        int groups = (entries + SELECTIVE_ENTRIES - 1) / SELECTIVE_ENTRIES;
        batch.ptx
                .kernel(c.dState() == 16 ? "selective_16" : "selective_any")
                .launch(
                        stream,
                        blocks,
                        groups,
                        SELECTIVE_THREADS,
                        4 * SELECTIVE_ENTRIES * m.dtBCStride,
                        m.states,
                        m.slotFloats,
                        ssmAt,
                        w.a(),
                        w.d(),
                        p.dtProj(),
                        w.dtBias(),
                        conv,
                        convStride,
                        m.dtBC,
                        m.dtBCStride,
                        c.dtRank(),
                        z,
                        dInner,
                        y,
                        yStride,
                        dInner,
                        c.dState(),
                        slots,
                        count);
        add(entries, p.outProj(), w.outBias(), count);
    }

    private void mamba2(
            DeviceLayer.Mamba2 w,
            BatchModel.Projections p,
            int entries,
            long convAt,
            long ssmAt,
            long slots,
            long count) {
        int dInner = c.dInner();
        norm(entries, w.norm(), count);
        convolve(entries, p.inProj(), w.inBias(), w.convWeight(), w.convBias(), convAt, dInner, 0, slots, count);
        int shared = 4 * (dInner + 2 * c.nGroups() * c.dState());
        batch.ptx
                .kernel("dual_batch")
                .shared(shared)
                .launch(
                        stream,
                        entries,
                        1,
                        256,
                        shared,
                        m.states,
                        m.slotFloats,
                        ssmAt,
                        w.a(),
                        w.d(),
                        w.dtBias(),
                        c.timeStepMin(),
                        c.timeStepMax(),
                        conv,
                        convStride,
                        m.dt,
                        c.nHeads(),
                        z,
                        dInner,
                        w.gatedNorm(),
                        c.normEps(),
                        y,
                        yStride,
                        dInner,
                        c.dState(),
                        c.headDim(),
                        c.nHeads(),
                        c.nGroups(),
                        slots,
                        count);
        add(entries, p.outProj(), w.outBias(), count);
    }

    private void norm(int entries, long weight, long count) {
        batch.ptx
                .kernel("norm_half")
                .launch(stream, (entries + 7) / 8, 1, 256, 0, m.x, weight, c.normEps(), u, c.dModel(), uStride, count);
    }

    private void convolve(
            int entries,
            PackedMatrix w,
            long bias,
            long convWeight,
            long convBias,
            long convAt,
            int convFrom,
            int zFrom,
            long slots,
            long count) {
        ByteBuffer b = ByteBuffer.allocate(128).order(ByteOrder.nativeOrder()); // struct Convolve
        b.putLong(m.states)
                .putLong(m.slotFloats)
                .putLong(convAt)
                .putLong(slots)
                .putLong(bias)
                .putLong(convWeight)
                .putLong(convBias);
        b.putInt(w.rows())
                .putInt(convFrom)
                .putInt(convFrom + c.convDim())
                .putInt(c.dConv())
                .putInt(zFrom)
                .putInt(0);
        b.putLong(conv)
                .putInt(convStride)
                .putInt(0)
                .putLong(z)
                .putInt(c.dInner())
                .putInt(0)
                .putLong(m.dt)
                .putInt(c.nHeads());
        launch("convolve", entries, w, u, uStride, count, b.array());
    }

    private void store(
            int entries, PackedMatrix w, long in, int inStride, long out, int outStride, long bias, long count) {
        launch("store", entries, w, in, inStride, count, out, outStride, bias);
    }

    private void add(int entries, PackedMatrix w, long bias, long count) {
        launch("add", entries, w, y, yStride, count, m.x, c.dModel(), bias);
    }

    private void launch(String what, int entries, PackedMatrix w, long in, int inStride, long count, Object... more) {
        way.launch(batch.ptx, what, stream, entries, w, in, inStride, count, more);
    }

    @Override
    public void close() {
        memory.close();
    }
}
