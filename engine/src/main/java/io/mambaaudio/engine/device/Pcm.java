package io.mambaaudio.engine.device;

import io.mambaaudio.engine.SampleEncoding;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Bytes to floats and back, one channel of a block at a time. Pure functions. */
final class Pcm {
    private static final VarHandle SHORT_LE = view(short[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle SHORT_BE = view(short[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle INT_LE = view(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INT_BE = view(int[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle FLOAT_LE = view(float[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle FLOAT_BE = view(float[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle DOUBLE_LE = view(double[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle DOUBLE_BE = view(double[].class, ByteOrder.BIG_ENDIAN);

    private static final float FROM_8 = 1f / (1 << 7);
    private static final float FROM_16 = 1f / (1 << 15);
    private static final float FROM_24 = 1f / (1 << 23);
    private static final float FROM_32 = 1f / (1L << 31);

    private Pcm() {}

    private static VarHandle view(Class<?> array, ByteOrder order) {
        return MethodHandles.byteArrayViewVarHandle(array, order);
    }

    /**
     * Decodes samples.
     *
     * @param from bytes
     * @param at first byte of the first sample
     * @param stride bytes from one sample to the next, which is the size of a frame
     * @param to receives samples from 0 on; integers become −1 to 1, floats stay as they are
     * @param count how many
     */
    static void decode(SampleEncoding encoding, byte[] from, int at, int stride, float[] to, int count) {
        switch (encoding) {
            case U8 -> {
                for (int i = 0, p = at; i < count; i++, p += stride) {
                    to[i] = ((from[p] & 0xFF) - 128) * FROM_8;
                }
            }
            case S8 -> {
                for (int i = 0, p = at; i < count; i++, p += stride) {
                    to[i] = from[p] * FROM_8;
                }
            }
            case S16LE -> shorts(SHORT_LE, from, at, stride, to, count);
            case S16BE -> shorts(SHORT_BE, from, at, stride, to, count);
            case S24LE -> {
                for (int i = 0, p = at; i < count; i++, p += stride) {
                    to[i] = s24(from[p + 2], from[p + 1], from[p]) * FROM_24;
                }
            }
            case S24BE -> {
                for (int i = 0, p = at; i < count; i++, p += stride) {
                    to[i] = s24(from[p], from[p + 1], from[p + 2]) * FROM_24;
                }
            }
            case S32LE -> ints(INT_LE, from, at, stride, to, count);
            case S32BE -> ints(INT_BE, from, at, stride, to, count);
            case F32LE -> floats(FLOAT_LE, from, at, stride, to, count);
            case F32BE -> floats(FLOAT_BE, from, at, stride, to, count);
            case F64LE -> doubles(DOUBLE_LE, from, at, stride, to, count);
            case F64BE -> doubles(DOUBLE_BE, from, at, stride, to, count);
            case ULAW -> table(G711.ULAW, from, at, stride, to, count);
            case ALAW -> table(G711.ALAW, from, at, stride, to, count);
        }
    }

    private static int s24(byte high, byte middle, byte low) {
        return (high << 16) | ((middle & 0xFF) << 8) | (low & 0xFF);
    }

    private static void shorts(VarHandle view, byte[] from, int at, int stride, float[] to, int count) {
        for (int i = 0, p = at; i < count; i++, p += stride) {
            to[i] = (short) view.get(from, p) * FROM_16;
        }
    }

    private static void ints(VarHandle view, byte[] from, int at, int stride, float[] to, int count) {
        for (int i = 0, p = at; i < count; i++, p += stride) {
            to[i] = (int) view.get(from, p) * FROM_32;
        }
    }

    private static void floats(VarHandle view, byte[] from, int at, int stride, float[] to, int count) {
        for (int i = 0, p = at; i < count; i++, p += stride) {
            to[i] = (float) view.get(from, p);
        }
    }

    private static void doubles(VarHandle view, byte[] from, int at, int stride, float[] to, int count) {
        for (int i = 0, p = at; i < count; i++, p += stride) {
            to[i] = (float) (double) view.get(from, p);
        }
    }

    private static void table(float[] table, byte[] from, int at, int stride, float[] to, int count) {
        for (int i = 0, p = at; i < count; i++, p += stride) {
            to[i] = table[from[p] & 0xFF];
        }
    }

    /** Whether {@link #encode} knows an encoding: what WAV files and devices are written in. */
    static boolean canEncode(SampleEncoding encoding) {
        return switch (encoding) {
            case U8, S16LE, S24LE, S32LE, F32LE, F64LE -> true;
            default -> false;
        };
    }

    /**
     * Encodes samples. Integers are rounded to nearest, and limited where the sound is louder than full scale.
     *
     * @param from samples, finite
     * @param to receives bytes
     * @param at first byte of the first sample
     * @param stride bytes from one sample to the next
     * @param count how many
     */
    static void encode(SampleEncoding encoding, float[] from, byte[] to, int at, int stride, int count) {
        for (int i = 0, p = at; i < count; i++, p += stride) {
            float sample = from[i];
            switch (encoding) {
                case U8 -> to[p] = (byte) (integer(sample, 8) + 128);
                case S16LE -> SHORT_LE.set(to, p, (short) integer(sample, 16));
                case S24LE -> {
                    int value = integer(sample, 24);
                    to[p] = (byte) value;
                    to[p + 1] = (byte) (value >> 8);
                    to[p + 2] = (byte) (value >> 16);
                }
                case S32LE -> INT_LE.set(to, p, integer(sample, 32));
                case F32LE -> FLOAT_LE.set(to, p, sample);
                case F64LE -> DOUBLE_LE.set(to, p, (double) sample);
                default -> throw new IllegalArgumentException(encoding + " is read, not written");
            }
        }
    }

    private static int integer(float sample, int bits) {
        double scale = 1L << (bits - 1);
        return (int) Math.clamp(Math.rint(sample * scale), -scale, scale - 1);
    }
}
