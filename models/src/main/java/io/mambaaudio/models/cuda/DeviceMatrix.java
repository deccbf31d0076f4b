package io.mambaaudio.models.cuda;

import io.mambaaudio.models.cpu.Matrix;

/**
 * A matrix on the card as the checkpoint has it, row-major.
 *
 * @param w address of the elements
 * @param scale address of the scales of the rows; 0 without
 */
record DeviceMatrix(Type type, long w, long scale, int rows, int cols) {
    /** The elements. */
    enum Type {
        F32("f32", 4),
        BF16("bf16", 2),
        INT8("i8", 1);

        /** How kernels for it end. */
        final String suffix;

        final int bytes;

        Type(String suffix, int bytes) {
            this.suffix = suffix;
            this.bytes = bytes;
        }
    }

    static Type typeOf(Matrix m) {
        return switch (m) {
            case Matrix.F32 f -> Type.F32;
            case Matrix.Bf16 b -> Type.BF16;
            case Matrix.Int8 q -> Type.INT8;
        };
    }

    static DeviceMatrix of(Matrix m, Arena arena) {
        return switch (m) {
            case Matrix.F32 f -> new DeviceMatrix(Type.F32, arena.put(f.w()), 0, f.rows(), f.cols());
            case Matrix.Bf16 b -> new DeviceMatrix(Type.BF16, arena.put(b.w()), 0, b.rows(), b.cols());
            case Matrix.Int8 q ->
                new DeviceMatrix(Type.INT8, arena.put(q.q()), arena.put(q.scale()), q.rows(), q.cols());
        };
    }
}
