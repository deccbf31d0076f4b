package io.mambaaudio.models.cuda;

import java.util.Locale;
import jcuda.driver.CUstream;

/**
 * How a projection on tensor cores is cut into blocks; see {@code batch.cu}. Chosen by the room for streams and not by who is there, so that
 * results do not depend on that.
 */
enum Way {
    FEW(32, 16, 98_304),
    SOME(64, 64, 49_152),
    MANY(128, 128, 49_152);

    private static final int THREADS = 256;

    private final int entries;
    private final int rows;
    private final int sharedBytes;
    private final String suffix = "_" + name().toLowerCase(Locale.ROOT);

    Way(int entries, int rows, int sharedBytes) {
        this.entries = entries;
        this.rows = rows;
        this.sharedBytes = sharedBytes;
    }

    static Way of(int capacity) {
        return capacity <= 256 ? FEW : capacity <= 1024 ? SOME : MANY;
    }

    /**
     * Starts {@code what} for up to {@code n} entries.
     *
     * @param in halves, a row of inStride an entry
     * @param more what the kernel does with the results
     */
    void launch(
            Ptx batch,
            String what,
            CUstream stream,
            int n,
            PackedMatrix w,
            long in,
            int inStride,
            long count,
            Object... more) {
        Object[] arguments = new Object[8 + more.length];
        Object[] common = {in, inStride, count, w.w(), w.scale(), w.pairs(), w.parts(), w.rows()};
        System.arraycopy(common, 0, arguments, 0, common.length);
        System.arraycopy(more, 0, arguments, common.length, more.length);
        batch.kernel(what + suffix)
                .shared(sharedBytes)
                .launch(
                        stream,
                        (n + entries - 1) / entries,
                        (w.rows() + rows - 1) / rows,
                        THREADS,
                        sharedBytes,
                        arguments);
    }
}
