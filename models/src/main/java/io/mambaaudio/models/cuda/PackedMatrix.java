package io.mambaaudio.models.cuda;

import jcuda.driver.CUstream;

/**
 * A matrix in the order of the tensor cores, float16 with a scale a row; see {@code batch.cu}.
 *
 * @param w address of the packed halves
 * @param scale address of the scales, (rows)
 * @param pairs columns in thirty-twos
 * @param parts 1 if the halves hold every weight exactly, 2 if as a high and a low part
 */
record PackedMatrix(long w, long scale, int pairs, int parts, int rows) {
    private static final int THREADS = 128;

    static PackedMatrix of(DeviceMatrix m, Ptx batch, Arena arena, CUstream stream) {
        int parts = m.type() == DeviceMatrix.Type.F32 ? 2 : 1;
        long inexact = arena.take(Integer.BYTES);
        int pairs = (m.cols() + 31) / 32;
        int tiles = (m.rows() + 7) / 8;
        long packed = arena.take(512L * tiles * pairs * parts);
        long scale = arena.take(4L * 8 * tiles);
        batch.kernel("pack_" + m.type().suffix)
                .launch(
                        stream, m.rows(), 1, THREADS, 0, m.w(), m.scale(), m.rows(), m.cols(), parts, packed, scale,
                        inexact);
        if (parts == 2 && arena.readInt(inexact) == 0) {
            parts = 1; // the low parts are all zero: the checkpoint had bfloat16
        }
        return new PackedMatrix(packed, scale, pairs, parts, m.rows());
    }
}
