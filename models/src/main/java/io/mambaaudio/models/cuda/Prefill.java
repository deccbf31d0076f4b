package io.mambaaudio.models.cuda;

import static io.mambaaudio.models.cuda.Driver.check;
import static jcuda.driver.JCudaDriver.cuStreamSynchronize;

import io.mambaaudio.models.FrameFrontend;
import io.mambaaudio.models.MambaConfig;
import java.util.Optional;
import jcuda.Pointer;
import jcuda.driver.CUstream;

/**
 * Whole sequences of one stream, some thousand steps at a time; see {@code scan.cu}. Within such a piece the rows of the projections are the
 * steps, and the recurrences are chunked parallel scans. Leaves the state from which {@code step} goes on.
 */
final class Prefill implements AutoCloseable {
    private static final int THREADS = 256;
    private static final int ROWS = 2048; // steps of a piece
    private static final int LOGIT_FLOATS = 4 << 20;

    private final CudaModel model;
    private final MambaConfig c;
    private final Optional<BatchModel> batch;
    private final CUstream stream;
    private final Ptx ptx;
    private final int nMels;
    private final int windowFloats;
    private final int stride;
    private final int frames; // of a piece, at most
    private final int logitRows;
    private final int projectedStride;
    private final int dtBCStride;
    private final int uStride;
    private final int convStride;
    private final int yStride;
    private final DeviceMemory memory;
    private final long counts; // ints: steps, rows of logits
    private final long tokens; // (ROWS)
    private final long raw; // (frames, nMels)
    private final long seq; // (windowFrames + frames, nMels)
    private final long seqHalf;
    private final long x; // (ROWS, dModel)
    private final long u; // (ROWS, uStride) floats, or halves in the same place
    private final long projected; // (ROWS, projectedStride)
    private final long conv; // (ROWS, convDim)
    private final long convHalf; // (ROWS, convStride)
    private final long dtBC; // (ROWS, dtBCStride)
    private final long dt; // (ROWS, dInner or nHeads)
    private final long y; // (ROWS, dInner)
    private final long yHalf; // (ROWS, yStride)
    private final long logits; // (logitRows, vocabSize)
    private final ScanKernels scan;

    private Prefill(CudaModel model, CUstream stream) {
        this.model = model;
        this.c = model.config();
        this.batch = model.batch();
        this.stream = stream;
        this.ptx = model.scan();
        Optional<FrameFrontend> f = c.frontend();
        nMels = f.map(FrameFrontend::nMels).orElse(0);
        windowFloats = f.map(FrameFrontend::windowSize).orElse(0);
        stride = f.map(FrameFrontend::strideFrames).orElse(1);
        frames = ROWS * stride;
        logitRows = Math.clamp(LOGIT_FLOATS / c.vocabSize(), 1, ROWS);
        projectedStride = padded(c.dInner() + c.convDim() + c.nHeads(), 4);
        dtBCStride = padded(c.dtRank() + 2 * c.dState(), 4);
        uStride = padded(c.dModel(), 32);
        convStride = padded(c.convDim(), 32);
        yStride = padded(c.dInner(), 32);
        long[] floats = {
            2,
            ROWS,
            (long) frames * nMels,
            windowFloats + (long) frames * nMels + 64,
            windowFloats + (long) frames * nMels + 64,
            (long) ROWS * c.dModel(),
            (long) ROWS * uStride,
            (long) ROWS * projectedStride,
            (long) ROWS * c.convDim(),
            (long) ROWS * convStride / 2,
            (long) ROWS * dtBCStride,
            (long) ROWS * Math.max(c.dInner(), c.nHeads()),
            (long) ROWS * c.dInner(),
            (long) ROWS * yStride / 2,
            (long) logitRows * c.vocabSize(),
            ScanKernels.bytes(c, ROWS) / 4
        };
        long bytes = 0;
        for (long n : floats) {
            bytes += DeviceMemory.padded(4 * n);
        }
        memory = new DeviceMemory(bytes, "whole sequences");
        long[] at = new long[floats.length];
        for (int i = 0; i < at.length; i++) {
            at[i] = memory.take(4 * floats[i]);
        }
        counts = at[0];
        tokens = at[1];
        raw = at[2];
        seq = at[3];
        seqHalf = at[4];
        x = at[5];
        u = at[6];
        projected = at[7];
        conv = at[8];
        convHalf = at[9];
        dtBC = at[10];
        dt = at[11];
        y = at[12];
        yHalf = at[13];
        logits = at[14];
        scan = new ScanKernels(ptx, stream, c, ROWS, at[15]);
    }

    private static int padded(int n, int to) {
        return (n + to - 1) / to * to;
    }

    /** Room for whole sequences; empty if the model's groups of heads do not fit the scan's blocks. */
    static Optional<Prefill> of(CudaModel model, CUstream stream) {
        return ScanKernels.fits(model.config()) ? Optional.of(new Prefill(model, stream)) : Optional.empty();
    }

    /** See {@link io.mambaaudio.models.backend.Slots#prefill(int, float[], int, int, int, float[])}; state is the slot's address. */
    void run(long state, float[] in, int count, int firstDue, int rows, float[] out) {
        int steps = firstDue < count ? (count - 1 - firstDue) / stride + 1 : 0;
        int done = 0;
        for (int at = 0; at < count; at += frames) {
            int n = Math.min(frames, count - at);
            put(raw, Pointer.to(in).withByteOffset(4L * at * nMels), 4L * n * nMels);
            int first = firstDue >= at ? firstDue - at : Math.floorMod(firstDue - at, stride);
            int now = first < n ? (n - 1 - first) / stride + 1 : 0;
            window(state + 4L * c.nLayers() * c.layerStateSize(), n);
            if (now > 0) {
                counts(now);
                embedWindows(first, now);
                piece(state, now, done, steps - rows, out);
            }
            check(cuStreamSynchronize(stream), "cuStreamSynchronize");
            done += now;
        }
    }

    /** See {@link io.mambaaudio.models.backend.Slots#prefill(int, int[], int, int, float[])}; state is the slot's address. */
    void run(long state, int[] in, int count, int rows, float[] out) {
        for (int at = 0; at < count; at += ROWS) {
            int n = Math.min(ROWS, count - at);
            put(tokens, Pointer.to(in).withByteOffset(4L * at), 4L * n);
            counts(n);
            model.kernel("embed_" + model.input.type().suffix)
                    .launch(
                            stream,
                            n,
                            1,
                            THREADS,
                            0,
                            model.input.w(),
                            model.input.scale(),
                            tokens,
                            x,
                            c.dModel(),
                            counts);
            piece(state, n, at, count - rows, out);
            check(cuStreamSynchronize(stream), "cuStreamSynchronize");
        }
    }

    private void counts(int steps) {
        put(counts, Pointer.to(new int[] {steps}), Integer.BYTES);
    }

    private void put(long to, Pointer from, long bytes) {
        check(cuStreamSynchronize(stream), "cuStreamSynchronize"); // whoever reads what was there has done so
        memory.put(to, from, bytes);
    }

    private void window(long window, int n) {
        ptx.kernel("frames_in")
                .launch(
                        stream,
                        Math.min(1024, (windowFloats + n * nMels + 255) / 256),
                        1,
                        256,
                        0,
                        window,
                        windowFloats,
                        raw,
                        model.mean,
                        model.scale,
                        nMels,
                        n,
                        seq,
                        seqHalf);
        ptx.kernel("copy_floats").launch(stream, 4, 1, 256, 0, seq + 4L * n * nMels, window, windowFloats);
    }

    private void embedWindows(int first, int now) {
        long skip = (long) (first + 1) * nMels;
        boolean half = batch.isPresent() && skip % 8 == 0 && stride * nMels % 8 == 0;
        if (half) {
            tensor(
                    "store",
                    batch.orElseThrow().frontend.orElseThrow(),
                    seqHalf + 2 * skip,
                    stride * nMels,
                    now,
                    x,
                    c.dModel(),
                    model.inputBias);
        } else {
            plain(
                    model.input,
                    model.inputBias,
                    seq + 4 * skip,
                    (long) stride * nMels,
                    now,
                    x,
                    c.dModel(),
                    false,
                    counts);
        }
    }

    /** The layers, and the rows of logits that are wanted: those of steps from `from` on; `done` steps came before this piece. */
    private void piece(long state, int now, int done, int from, float[] out) {
        for (int i = 0; i < model.layers.size(); i++) {
            long convAt = state + 4L * i * c.layerStateSize();
            long ssmAt = convAt + 4L * (c.dConv() - 1) * c.convDim();
            switch (model.layers.get(i)) {
                case DeviceLayer.Mamba1 w -> mamba1(w, i, convAt, ssmAt, now);
                case DeviceLayer.Mamba2 w -> mamba2(w, i, convAt, ssmAt, now);
            }
        }
        for (int row = Math.max(0, from - done); row < now; row += logitRows) {
            int n = Math.min(logitRows, now - row);
            counts(n);
            norm(x + 4L * row * c.dModel(), model.finalNorm, n);
            if (batch.isPresent()) {
                tensor("store", batch.get().head, u, uStride, n, logits, c.vocabSize(), model.headBias);
            } else {
                plain(model.head, model.headBias, u, c.dModel(), n, logits, c.vocabSize(), false, counts);
            }
            Pointer to = Pointer.to(out).withByteOffset(4L * (done + row - from) * c.vocabSize());
            check(cuStreamSynchronize(stream), "cuStreamSynchronize");
            memory.get(logits, to, 4L * n * c.vocabSize());
        }
    }

    private void mamba1(DeviceLayer.Mamba1 w, int layer, long convAt, long ssmAt, int now) {
        int dInner = c.dInner();
        norm(x, w.norm(), now);
        inProj(w.inProj(), w.inBias(), layer, now);
        conv(convAt, w.convWeight(), w.convBias(), 0, now);
        if (batch.isPresent()) {
            tensor("store", batch.get().layers.get(layer).xProj(), convHalf, convStride, now, dtBC, dtBCStride, 0);
        } else {
            plain(w.xProj(), 0, conv, dInner, now, dtBC, dtBCStride, false, counts);
        }
        ptx.kernel("time_steps")
                .launch(
                        stream,
                        blocks(dInner, 128),
                        (now + 7) / 8,
                        128,
                        32 * c.dtRank(),
                        dtBC,
                        dtBCStride,
                        c.dtRank(),
                        w.dtProj().w(),
                        w.dtBias(),
                        dt,
                        dInner,
                        now);
        long b = dtBC + 4L * c.dtRank();
        scan(w.a(), b, b + 4L * c.dState(), dtBCStride, w.d(), projected + 4L * dInner, ssmAt, now);
        outProj(w.outProj(), w.outBias(), layer, y, now);
    }

    private void mamba2(DeviceLayer.Mamba2 w, int layer, long convAt, long ssmAt, int now) {
        int dInner = c.dInner();
        norm(x, w.norm(), now);
        inProj(w.inProj(), w.inBias(), layer, now);
        conv(convAt, w.convWeight(), w.convBias(), dInner, now);
        ptx.kernel("head_steps")
                .launch(
                        stream,
                        blocks(now * c.nHeads(), THREADS),
                        1,
                        THREADS,
                        0,
                        projected,
                        projectedStride,
                        dInner + c.convDim(),
                        w.dtBias(),
                        c.timeStepMin(),
                        c.timeStepMax(),
                        dt,
                        c.nHeads(),
                        now);
        long b = conv + 4L * dInner;
        scan(w.a(), b, b + 4L * c.nGroups() * c.dState(), c.convDim(), w.d(), projected, ssmAt, now);
        if (batch.isPresent()) {
            batch.get()
                    .ptx
                    .kernel("norm_half")
                    .launch(
                            stream,
                            (now + 7) / 8,
                            1,
                            256,
                            0,
                            y,
                            w.gatedNorm(),
                            c.normEps(),
                            yHalf,
                            dInner,
                            yStride,
                            counts,
                            0L);
        } else {
            model.kernel("rms_norm")
                    .launch(stream, now, 1, THREADS, 0, y, w.gatedNorm(), c.normEps(), y, dInner, counts);
        }
        outProj(w.outProj(), w.outBias(), layer, y, now);
    }

    private void norm(long of, long weight, int now) {
        if (batch.isPresent()) {
            batch.get()
                    .ptx
                    .kernel("norm_half")
                    .launch(
                            stream,
                            (now + 7) / 8,
                            1,
                            256,
                            0,
                            of,
                            weight,
                            c.normEps(),
                            u,
                            c.dModel(),
                            uStride,
                            counts,
                            0L);
        } else {
            model.kernel("rms_norm").launch(stream, now, 1, THREADS, 0, of, weight, c.normEps(), u, c.dModel(), counts);
        }
    }

    private void inProj(DeviceMatrix w, long bias, int layer, int now) {
        if (batch.isPresent()) {
            tensor("store", batch.get().layers.get(layer).inProj(), u, uStride, now, projected, projectedStride, bias);
        } else {
            plain(w, bias, u, c.dModel(), now, projected, projectedStride, false, counts);
        }
    }

    private void outProj(DeviceMatrix w, long bias, int layer, long from, int now) {
        if (batch.isPresent()) {
            tensor("add", batch.get().layers.get(layer).outProj(), yHalf, yStride, now, x, c.dModel(), bias);
        } else {
            plain(w, bias, from, c.dInner(), now, x, c.dModel(), true, counts);
        }
    }

    private void conv(long before, long weight, long bias, int inAt, int now) {
        int channels = c.convDim();
        long half = batch.isPresent() ? convHalf : 0;
        ptx.kernel("conv_rows")
                .launch(
                        stream,
                        blocks(channels, THREADS),
                        now,
                        THREADS,
                        0,
                        before,
                        weight,
                        bias,
                        projected,
                        projectedStride,
                        inAt,
                        conv,
                        half,
                        convStride,
                        channels,
                        c.dConv(),
                        now);
        ptx.kernel("conv_keep")
                .launch(
                        stream,
                        blocks(channels, THREADS),
                        1,
                        THREADS,
                        0,
                        before,
                        projected,
                        projectedStride,
                        inAt,
                        channels,
                        c.dConv(),
                        now);
    }

    private void scan(long a, long b, long cc, int bStride, long d, long z, long state, int now) {
        long half = batch.isPresent() && c.kind() == MambaConfig.Kind.MAMBA1 ? yHalf : 0; // Mamba-2 normalises first
        long[] at = {a, dt, conv, b, cc, d, z, y, half, state};
        scan.run(at, now, c.convDim(), bStride, projectedStride, yStride);
    }

    private void tensor(
            String what, PackedMatrix w, long in, int inStride, int now, long out, int outStride, long bias) {
        Way.To to =
                what.equals("add") ? Way.To.add(out, outStride, bias) : Way.To.store(out, outStride, w.rows(), bias);
        Way.WHOLE.launch(batch.orElseThrow().ptx, stream, now, w, new Way.From(in, inStride), to, counts);
    }

    private void plain(
            DeviceMatrix w,
            long bias,
            long in,
            long inStride,
            int now,
            long out,
            int outStride,
            boolean add,
            long count) {
        model.kernel("project_" + w.type().suffix)
                .launch(
                        stream,
                        (w.rows() + 7) / 8,
                        (now + 3) / 4,
                        THREADS,
                        0,
                        w.w(),
                        w.scale(),
                        bias,
                        in,
                        inStride,
                        0L,
                        out,
                        outStride,
                        w.rows(),
                        w.cols(),
                        add ? 1 : 0,
                        count);
    }

    private static int blocks(int n, int threads) {
        return (n + threads - 1) / threads;
    }

    @Override
    public void close() {
        memory.close();
    }
}
