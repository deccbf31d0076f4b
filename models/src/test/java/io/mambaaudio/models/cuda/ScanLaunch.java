package io.mambaaudio.models.cuda;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import jcuda.driver.CUstream;

/** The three kernels of the Mamba-1 scan over arrays of any length, a piece at a time as {@link Prefill} calls them. */
final class ScanLaunch {
    static final int ROWS = 2048;
    private static final int CHUNK = 32;
    private static final int SHARED = 2 * 32 * 16 * 4;

    private final Ptx ptx;
    private final CUstream stream;
    private final int channels;
    private final int n;
    private final int bcStride;
    private final int zStride;
    private final long a;
    private final long d;
    private final long local;
    private final long sums;

    ScanLaunch(
            Ptx ptx,
            CUstream stream,
            int channels,
            int n,
            int bcStride,
            int zStride,
            long a,
            long d,
            long local,
            long sums) {
        this.ptx = ptx;
        this.stream = stream;
        this.channels = channels;
        this.n = n;
        this.bcStride = bcStride;
        this.zStride = zStride;
        this.a = a;
        this.d = d;
        this.local = local;
        this.sums = sums;
    }

    /** at: x, dt, z, y of the whole sequence. */
    void run(long[] at, long b, long c, int from, int rows, long state) {
        long skip = 4L * from * channels;
        long skipBc = 4L * from * bcStride;
        ByteBuffer s = ByteBuffer.allocate(144).order(ByteOrder.nativeOrder()); // struct Scan
        for (long v : new long[] {
            a, at[1] + skip, at[0] + skip, b + skipBc, c + skipBc, d, at[2] + skip, at[3] + skip, 0, local, sums, state
        }) {
            s.putLong(v);
        }
        int chunks = (rows + CHUNK - 1) / CHUNK;
        for (int v : new int[] {channels, n, rows, CHUNK, chunks, channels, bcStride, zStride, 0, 1, 1, 1}) {
            s.putInt(v);
        }
        int blocks = (channels + 127) / 128;
        ptx.kernel("scan_local1").launch(stream, blocks, chunks, 128, SHARED, s.array());
        ptx.kernel("scan_carry1").launch(stream, blocks, n, 128, 0, s.array());
        ptx.kernel("scan_outputs1").launch(stream, blocks, chunks, 128, SHARED, s.array());
    }
}
