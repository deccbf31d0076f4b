package io.mambaaudio.models.cuda;

import io.mambaaudio.models.MambaConfig;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import jcuda.driver.CUstream;

/** The recurrence of a layer over many steps; see {@code scan.cu}. Mamba-1 with 16 states in one pass over memory, everything else in two. */
final class ScanKernels {
    private static final int THREADS = 128;
    private static final int CHUNK = 32; // steps of a chunk of the two passes
    private static final int SHARED = 2 * 32 * 16 * 4; // as in scan.cu: STEPS rows of N of B and C
    private static final int ONCE_CHUNK = 64; // as in scan.cu: steps and channels of a block of the one pass
    private static final int ONCE_WIDE = 64;
    private static final int ONCE_STATES = 16;
    private static final int ONCE_SHARED = 4 * ONCE_CHUNK * (2 * ONCE_WIDE + 2 * ONCE_STATES);
    private static final int RING = 8; // as in scan.cu

    private final Ptx ptx;
    private final CUstream stream;
    private final MambaConfig c;
    private final boolean dual;
    private final boolean once;
    private final int threads;
    private final long
            local; // (chunks, dState, dInner), or in one pass (RING, dInner, 16) values of 8 bytes on their way
    private final long sums; // (chunks, dInner or nHeads), or one int
    private int ticket; // tickets that were given out
    private int tag = 1; // the number of the next chunk

    /** memory: {@link #bytes} zeroed ones, for up to so many rows at a time. */
    ScanKernels(Ptx ptx, CUstream stream, MambaConfig c, int rows, long memory) {
        this.ptx = ptx;
        this.stream = stream;
        this.c = c;
        dual = c.kind() == MambaConfig.Kind.MAMBA2;
        once = once(c);
        threads = threads(c);
        local = memory;
        sums = memory + localBytes(c, rows);
    }

    private static boolean once(MambaConfig c) {
        return c.kind() == MambaConfig.Kind.MAMBA1
                && c.dState() == ONCE_STATES
                && c.dInner() % ONCE_WIDE == 0
                && c.dtRank() % 4 == 0;
    }

    /** Threads of a block: its channels are of one group of heads. */
    private static int threads(MambaConfig c) {
        int threads = THREADS;
        while (c.nGroups() > 1 && threads >= 32 && c.dInner() / c.nGroups() % threads != 0) {
            threads /= 2;
        }
        return threads;
    }

    /** Whether the model's groups of heads fit the blocks. */
    static boolean fits(MambaConfig c) {
        return threads(c) >= 32;
    }

    private static long localBytes(MambaConfig c, int rows) {
        long bytes =
                once(c) ? 8L * RING * ONCE_STATES * c.dInner() : 4L * chunks(rows, CHUNK) * c.dState() * c.dInner();
        return DeviceMemory.padded(bytes);
    }

    /** What it needs for up to so many rows at a time. */
    static long bytes(MambaConfig c, int rows) {
        long sums = once(c) ? Integer.BYTES : 4L * chunks(rows, CHUNK) * Math.max(c.dInner(), c.nHeads());
        return localBytes(c, rows) + DeviceMemory.padded(sums);
    }

    private static int chunks(int rows, int of) {
        return (rows + of - 1) / of;
    }

    /**
     * Runs it.
     *
     * @param at addresses of A, dt, x, B, C, D, z, y, y as halves (or 0), the state
     */
    void run(long[] at, int rows, int xStride, int bStride, int zStride, int halfStride) {
        int chunks = chunks(rows, CHUNK);
        int heads = Math.max(1, c.nHeads());
        ByteBuffer s = ByteBuffer.allocate(12 * 8 + 12 * 4).order(ByteOrder.nativeOrder()); // struct Scan
        for (int i = 0; i < 9; i++) {
            s.putLong(at[i]);
        }
        s.putLong(local).putLong(sums).putLong(at[9]);
        for (int v : new int[] {
            c.dInner(),
            c.dState(),
            rows,
            CHUNK,
            chunks,
            xStride,
            bStride,
            zStride,
            halfStride,
            Math.max(1, c.headDim()),
            heads,
            heads / Math.max(1, c.nGroups())
        }) {
            s.putInt(v);
        }
        if (once) {
            runOnce(s.array(), rows);
            return;
        }
        String kind = dual ? "2" : "1";
        int blocks = chunks(c.dInner(), threads);
        ptx.kernel("scan_local" + kind).launch(stream, blocks, chunks, threads, SHARED, s.array());
        ptx.kernel("scan_carry" + kind).launch(stream, chunks(c.dInner(), THREADS), c.dState(), THREADS, 0, s.array());
        ptx.kernel("scan_outputs" + kind).launch(stream, blocks, chunks, threads, SHARED, s.array());
    }

    private void runOnce(byte[] scan, int rows) {
        int chunks = chunks(rows, ONCE_CHUNK);
        int blocks = chunks * (c.dInner() / ONCE_WIDE);
        ptx.kernel("scan_once").launch(stream, blocks, 1, THREADS, ONCE_SHARED, scan, local, sums, ticket, tag);
        ticket += blocks;
        tag += chunks;
    }
}
