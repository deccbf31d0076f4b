package io.mambaaudio.models.cuda;

import io.mambaaudio.models.MambaConfig;
import io.mambaaudio.models.backend.Layer;
import io.mambaaudio.models.backend.ModelWeights;
import io.mambaaudio.models.cpu.Matrix;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;
import java.util.stream.Stream;

/** A model's weights once more, laid out for {@code stream.cu}: a slab a layer and block. */
final class StreamModel implements AutoCloseable {
    private static final int THREADS = 768; // as in stream.cu

    final StreamLayout layout;
    final Kernel kernel;
    final long slabs; // (layers, blocks, ownBytes)
    final long commons; // (layers, commonBytes)
    private final Ptx ptx;
    private final Arena arena = new Arena("weights of the one-stream step");

    private StreamModel(ModelWeights w, StreamLayout layout, Ptx ptx, Kernel kernel) {
        this.layout = layout;
        this.ptx = ptx;
        this.kernel = kernel;
        int layers = w.layers().size();
        long slabBytes = (long) layout.blocks * layout.ownBytes;
        slabs = arena.take(layers * slabBytes);
        commons = arena.take((long) layers * layout.commonBytes);
        for (int i = 0; i < layers; i++) {
            byte[] slab = new byte[Math.toIntExact(slabBytes)];
            byte[] common = new byte[layout.commonBytes];
            new Packer(layout, w.config(), w.layers().get(i)).pack(slab, common);
            arena.write(slabs + i * slabBytes, slab);
            arena.write(commons + (long) i * layout.commonBytes, common);
        }
    }

    /** The model for the one-stream kernel; empty if its sizes do not fit that. */
    static Optional<StreamModel> of(Gpu gpu, ModelWeights w) {
        if (all(w).map(Matrix::getClass).distinct().count() > 1) {
            return Optional.empty();
        }
        DeviceMatrix.Type type = DeviceMatrix.typeOf(w.head());
        StreamLayout layout = new StreamLayout(w.config(), type.bytes, gpu.multiprocessors());
        if (!layout.aligned() || layout.sharedBytes() > gpu.sharedBytes()) {
            return Optional.empty();
        }
        Ptx ptx = new Ptx("stream");
        Kernel kernel = ptx.kernel((layout.dual ? "stream2_" : "stream1_") + type.suffix)
                .shared(layout.sharedBytes());
        if (kernel.blocksPerMultiprocessor(THREADS, layout.sharedBytes()) < 1) {
            ptx.close();
            return Optional.empty();
        }
        return Optional.of(new StreamModel(w, layout, ptx, kernel));
    }

    int threads() {
        return THREADS;
    }

    private static Stream<Matrix> all(ModelWeights w) {
        Stream<Matrix> ends = Stream.of(
                w.head(),
                w.frontend().map(ModelWeights.Frontend::proj).or(w::embeddings).orElseThrow());
        return Stream.concat(ends, w.layers().stream().flatMap(layer -> switch (layer) {
            case Layer.Mamba1 m -> Stream.of(m.inProj(), m.outProj());
            case Layer.Mamba2 m -> Stream.of(m.inProj(), m.outProj());
            case Layer.S4d m -> Stream.of(m.outProj());
        }));
    }

    /** Writes one layer's slabs. */
    private record Packer(StreamLayout l, MambaConfig c, Layer layer) {
        void pack(byte[] slabs, byte[] common) {
            for (int b = 0; b < l.blocks; b++) {
                ByteBuffer to = ByteBuffer.wrap(slabs, b * l.ownBytes, l.ownBytes)
                        .slice()
                        .order(ByteOrder.nativeOrder());
                switch (layer) {
                    case Layer.Mamba1 m -> mamba1(m, b, to);
                    case Layer.Mamba2 m -> mamba2(m, b, to);
                    case Layer.S4d m -> throw new IllegalStateException("CudaBackend refuses S4D");
                }
            }
            ByteBuffer to = ByteBuffer.wrap(common).order(ByteOrder.nativeOrder());
            switch (layer) {
                case Layer.Mamba1 m -> floats(to, 0, m.norm());
                case Layer.Mamba2 m -> {
                    floats(to, 0, m.norm());
                    floats(to, (4 * c.dModel() + 15) / 16 * 16, m.gatedNorm());
                }
                case Layer.S4d m -> throw new IllegalStateException("CudaBackend refuses S4D");
            }
        }

        private void mamba1(Layer.Mamba1 m, int block, ByteBuffer to) {
            int c0 = block * l.channels;
            for (int j = 0; j < l.channels && c0 + j < c.dInner(); j++) {
                in(m.inProj(), m.inBias(), c0 + j, j, to);
                in(m.inProj(), m.inBias(), c.dInner() + c0 + j, l.channels + j, to);
                conv(m.convWeight(), m.convBias(), c0 + j, j, to);
                row(m.dtProj(), c0 + j, to, l.dtProj + 4 * j * c.dtRank());
                to.putFloat(l.dtBias + 4 * j, m.dtBias()[c0 + j]);
                to.putFloat(l.d + 4 * j, m.d()[c0 + j]);
                for (int n = 0; n < c.dState(); n++) {
                    to.putFloat(l.a + 4 * (n * l.channels + j), m.a()[n * c.dInner() + c0 + j]);
                }
            }
            int x0 = (l.blocks - 1 - block) * l.xRows;
            for (int j = 0; j < l.xRows && x0 + j < m.xProj().rows(); j++) {
                row(m.xProj(), x0 + j, to, l.xProj + 4 * j * c.dInner());
            }
            out(m.outProj(), m.outBias(), block, to);
        }

        private void mamba2(Layer.Mamba2 m, int block, ByteBuffer to) {
            int c0 = block * l.channels;
            int convDim = c.convDim();
            for (int j = 0; j < l.channels && c0 + j < c.dInner(); j++) {
                in(m.inProj(), m.inBias(), c.dInner() + c0 + j, j, to);
                in(m.inProj(), m.inBias(), c0 + j, l.channels + j, to);
                conv(m.convWeight(), m.convBias(), c0 + j, j, to);
                int head = (c0 + j) / c.headDim();
                to.putFloat(l.dtBias + 4 * j, m.dtBias()[head]);
                to.putFloat(l.a + 4 * j, m.a()[head]);
                to.putFloat(l.d + 4 * j, m.d()[head]);
                in(m.inProj(), m.inBias(), c.dInner() + convDim + head, 2 * l.channels + head - c0 / c.headDim(), to);
            }
            int bc0 = block * l.bcRows;
            for (int j = 0; j < l.bcRows && bc0 + j < convDim - c.dInner(); j++) {
                in(m.inProj(), m.inBias(), 2 * c.dInner() + bc0 + j, 2 * l.channels + l.dtRows + j, to);
                conv(m.convWeight(), m.convBias(), c.dInner() + bc0 + j, l.channels + j, to);
            }
            out(m.outProj(), m.outBias(), block, to);
        }

        private void in(Matrix w, float[] bias, int row, int j, ByteBuffer to) {
            row(w, row, to, j * c.dModel() * l.elementBytes);
            to.putFloat(l.scaleIn + 4 * j, scale(w, row));
            to.putFloat(l.biasIn + 4 * j, bias.length == 0 ? 0 : bias[row]);
        }

        private void conv(float[] weight, float[] bias, int channel, int j, ByteBuffer to) {
            for (int k = 0; k < c.dConv(); k++) {
                to.putFloat(l.convWeight + 4 * (k * l.convRows + j), weight[k * c.convDim() + channel]);
            }
            to.putFloat(l.convBias + 4 * j, bias.length == 0 ? 0 : bias[channel]);
        }

        private void out(Matrix w, float[] bias, int block, ByteBuffer to) {
            int r0 = block * l.outRows;
            for (int j = 0; j < l.outRows && r0 + j < c.dModel(); j++) {
                row(w, r0 + j, to, l.out + j * c.dInner() * l.elementBytes);
                to.putFloat(l.scaleOut + 4 * j, scale(w, r0 + j));
                to.putFloat(l.biasOut + 4 * j, bias.length == 0 ? 0 : bias[r0 + j]);
            }
        }

        private static float scale(Matrix w, int row) {
            return w instanceof Matrix.Int8 q ? q.scale()[row] : 1;
        }

        private static void row(Matrix w, int row, ByteBuffer to, int at) {
            int cols = w.cols();
            switch (w) {
                case Matrix.F32 f ->
                    to.slice(at, 4 * cols)
                            .order(ByteOrder.nativeOrder())
                            .asFloatBuffer()
                            .put(f.w(), row * cols, cols);
                case Matrix.Bf16 b ->
                    to.slice(at, 2 * cols)
                            .order(ByteOrder.nativeOrder())
                            .asShortBuffer()
                            .put(b.w(), row * cols, cols);
                case Matrix.Int8 q -> to.put(at, q.q(), row * cols, cols);
            }
        }

        private static void floats(ByteBuffer to, int at, float[] values) {
            to.slice(at, 4 * values.length)
                    .order(ByteOrder.nativeOrder())
                    .asFloatBuffer()
                    .put(values);
        }
    }

    @Override
    public void close() {
        arena.close();
        ptx.close();
    }
}
