package io.mambaaudio.engine.device;

import io.mambaaudio.engine.EngineException;
import io.mambaaudio.engine.SampleEncoding;
import io.mambaaudio.engine.StreamFormat;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * The chunks of an AIFF or AIFF-C stream up to its samples. Ours, since Java Sound's reader forgets the padding of odd chunks
 * and knows neither floats nor the little-endian samples that macOS writes. After Apple's AIFF 1.3 and AIFF-C.
 */
final class AiffHeader {
    private static final int COMMON_BYTES = 18;
    private static final long MAX_COMMON_BYTES = 4_096;
    private static final int EXPONENT_BIAS = 16_383;

    private final HeaderStream in;
    private boolean compressed; // AIFF-C, whose COMM chunk names a compression

    private AiffHeader(HeaderStream in) {
        this.in = in;
    }

    /**
     * Reads up to the first sample.
     *
     * @param name for messages
     * @param in at the first byte of {@code FORM}
     */
    static PcmHeader read(String name, InputStream in) {
        return new AiffHeader(new HeaderStream(name, in)).read();
    }

    private PcmHeader read() {
        in.bytes(8);
        compressed = in.id().equals("AIFC");
        PcmHeader common = null;
        while (true) {
            String id = in.id();
            long size = u32();
            if (id.equals("COMM")) {
                common = common(size);
            } else if (id.equals("SSND")) {
                if (common == null) {
                    throw new EngineException(in.name() + " has samples before its COMM chunk; convert it again");
                }
                long offset = u32();
                in.skip(4 + offset);
                return new PcmHeader(common.encoding(), common.format(), frames(common, size - 8 - offset));
            } else {
                in.skip(HeaderStream.padded(size));
            }
        }
    }

    /** COMM and SSND should agree; where a writer did not come back to fill one in, the other counts. */
    private static OptionalLong frames(PcmHeader common, long soundBytes) {
        long promised = common.frames().orElse(0);
        long there =
                soundBytes / ((long) common.encoding().bytes() * common.format().channels());
        if (promised > 0 && soundBytes > 0) {
            return OptionalLong.of(Math.min(promised, there));
        }
        return promised > 0
                ? OptionalLong.of(promised)
                : soundBytes > 0 ? OptionalLong.of(there) : OptionalLong.empty();
    }

    private PcmHeader common(long size) {
        int least = compressed ? COMMON_BYTES + 4 : COMMON_BYTES;
        if (size < least || size > MAX_COMMON_BYTES) {
            throw new EngineException(in.name() + " has a COMM chunk of bytes=" + size + ", " + least + " to "
                    + MAX_COMMON_BYTES + " are possible; convert it again");
        }
        ByteBuffer bytes = ByteBuffer.wrap(in.bytes((int) HeaderStream.padded(size))); // big-endian
        int channels = Short.toUnsignedInt(bytes.getShort());
        long frames = Integer.toUnsignedLong(bytes.getInt());
        int bits = Short.toUnsignedInt(bytes.getShort());
        long rate = Math.round(extended(bytes.getShort(), bytes.getLong()));
        StreamFormat format = in.format(rate, channels);
        String compression = compressed ? text(bytes) : "NONE";
        return new PcmHeader(encoding(compression, bits), format, OptionalLong.of(frames));
    }

    private static String text(ByteBuffer bytes) {
        byte[] text = new byte[4];
        bytes.get(text);
        return new String(text, StandardCharsets.ISO_8859_1);
    }

    private SampleEncoding encoding(String compression, int bits) {
        SampleEncoding encoding = known(compression, (bits + 7) / 8);
        if (encoding == null) {
            throw new EngineException(in.name() + " is AIFF with compression=\"" + compression.replaceAll("[^ -~]", "?")
                    + "\", bits=" + bits
                    + "; readable are PCM of 8, 16, 24, 32 bits, float of 32, 64 bits, mu-law and A-law: convert it");
        }
        return encoding;
    }

    private static @Nullable SampleEncoding known(String compression, int sampleBytes) {
        return switch (compression) {
            case "NONE", "twos", "in24", "in32" -> integer(sampleBytes, "BE");
            case "sowt" -> integer(sampleBytes, "LE");
            case "raw " -> sampleBytes == 1 ? SampleEncoding.U8 : null;
            case "fl32", "FL32" -> SampleEncoding.F32BE;
            case "fl64", "FL64" -> SampleEncoding.F64BE;
            case "ulaw", "ULAW" -> SampleEncoding.ULAW;
            case "alaw", "ALAW" -> SampleEncoding.ALAW;
            default -> null;
        };
    }

    private static @Nullable SampleEncoding integer(int sampleBytes, String order) {
        return switch (sampleBytes) {
            case 1 -> SampleEncoding.S8;
            case 2, 3, 4 -> SampleEncoding.named("S" + 8 * sampleBytes + order);
            default -> null;
        };
    }

    /** An 80-bit IEEE 754 extended number: sign and exponent, then the mantissa with its leading one. */
    private static double extended(short signAndExponent, long mantissa) {
        int exponent = (signAndExponent & 0x7FFF) - EXPONENT_BIAS;
        double value = Math.scalb((mantissa >>> 1) * 0x1p-62, exponent);
        return signAndExponent < 0 ? -value : value;
    }

    private long u32() {
        return Integer.toUnsignedLong(ByteBuffer.wrap(in.bytes(4)).getInt());
    }
}
