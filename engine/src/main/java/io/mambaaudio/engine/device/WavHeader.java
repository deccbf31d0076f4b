package io.mambaaudio.engine.device;

import io.mambaaudio.engine.EngineException;
import io.mambaaudio.engine.SampleEncoding;
import io.mambaaudio.engine.StreamFormat;
import java.io.InputStream;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * The chunks of a RIFF/WAVE stream up to its samples. Ours, since Java Sound's reader wants correct lengths, which a WAV that
 * a tool writes into a pipe can't have. After Microsoft's "Multiple Channel Audio Data and WAVE Files" and EBU Tech 3306 (RF64).
 */
final class WavHeader {
    private static final int PCM = 1;
    private static final int IEEE_FLOAT = 3;
    private static final int A_LAW = 6;
    private static final int MU_LAW = 7;
    private static final int EXTENSIBLE = 0xFFFE;
    private static final long MAX_FORMAT_BYTES = 4_096;

    /** Tools that don't know the length yet write 0xFFFFFFFF, 0x80000000 less a header, 0x7FFFFFFF less a header, or 0. */
    private static final long LEAST_UNKNOWN = 0x7FFF_0000L;

    private final HeaderStream in;
    private long dataBytes64 = -1; // from a ds64 chunk

    private WavHeader(HeaderStream in) {
        this.in = in;
    }

    /**
     * Reads up to the first sample.
     *
     * @param name for messages
     * @param in at the first byte of {@code RIFF}
     */
    static PcmHeader read(String name, InputStream in) {
        return new WavHeader(new HeaderStream(name, in)).read();
    }

    /** What the format chunk says. */
    private record Layout(SampleEncoding encoding, StreamFormat format) {
        long frameBytes() {
            return (long) encoding.bytes() * format.channels();
        }
    }

    private PcmHeader read() {
        in.bytes(4);
        long riffBytes = u32(in.bytes(4), 0);
        in.bytes(4);
        Layout layout = null;
        while (true) {
            String id = in.id();
            long size = u32(in.bytes(4), 0);
            if (id.equals("fmt ")) {
                layout = layout(size);
            } else if (id.equals("ds64") && size >= 16) {
                byte[] sizes = in.bytes(16);
                dataBytes64 = u32(sizes, 8) | (u32(sizes, 12) << 32);
                in.skip(HeaderStream.padded(size) - 16);
            } else if (id.equals("data")) {
                if (layout == null) {
                    throw new EngineException(in.name() + " has samples before its fmt chunk; convert it again");
                }
                return new PcmHeader(layout.encoding(), layout.format(), frames(layout, riffBytes, size));
            } else {
                in.skip(HeaderStream.padded(size));
            }
        }
    }

    private OptionalLong frames(Layout layout, long riffBytes, long size) {
        if (size == 0xFFFF_FFFFL && dataBytes64 >= 0) {
            return OptionalLong.of(dataBytes64 / layout.frameBytes());
        }
        boolean trulyEmpty = size == 0 && riffBytes >= in.at() - 8 && riffBytes < LEAST_UNKNOWN;
        if (size >= LEAST_UNKNOWN || (size == 0 && !trulyEmpty)) {
            return OptionalLong.empty();
        }
        return OptionalLong.of(size / layout.frameBytes());
    }

    private Layout layout(long size) {
        if (size < 16 || size > MAX_FORMAT_BYTES) {
            throw new EngineException(in.name() + " has a fmt chunk of bytes=" + size + ", 16 to " + MAX_FORMAT_BYTES
                    + " are possible; convert it again");
        }
        byte[] fmt = in.bytes((int) HeaderStream.padded(size));
        int tag = u16(fmt, 0);
        int channels = u16(fmt, 2);
        int frameBytes = u16(fmt, 12);
        int bits = u16(fmt, 14);
        if (tag == EXTENSIBLE && size >= 40) {
            tag = u16(fmt, 24); // the first two bytes of the sub-format's GUID
        }
        StreamFormat format = in.format(u32(fmt, 4), channels);
        int sampleBytes = frameBytes % channels == 0 && frameBytes > 0 ? frameBytes / channels : (bits + 7) / 8;
        return new Layout(encoding(tag, bits, sampleBytes), format);
    }

    private SampleEncoding encoding(int tag, int bits, int sampleBytes) {
        boolean fits = bits >= 1 && bits <= 8 * sampleBytes;
        SampleEncoding encoding = fits ? known(tag, sampleBytes) : null;
        if (encoding == null) {
            throw new EngineException(
                    in.name() + " is WAV with formatTag=0x" + Integer.toHexString(tag) + ", bits=" + bits
                            + ", bytesPerSample=" + sampleBytes
                            + "; readable are PCM of 8, 16, 24, 32 bits, float of 32, 64 bits, mu-law and A-law: convert it");
        }
        return encoding;
    }

    private static @Nullable SampleEncoding known(int tag, int sampleBytes) {
        return switch (tag) {
            case PCM ->
                switch (sampleBytes) {
                    case 1 -> SampleEncoding.U8;
                    case 2 -> SampleEncoding.S16LE;
                    case 3 -> SampleEncoding.S24LE;
                    case 4 -> SampleEncoding.S32LE;
                    default -> null;
                };
            case IEEE_FLOAT -> sampleBytes == 4 ? SampleEncoding.F32LE : sampleBytes == 8 ? SampleEncoding.F64LE : null;
            case A_LAW -> sampleBytes == 1 ? SampleEncoding.ALAW : null;
            case MU_LAW -> sampleBytes == 1 ? SampleEncoding.ULAW : null;
            default -> null;
        };
    }

    private static int u16(byte[] bytes, int at) {
        return (bytes[at] & 0xFF) | ((bytes[at + 1] & 0xFF) << 8);
    }

    private static long u32(byte[] bytes, int at) {
        return u16(bytes, at) | ((long) u16(bytes, at + 2) << 16);
    }
}
