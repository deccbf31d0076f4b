package io.mambaaudio.models;

/**
 * How the large matrices of a model are kept in memory. Vectors, norms and the small projections of the time step stay float32, and the
 * state is float32 with every choice.
 */
public enum Weights {
    /** As the checkpoint has them; float16 and float64 become float32. */
    AS_STORED,
    /** 32-bit floats. */
    F32,
    /** The upper 16 bits of 32-bit floats, rounded to nearest even. */
    BF16,
    /** 8-bit integers with one scale a row: {@code w[r][c] = q[r][c] * scale[r]}, symmetric, {@code |q| <= 127}. */
    INT8
}
