package io.mambaaudio.models;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;

/** Copies one tensor out of its file, converted and checked. */
final class TensorReader {
    private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(LE);
    private static final ValueLayout.OfDouble F64 = ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(LE);
    private static final ValueLayout.OfShort I16 = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(LE);
    private static final ValueLayout.OfInt I32 = ValueLayout.JAVA_INT_UNALIGNED.withOrder(LE);
    private static final ValueLayout.OfLong I64 = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(LE);
    private static final List<DType> FLOATS = List.of(DType.F32, DType.F16, DType.BF16, DType.F64);
    private static final List<DType> INTEGERS = List.of(DType.I32, DType.I64, DType.I8, DType.U8);
    private static final int MAX_ELEMENTS = Integer.MAX_VALUE - 8;

    private final Safetensors file;
    private final TensorInfo info;
    private final MemorySegment bytes;

    TensorReader(Safetensors file, TensorInfo info) {
        this.file = file;
        this.info = info;
        this.bytes = file.data().asSlice(info.begin(), info.byteSize());
    }

    DType type() {
        return info.type();
    }

    /** Fails unless the tensor has this shape. */
    TensorReader shaped(long... expected) {
        List<Long> wanted = Arrays.stream(expected).boxed().toList();
        if (!info.shape().equals(wanted)) {
            throw error("found shape " + info.shape() + ", expected " + wanted);
        }
        return this;
    }

    float[] floats() {
        if (!FLOATS.contains(info.type())) {
            throw error("found dtype " + info.type() + ", expected one of " + FLOATS);
        }
        float[] out = new float[count()];
        Safetensors.reading(file.file(), () -> {
            switch (info.type()) {
                case F32 -> MemorySegment.copy(bytes, F32, 0, out, 0, out.length);
                case F16 -> {
                    for (int i = 0; i < out.length; i++) {
                        out[i] = Float.float16ToFloat(bytes.getAtIndex(I16, i));
                    }
                }
                case BF16 -> {
                    for (int i = 0; i < out.length; i++) {
                        out[i] = Float.intBitsToFloat(bytes.getAtIndex(I16, i) << 16);
                    }
                }
                default -> {
                    for (int i = 0; i < out.length; i++) {
                        out[i] = (float) bytes.getAtIndex(F64, i);
                    }
                }
            }
        });
        requireFinite(out);
        return out;
    }

    /** The bits of a BF16 tensor. */
    short[] bf16() {
        require(DType.BF16);
        short[] out = new short[count()];
        Safetensors.reading(file.file(), () -> MemorySegment.copy(bytes, I16, 0, out, 0, out.length));
        for (int i = 0; i < out.length; i++) {
            if ((out[i] & 0x7F80) == 0x7F80) {
                throw notFinite(i, Float.intBitsToFloat(out[i] << 16));
            }
        }
        return out;
    }

    /** The quants of an I8 tensor. */
    byte[] int8() {
        require(DType.I8);
        byte[] out = new byte[count()];
        Safetensors.reading(file.file(), () -> MemorySegment.copy(bytes, ValueLayout.JAVA_BYTE, 0, out, 0, out.length));
        return out;
    }

    int[] ints() {
        if (!INTEGERS.contains(info.type())) {
            throw error("found dtype " + info.type() + ", expected one of " + INTEGERS);
        }
        int[] out = new int[count()];
        Safetensors.reading(file.file(), () -> {
            switch (info.type()) {
                case I32 -> MemorySegment.copy(bytes, I32, 0, out, 0, out.length);
                case I64 -> {
                    for (int i = 0; i < out.length; i++) {
                        long value = bytes.getAtIndex(I64, i);
                        if (value != (int) value) {
                            throw error("found " + value + " at element " + i + ", expected a 32-bit integer");
                        }
                        out[i] = (int) value;
                    }
                }
                case I8 -> {
                    for (int i = 0; i < out.length; i++) {
                        out[i] = bytes.get(ValueLayout.JAVA_BYTE, i);
                    }
                }
                default -> {
                    for (int i = 0; i < out.length; i++) {
                        out[i] = bytes.get(ValueLayout.JAVA_BYTE, i) & 0xFF;
                    }
                }
            }
        });
        return out;
    }

    CheckpointException error(String message) {
        return Safetensors.error(file.file(), "tensor " + Json.printable(info.name()) + ": " + message);
    }

    private void requireFinite(float[] values) {
        for (int i = 0; i < values.length; i++) {
            if (!Float.isFinite(values[i])) {
                throw notFinite(i, values[i]);
            }
        }
    }

    private CheckpointException notFinite(int i, float value) {
        return error("found " + value + " at element " + i
                + ", expected finite values; the file is damaged or its training diverged");
    }

    private void require(DType type) {
        if (info.type() != type) {
            throw error("found dtype " + info.type() + ", expected " + type);
        }
    }

    private int count() {
        if (info.elements() > MAX_ELEMENTS) {
            throw error("found " + info.elements() + " elements, expected at most " + MAX_ELEMENTS);
        }
        return (int) info.elements();
    }
}
