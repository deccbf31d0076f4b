package io.mambaaudio.models.cpu;

/** A weight matrix (rows, cols), row-major. Immutable by convention: nobody writes to the arrays once it is built. */
@SuppressWarnings("ArrayRecordComponent") // never compared, never printed
public sealed interface Matrix {
    /** Outputs. */
    int rows();

    /** Inputs. */
    int cols();

    /** Bytes of the elements and scales. */
    long bytes();

    /** Writes one row as floats, to out from at on. */
    void row(int r, float[] out, int at);

    /** 32-bit floats. */
    record F32(int rows, int cols, float[] w) implements Matrix {
        @Override
        public long bytes() {
            return 4L * w.length;
        }

        @Override
        public void row(int r, float[] out, int at) {
            System.arraycopy(w, r * cols, out, at, cols);
        }
    }

    /** The upper halves of 32-bit floats. */
    record Bf16(int rows, int cols, short[] w) implements Matrix {
        @Override
        public long bytes() {
            return 2L * w.length;
        }

        @Override
        public void row(int r, float[] out, int at) {
            for (int c = 0; c < cols; c++) {
                out[at + c] = Float.intBitsToFloat(w[r * cols + c] << 16);
            }
        }

        /** Rounds to nearest even. The values are finite; one that rounds past the largest stays the largest. */
        public static Bf16 of(int rows, int cols, float[] w) {
            short[] out = new short[w.length];
            for (int i = 0; i < w.length; i++) {
                int bits = Float.floatToRawIntBits(w[i]);
                int rounded = bits + 0x7FFF + ((bits >>> 16) & 1);
                out[i] = (short) ((rounded & 0x7F800000) == 0x7F800000 ? bits >>> 16 : rounded >>> 16);
            }
            return new Bf16(rows, cols, out);
        }
    }

    /** 8-bit integers with a scale a row: w[r][c] = q[r][c] * scale[r]. */
    record Int8(int rows, int cols, byte[] q, float[] scale) implements Matrix {
        @Override
        public long bytes() {
            return q.length + 4L * scale.length;
        }

        @Override
        public void row(int r, float[] out, int at) {
            for (int c = 0; c < cols; c++) {
                out[at + c] = q[r * cols + c] * scale[r];
            }
        }

        /** Symmetric rounding of every row to 127 steps of its largest magnitude. */
        public static Int8 of(int rows, int cols, float[] w) {
            byte[] q = new byte[w.length];
            float[] scale = new float[rows];
            for (int r = 0; r < rows; r++) {
                float max = 0;
                for (int c = 0; c < cols; c++) {
                    max = Math.max(max, Math.abs(w[r * cols + c]));
                }
                scale[r] = max / 127;
                for (int c = 0; c < cols && scale[r] > 0; c++) {
                    q[r * cols + c] = (byte) Math.clamp(Math.round(w[r * cols + c] / scale[r]), -127, 127);
                }
            }
            return new Int8(rows, cols, q, scale);
        }
    }
}
