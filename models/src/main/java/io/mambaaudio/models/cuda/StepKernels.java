package io.mambaaudio.models.cuda;

import io.mambaaudio.models.FrameFrontend;
import io.mambaaudio.models.MambaConfig;
import jcuda.driver.CUstream;

/**
 * The step of up to some number of entries as a list of launches: every weight type, all arithmetic in float32. The names are those of
 * {@code models.cpu.Blocks}. Launches go to a stream, which captures them.
 */
final class StepKernels {
    private static final int THREADS = 256;
    private static final int ROWS_PER_BLOCK = THREADS / 32;
    private static final int ENTRIES = 4; // as in step.cu

    private final CudaModel model;
    private final MambaConfig c;
    private final SlotMemory m;
    private final CUstream stream;

    StepKernels(CudaModel model, SlotMemory memory, CUstream stream) {
        this.model = model;
        this.c = model.config();
        this.m = memory;
        this.stream = stream;
    }

    /** Moves the windows of up to so many entries on by one frame. */
    void push(int entries, long frames, long slots, long count) {
        FrameFrontend f = c.frontend().orElseThrow();
        int bytes = 4 * f.windowSize();
        model.kernel("push_frames")
                .shared(bytes)
                .launch(
                        stream,
                        entries,
                        1,
                        THREADS,
                        bytes,
                        m.states,
                        m.slotFloats,
                        windowAt(),
                        f.windowSize(),
                        f.nMels(),
                        model.mean,
                        model.scale,
                        frames,
                        slots,
                        count);
    }

    private long windowAt() {
        return (long) c.nLayers() * c.layerStateSize();
    }

    /** From the windows to the logits. */
    void stepWindows(int entries, long slots, long count) {
        long window = m.states + 4 * windowAt();
        project(entries, model.input, model.inputBias, window, m.slotFloats, slots, m.x, c.dModel(), false, count);
        blocks(entries, slots, count);
    }

    /** The rows of the tokens into x. */
    void embed(int entries, long tokens, long count) {
        DeviceMatrix table = model.input;
        model.kernel("embed_" + table.type().suffix)
                .launch(stream, entries, 1, THREADS, 0, table.w(), table.scale(), tokens, m.x, c.dModel(), count);
    }

    /** One stream's step in one kernel, from the window or the token to the logits. */
    void stepStream(StreamModel s, int capacity) {
        s.kernel.launchTogether(
                stream,
                s.layout.blocks,
                s.threads(),
                s.layout.sharedBytes(),
                s.layout.dims(),
                s.slabs,
                s.commons,
                model.input.w(),
                model.input.scale(),
                model.inputBias,
                model.finalNorm,
                model.head.w(),
                model.head.scale(),
                model.headBias,
                m.states,
                m.slotFloats,
                m.header,
                capacity,
                m.mail,
                m.steps,
                m.stuck,
                m.logits);
    }

    /** From x to the logits. */
    void blocks(int entries, long slots, long count) {
        for (int i = 0; i < model.layers.size(); i++) {
            long convAt = (long) i * c.layerStateSize();
            long ssmAt = convAt + (long) (c.dConv() - 1) * c.convDim();
            switch (model.layers.get(i)) {
                case DeviceLayer.Mamba1 w -> mamba1(w, entries, convAt, ssmAt, slots, count);
                case DeviceLayer.Mamba2 w -> mamba2(w, entries, convAt, ssmAt, slots, count);
            }
        }
        norm(entries, m.x, model.finalNorm, m.u, c.dModel(), count);
        project(entries, model.head, model.headBias, m.u, c.dModel(), 0, m.logits, c.vocabSize(), false, count);
    }

    private void mamba1(DeviceLayer.Mamba1 w, int entries, long convAt, long ssmAt, long slots, long count) {
        int dInner = c.dInner();
        norm(entries, m.x, w.norm(), m.u, c.dModel(), count);
        project(entries, w.inProj(), w.inBias(), m.u, c.dModel(), 0, m.projected, m.projectedStride, false, count);
        conv(entries, w.convWeight(), w.convBias(), convAt, 0, slots, count);
        project(entries, w.xProj(), 0, m.conv, dInner, 0, m.dtBC, m.dtBCStride, false, count);
        project(entries, w.dtProj(), w.dtBias(), m.dtBC, m.dtBCStride, 0, m.dt, dInner, false, count);
        model.kernel("selective_step")
                .launch(
                        stream,
                        blocks(dInner),
                        entries,
                        THREADS,
                        0,
                        m.states,
                        m.slotFloats,
                        ssmAt,
                        w.a(),
                        w.d(),
                        m.dt,
                        m.conv,
                        m.dtBC,
                        m.dtBCStride,
                        c.dtRank(),
                        m.projected,
                        m.projectedStride,
                        m.y,
                        dInner,
                        c.dState(),
                        slots,
                        count);
        project(entries, w.outProj(), w.outBias(), m.y, dInner, 0, m.x, c.dModel(), true, count);
    }

    private void mamba2(DeviceLayer.Mamba2 w, int entries, long convAt, long ssmAt, long slots, long count) {
        int dInner = c.dInner();
        norm(entries, m.x, w.norm(), m.u, c.dModel(), count);
        project(entries, w.inProj(), w.inBias(), m.u, c.dModel(), 0, m.projected, m.projectedStride, false, count);
        conv(entries, w.convWeight(), w.convBias(), convAt, dInner, slots, count);
        model.kernel("dual_step")
                .launch(
                        stream,
                        blocks(dInner),
                        entries,
                        THREADS,
                        0,
                        m.states,
                        m.slotFloats,
                        ssmAt,
                        w.a(),
                        w.d(),
                        w.dtBias(),
                        c.timeStepMin(),
                        c.timeStepMax(),
                        m.conv,
                        c.convDim(),
                        m.projected,
                        m.projectedStride,
                        m.y,
                        dInner,
                        c.dState(),
                        c.headDim(),
                        c.nHeads() / c.nGroups(),
                        c.nGroups(),
                        slots,
                        count);
        norm(entries, m.y, w.gatedNorm(), m.y, dInner, count);
        project(entries, w.outProj(), w.outBias(), m.y, dInner, 0, m.x, c.dModel(), true, count);
    }

    private void norm(int entries, long x, long weight, long y, int n, long count) {
        model.kernel("rms_norm").launch(stream, entries, 1, THREADS, 0, x, weight, c.normEps(), y, n, count);
    }

    private void conv(int entries, long weight, long bias, long convAt, int inAt, long slots, long count) {
        model.kernel("conv_step")
                .launch(
                        stream,
                        blocks(c.convDim()),
                        entries,
                        THREADS,
                        0,
                        m.states,
                        m.slotFloats,
                        convAt,
                        weight,
                        bias,
                        m.projected,
                        m.projectedStride,
                        inAt,
                        m.conv,
                        c.convDim(),
                        c.dConv(),
                        slots,
                        count);
    }

    private void project(
            int entries,
            DeviceMatrix w,
            long bias,
            long in,
            long inStride,
            long inSlots,
            long out,
            int outStride,
            boolean add,
            long count) {
        model.kernel("project_" + w.type().suffix)
                .launch(
                        stream,
                        (w.rows() + ROWS_PER_BLOCK - 1) / ROWS_PER_BLOCK,
                        (entries + ENTRIES - 1) / ENTRIES,
                        THREADS,
                        0,
                        w.w(),
                        w.scale(),
                        bias,
                        in,
                        inStride,
                        inSlots,
                        out,
                        outStride,
                        w.rows(),
                        w.cols(),
                        add ? 1 : 0,
                        count);
    }

    private static int blocks(int channels) {
        return (channels + THREADS - 1) / THREADS;
    }
}
