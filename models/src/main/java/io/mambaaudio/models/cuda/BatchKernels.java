package io.mambaaudio.models.cuda;

import io.mambaaudio.models.FrameFrontend;
import io.mambaaudio.models.MambaConfig;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import jcuda.driver.CUstream;

/** The step of up to some number of entries on tensor cores, as a list of launches; see {@code batch.cu}. */
final class BatchKernels implements AutoCloseable {
    private static final int SELECTIVE_THREADS = 128; // as in batch.cu
    private static final int SELECTIVE_ENTRIES = 4;
    private static final int QUAD_STATES = 16;
    private static final int MANY = 1024; // from here on a thread has two entries of the selective step

    private final CudaModel model;
    private final BatchModel batch;
    private final MambaConfig c;
    private final SlotMemory m;
    private final CUstream stream;
    private final Way.Ways ways;
    private final DeviceMemory memory;
    private final int capacity;
    private final int uStride;
    private final int convStride;
    private final int yStride;
    private final int windowStride;
    private final int squaresStride;
    private final long
            u; // (capacity, uStride) halves: x as the next projection takes it, but for the factor of its norm
    private final long conv; // (capacity, convStride) halves
    private final long z; // (capacity, dInner) halves
    private final long y; // (capacity, yStride) halves
    private final long window; // (capacity, windowStride) halves
    private final long squares; // (capacity, squaresStride) sums of squares for the next norm, one a block of out_proj
    private final long base; // (layers + 1, capacity) norms: what x was multiplied by when u was written

    BatchKernels(CudaModel model, BatchModel batch, SlotMemory slots, CUstream stream, int capacity) {
        this.model = model;
        this.batch = batch;
        this.c = model.config();
        this.m = slots;
        this.stream = stream;
        this.capacity = capacity;
        this.ways = Way.Ways.of(capacity, model.gpu().sharedBytes());
        uStride = padded(c.dModel());
        convStride = padded(c.convDim());
        yStride = padded(c.dInner());
        windowStride = padded(c.frontend().map(FrameFrontend::windowSize).orElse(0));
        squaresStride = padded(ways.out().parts(c.dModel()));
        long[] rows = {
            2L * uStride,
            2L * convStride,
            2L * c.dInner(),
            2L * yStride,
            2L * windowStride,
            4L * squaresStride,
            4L * (c.nLayers() + 1)
        };
        long bytes = 0;
        for (long row : rows) {
            bytes += DeviceMemory.padded(row * capacity);
        }
        memory = new DeviceMemory(bytes, "the batched steps of " + capacity + " streams");
        long[] at = new long[rows.length];
        for (int i = 0; i < at.length; i++) {
            at[i] = memory.take(rows[i] * capacity);
        }
        u = at[0];
        conv = at[1];
        z = at[2];
        y = at[3];
        window = at[4];
        squares = at[5];
        base = at[6];
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
        Way.To x = Way.To.store(m.x, c.dModel(), c.dModel(), model.inputBias);
        launch(ways.end(), entries, batch.frontend.orElseThrow(), new Way.From(window, windowStride), x, count);
        blocks(entries, slots, count);
    }

    /** From the embedded tokens in x to the logits. */
    void blocks(int entries, long slots, long count) {
        batch.ptx
                .kernel("norm_half")
                .launch(
                        stream,
                        (entries + 7) / 8,
                        1,
                        256,
                        0,
                        m.x,
                        norm(0),
                        c.normEps(),
                        u,
                        c.dModel(),
                        uStride,
                        count,
                        base(0));
        int layers = model.layers.size();
        for (int i = 0; i < layers; i++) {
            switch (model.layers.get(i)) {
                case DeviceLayer.Mamba1 w -> mamba1(w, i, entries, slots, count);
                case DeviceLayer.Mamba2 w -> mamba2(w, i, entries, slots, count);
            }
        }
        Way.To logits = Way.To.store(m.logits, c.vocabSize(), c.vocabSize(), model.headBias);
        launch(ways.end(), entries, batch.head, normed(layers), logits, count);
    }

    /** The weights of the norm before a layer, or before the head. */
    private long norm(int layer) {
        if (layer == model.layers.size()) {
            return model.finalNorm;
        }
        return switch (model.layers.get(layer)) {
            case DeviceLayer.Mamba1 w -> w.norm();
            case DeviceLayer.Mamba2 w -> w.norm();
        };
    }

    private long base(int layer) {
        return base + 4L * layer * capacity;
    }

    /** u for a layer, or for the head. Who reads it finds the norm from the squares, and leaves it as the base of the next u. */
    private Way.From normed(int layer) {
        long next = layer == model.layers.size() ? 0 : base(layer + 1);
        int parts = ways.out().parts(c.dModel());
        byte[] norm =
                Way.norm(layer == 0 ? 0 : squares, parts, squaresStride, base(layer), next, c.dModel(), c.normEps());
        return new Way.From(u, uStride, norm);
    }

    private long convAt(int layer) {
        return (long) layer * c.layerStateSize();
    }

    private long ssmAt(int layer) {
        return convAt(layer) + (long) (c.dConv() - 1) * c.convDim();
    }

    private void mamba1(DeviceLayer.Mamba1 w, int layer, int entries, long slots, long count) {
        BatchModel.Projections p = batch.layers.get(layer);
        int dInner = c.dInner();
        convolve(entries, layer, p.inProj(), w.inBias(), w.convWeight(), w.convBias(), 0, dInner, slots, count);
        Way.To dtBC = Way.To.store(m.dtBC, m.dtBCStride, p.xProj().rows(), 0);
        launch(ways.x(), entries, p.xProj(), new Way.From(conv, convStride), dtBC, count);
        selective(w, p, layer, entries, slots, count);
        add(entries, layer, p.outProj(), w.outBias(), count);
    }

    private void selective(
            DeviceLayer.Mamba1 w, BatchModel.Projections p, int layer, int entries, long slots, long count) {
        boolean quads = c.dState() == QUAD_STATES;
        int each = capacity > MANY ? 2 : 1; // entries of a thread
        int channels = quads ? SELECTIVE_THREADS : 32 * 4; // of a block, either way
        int of = quads ? 4 * each : SELECTIVE_ENTRIES; // entries of a block
        int floats = quads ? QUAD_STATES * channels + of * (c.dtRank() + 2 * QUAD_STATES) : of * m.dtBCStride;
        batch.ptx
                .kernel(quads ? "quads_32_" + each : "selective_any")
                .launch(
                        stream,
                        (c.dInner() + channels - 1) / channels,
                        (entries + of - 1) / of,
                        SELECTIVE_THREADS,
                        4 * floats,
                        m.states,
                        m.slotFloats,
                        ssmAt(layer),
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
                        c.dInner(),
                        y,
                        yStride,
                        c.dInner(),
                        c.dState(),
                        slots,
                        count);
    }

    private void mamba2(DeviceLayer.Mamba2 w, int layer, int entries, long slots, long count) {
        BatchModel.Projections p = batch.layers.get(layer);
        int dInner = c.dInner();
        convolve(entries, layer, p.inProj(), w.inBias(), w.convWeight(), w.convBias(), dInner, 0, slots, count);
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
                        ssmAt(layer),
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
        add(entries, layer, p.outProj(), w.outBias(), count);
    }

    private void convolve(
            int entries,
            int layer,
            PackedMatrix w,
            long bias,
            long convWeight,
            long convBias,
            int convFrom,
            int zFrom,
            long slots,
            long count) {
        ByteBuffer b = ByteBuffer.allocate(128).order(ByteOrder.nativeOrder()); // struct Convolve
        b.putLong(m.states)
                .putLong(m.slotFloats)
                .putLong(convAt(layer))
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
        launch(ways.in(), entries, w, normed(layer), new Way.To("convolve", b.array(), 0, 0), count);
    }

    private void add(int entries, int layer, PackedMatrix w, long bias, long count) {
        Way.To x =
                Way.To.add(m.x, c.dModel(), bias, norm(layer + 1), base(layer + 1), u, uStride, squares, squaresStride);
        launch(ways.out(), entries, w, new Way.From(y, yStride), x, count);
    }

    private void launch(Way way, int entries, PackedMatrix w, Way.From from, Way.To to, long count) {
        way.launch(batch.ptx, stream, entries, w, from, to, count);
    }

    @Override
    public void close() {
        memory.close();
    }
}
