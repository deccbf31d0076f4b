package io.mambaaudio.engine.device;

import io.mambaaudio.engine.EngineException;
import io.mambaaudio.engine.SampleEncoding;
import io.mambaaudio.engine.StreamFormat;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.OptionalLong;

/**
 * The chunks of a RIFF/WAVE stream up to its samples. Ours, since Java Sound's reader wants correct lengths, which a WAV that
 * a tool writes into a pipe can't have. After Microsoft's "Multiple Channel Audio Data and WAVE Files" and EBU Tech 3306 (RF64).
 *
 * @param encoding of a sample; fewer bits in a larger container are at the container's upper end
 * @param format rate and channels
 * @param frames the length, where the header knows it
 */
record WavHeader(SampleEncoding encoding, StreamFormat format, OptionalLong frames) {
    private static final int PCM = 1;
    private static final int IEEE_FLOAT = 3;
    private static final int A_LAW = 6;
    private static final int MU_LAW = 7;
    private static final int EXTENSIBLE = 0xFFFE;
    private static final long MAX_FORMAT_BYTES = 4_096;

    /** Tools that don't know the length yet write 0xFFFFFFFF, 0x80000000 less a header, 0x7FFFFFFF less a header, or 0. */
    private static final long LEAST_UNKNOWN = 0x7FFF_0000L;

    /**
     * Reads up to the first sample.
     *
     * @param name for messages
     * @param in at the first byte of {@code RIFF}
     */
    static WavHeader read(String name, InputStream in) {
        try {
            return new Reader(name, in).read();
        } catch (EOFException e) {
            throw new EngineException(name + " ends before its first sample; it was cut short, get it again", e);
        } catch (IOException e) {
            throw new EngineException(name + " can't be read: " + EngineException.reason(e), e);
        }
    }

    /** What the format chunk says. */
    private record Layout(SampleEncoding encoding, StreamFormat format) {
        long frameBytes() {
            return (long) encoding.bytes() * format.channels();
        }
    }

    /** One reading of a header. */
    private static final class Reader {
        private final String name;
        private final InputStream in;
        private long at;
        private long dataBytes64 = -1; // from a ds64 chunk

        Reader(String name, InputStream in) {
            this.name = name;
            this.in = in;
        }

        WavHeader read() throws IOException {
            bytes(4);
            long riffBytes = u32(bytes(4), 0);
            bytes(4);
            Layout layout = null;
            while (true) {
                String id = new String(bytes(4), java.nio.charset.StandardCharsets.ISO_8859_1);
                long size = u32(bytes(4), 0);
                if (id.equals("fmt ")) {
                    layout = layout(size);
                } else if (id.equals("ds64") && size >= 16) {
                    byte[] sizes = bytes(16);
                    dataBytes64 = u32(sizes, 8) | (u32(sizes, 12) << 32);
                    skip(padded(size) - 16);
                } else if (id.equals("data")) {
                    if (layout == null) {
                        throw new EngineException(name + " has samples before its fmt chunk; convert it again");
                    }
                    return new WavHeader(layout.encoding(), layout.format(), frames(layout, riffBytes, size));
                } else {
                    skip(padded(size));
                }
            }
        }

        private OptionalLong frames(Layout layout, long riffBytes, long size) {
            if (size == 0xFFFF_FFFFL && dataBytes64 >= 0) {
                return OptionalLong.of(dataBytes64 / layout.frameBytes());
            }
            boolean trulyEmpty = size == 0 && riffBytes >= at - 8 && riffBytes < LEAST_UNKNOWN;
            if (size >= LEAST_UNKNOWN || (size == 0 && !trulyEmpty)) {
                return OptionalLong.empty();
            }
            return OptionalLong.of(size / layout.frameBytes());
        }

        private Layout layout(long size) throws IOException {
            if (size < 16 || size > MAX_FORMAT_BYTES) {
                throw new EngineException(name + " has a fmt chunk of bytes=" + size + ", 16 to " + MAX_FORMAT_BYTES
                        + " are possible; convert it again");
            }
            byte[] fmt = bytes((int) padded(size));
            int tag = u16(fmt, 0);
            int channels = u16(fmt, 2);
            long rate = u32(fmt, 4);
            int frameBytes = u16(fmt, 12);
            int bits = u16(fmt, 14);
            if (tag == EXTENSIBLE && size >= 40) {
                tag = u16(fmt, 24); // the first two bytes of the sub-format's GUID
            }
            StreamFormat format = SoundFiles.format(name, rate, channels);
            int sampleBytes = frameBytes % channels == 0 && frameBytes > 0 ? frameBytes / channels : (bits + 7) / 8;
            return new Layout(encoding(tag, bits, sampleBytes), format);
        }

        private SampleEncoding encoding(int tag, int bits, int sampleBytes) {
            boolean fits = bits >= 1 && bits <= 8 * sampleBytes;
            SampleEncoding encoding = fits ? known(tag, sampleBytes) : null;
            if (encoding == null) {
                throw new EngineException(
                        name + " is WAV with formatTag=0x" + Integer.toHexString(tag) + ", bits=" + bits
                                + ", bytesPerSample=" + sampleBytes
                                + "; readable are PCM of 8, 16, 24, 32 bits, float of 32, 64 bits, mu-law and A-law: convert it");
            }
            return encoding;
        }

        private static @org.jspecify.annotations.Nullable SampleEncoding known(int tag, int sampleBytes) {
            return switch (tag * 16 + sampleBytes) {
                case PCM * 16 + 1 -> SampleEncoding.U8;
                case PCM * 16 + 2 -> SampleEncoding.S16LE;
                case PCM * 16 + 3 -> SampleEncoding.S24LE;
                case PCM * 16 + 4 -> SampleEncoding.S32LE;
                case IEEE_FLOAT * 16 + 4 -> SampleEncoding.F32LE;
                case IEEE_FLOAT * 16 + 8 -> SampleEncoding.F64LE;
                case A_LAW * 16 + 1 -> SampleEncoding.ALAW;
                case MU_LAW * 16 + 1 -> SampleEncoding.ULAW;
                default -> null;
            };
        }

        /** Chunks begin at even places. */
        private static long padded(long size) {
            return size + (size & 1);
        }

        private byte[] bytes(int count) throws IOException {
            byte[] bytes = in.readNBytes(count);
            if (bytes.length < count) {
                throw new EOFException();
            }
            at += count;
            return bytes;
        }

        private void skip(long count) throws IOException {
            in.skipNBytes(count);
            at += count;
        }

        private static int u16(byte[] bytes, int at) {
            return (bytes[at] & 0xFF) | ((bytes[at + 1] & 0xFF) << 8);
        }

        private static long u32(byte[] bytes, int at) {
            return u16(bytes, at) | ((long) u16(bytes, at + 2) << 16);
        }
    }
}
