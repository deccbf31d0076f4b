package io.mambaaudio.models.cuda;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import jcuda.driver.CUstream;

/**
 * How a projection on tensor cores is cut into blocks: so many entries by so many rows; see {@code batch.cu}. Chosen by the room for streams
 * and the card, not by who is there, so that results do not depend on that.
 *
 * @param suffix of the kernels' names
 */
record Way(String suffix, int entries, int rows, int threads, int sharedBytes) {
    private static final int FEW_THREADS = 256;
    private static final int MANY_THREADS = 128;
    private static final int ROW_BYTES = 64; // 32 columns of halves

    static final byte[] NO_NORM = new byte[40];

    /** The ways of a model's projections for up to so many streams: in_proj, x_proj, out_proj, and those at both ends. */
    record Ways(Way in, Way x, Way out, Way end) {
        private static final int FEW = 128;
        private static final int SOME = 1024;

        static Ways of(int capacity, int sharedBytes) {
            if (capacity <= FEW) {
                boolean large = capacity > 32 && sharedBytes >= few(64, 24).sharedBytes + 1024;
                return new Ways(few(large ? 64 : 32, 24), few(32, 16), few(32, 16), few(32, 16));
            }
            return capacity <= SOME
                    ? new Ways(many(64, 128), few(32, 16), many(64, 64), many(64, 64))
                    : new Ways(WHOLE, few(32, 40), WHOLE, WHOLE);
        }
    }

    /** For thousands of entries. */
    static final Way WHOLE = many(128, 128);

    private static Way few(int entries, int rows) {
        int slices = 3 * 16; // stages of 16 slices of the columns
        return new Way("_few_" + entries + "x" + rows, entries, rows, FEW_THREADS, slices * entries * ROW_BYTES);
    }

    private static Way many(int entries, int rows) {
        int slices = 2 * (entries == 128 ? 3 : 4);
        return new Way(
                "_many_" + entries + "x" + rows, entries, rows, MANY_THREADS, slices * (entries + rows) * ROW_BYTES);
    }

    /** Blocks side by side for all rows of a matrix. */
    int parts(int ofRows) {
        return (ofRows + rows - 1) / rows;
    }

    /** What goes into a projection. */
    @SuppressWarnings("ArrayRecordComponent") // the bytes of a kernel's argument, never compared
    record From(long halves, int stride, byte[] norm) {
        From(long halves, int stride) {
            this(halves, stride, NO_NORM);
        }
    }

    /**
     * What comes out of it.
     *
     * @param kernel store, add or convolve
     * @param struct what the kernel does with the results
     * @param squares address of the squares' sums, (entries, squaresStride); or 0
     */
    @SuppressWarnings("ArrayRecordComponent") // the bytes of a kernel's argument, never compared
    record To(String kernel, byte[] struct, long squares, int squaresStride) {
        /** out[i] = result + bias, in float32. */
        static To store(long out, int stride, int rows, long bias) {
            byte[] struct = buffer(24)
                    .putLong(out)
                    .putInt(stride)
                    .putInt(rows)
                    .putLong(bias)
                    .array();
            return new To("store", struct, 0, 0);
        }

        /** x[i] += result + bias, in float32. */
        static To add(long x, int stride, long bias) {
            return add(x, stride, bias, 0, 0, 0, 0, 0, 0);
        }

        /** The same; and u[i] = half(weight * x[i] * base[i]) with the sums of the squares of x[i] * base[i], for the next norm. */
        static To add(
                long x,
                int stride,
                long bias,
                long weight,
                long base,
                long u,
                int uStride,
                long squares,
                int squaresStride) {
            byte[] struct = buffer(56)
                    .putLong(x)
                    .putInt(stride)
                    .putInt(0)
                    .putLong(bias)
                    .putLong(weight)
                    .putLong(base)
                    .putLong(u)
                    .putInt(uStride)
                    .array();
            return new To("add", struct, squares, squaresStride);
        }
    }

    /** Starts a projection for up to {@code n} entries. */
    void launch(Ptx batch, CUstream stream, int n, PackedMatrix w, From from, To to, long count) {
        batch.kernel(to.kernel + suffix)
                .shared(sharedBytes)
                .launch(
                        stream,
                        (n + entries - 1) / entries,
                        parts(w.rows()),
                        threads,
                        sharedBytes,
                        from.halves,
                        from.stride,
                        count,
                        w.w(),
                        w.scale(),
                        w.pairs(),
                        w.parts(),
                        w.rows(),
                        from.norm,
                        to.squares,
                        to.squaresStride,
                        to.struct);
    }

    /** The kernel's struct Norm. */
    static byte[] norm(long squares, int parts, int stride, long base, long next, int width, float eps) {
        return buffer(40)
                .putLong(squares)
                .putInt(parts)
                .putInt(stride)
                .putLong(base)
                .putLong(next)
                .putFloat(width)
                .putFloat(eps)
                .array();
    }

    private static ByteBuffer buffer(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.nativeOrder());
    }
}
