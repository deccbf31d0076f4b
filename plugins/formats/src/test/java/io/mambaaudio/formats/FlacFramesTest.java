package io.mambaaudio.formats;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Frames bit by bit, for what the common encoder does not write. */
final class FlacFramesTest {
    private static final FlacInfo MONO_16 = new FlacInfo(8_000, 1, 16, 0);
    private static final int FIXED_0 = 8;
    private static final int FIXED_1 = 9;

    /** Bits, most significant first. */
    private static final class Bits {
        private final StringBuilder bits = new StringBuilder();

        Bits put(long value, int count) {
            for (int i = count - 1; i >= 0; i--) {
                bits.append((value >> i & 1) == 1 ? '1' : '0');
            }
            return this;
        }

        byte[] bytes() {
            byte[] bytes = new byte[(bits.length() + 7) / 8];
            for (int i = 0; i < bits.length(); i++) {
                bytes[i / 8] |= (byte) (bits.charAt(i) == '1' ? 0x80 >> i % 8 : 0);
            }
            return bytes;
        }
    }

    /** The checksum of RFC 9639, bit by bit, so that the decoder's tables are checked too. */
    private static int crc(byte[] bytes, int length, int polynomial, int width) {
        int crc = 0;
        for (int i = 0; i < 8 * length; i++) {
            int top = (crc >> (width - 1) & 1) ^ (bytes[i / 8] >> (7 - i % 8) & 1);
            crc = ((crc << 1) ^ (top == 1 ? polynomial : 0)) & ((1 << width) - 1);
        }
        return crc;
    }

    private static byte[] frame(int blockSize, Bits subframe) {
        Bits header = new Bits()
                .put(0xFFF8, 16)
                .put(6, 4)
                .put(0, 4)
                .put(0, 4)
                .put(4, 3)
                .put(0, 1)
                .put(0, 8)
                .put(blockSize - 1, 8);
        byte[] head = header.bytes();
        byte[] body = subframe.bytes();
        byte[] frame = Arrays.copyOf(head, head.length + 1 + body.length + 2);
        frame[head.length] = (byte) crc(head, head.length, 0x07, 8);
        System.arraycopy(body, 0, frame, head.length + 1, body.length);
        int crc = crc(frame, frame.length - 2, 0x8005, 16);
        frame[frame.length - 2] = (byte) (crc >> 8);
        frame[frame.length - 1] = (byte) crc;
        return frame;
    }

    private static int[] decoded(byte[] bytes) throws IOException {
        FlacFrames frames = new FlacFrames(new ByteArrayInputStream(bytes), MONO_16);
        int count = frames.next();
        int[] samples = count < 0 ? new int[0] : Arrays.copyOf(frames.samples()[0], count);
        assertEquals(-1, frames.next());
        return samples;
    }

    @Test
    void residualsMayBePlainNumbersOrNothing() throws IOException {
        // Two partitions of two samples: escaped with 7 bits each, and escaped with none, which are zeros.
        Bits subframe = new Bits().put(0, 1).put(FIXED_0, 6).put(0, 1).put(0, 2).put(1, 4);
        subframe.put(15, 4).put(7, 5).put(-64, 7).put(63, 7);
        subframe.put(15, 4).put(0, 5);
        assertArrayEquals(new int[] {-64, 63, 0, 0}, decoded(frame(4, subframe)));
    }

    @Test
    void riceParametersMayHaveFiveBitsAndQuotientsGoOverBytes() throws IOException {
        // Order 1: the first sample as it is, then differences; parameter 16, quotient 0; and parameter 0 in the other
        // half.
        Bits subframe = new Bits()
                .put(0, 1)
                .put(FIXED_1, 6)
                .put(0, 1)
                .put(1_000, 16)
                .put(1, 2)
                .put(1, 4);
        subframe.put(16, 5).put(1, 1).put(2 * 20_000, 16);
        subframe.put(0, 5).put(1, 21).put(1, 2); // 20 zeros and a one: +10; one zero and a one: -1
        assertArrayEquals(new int[] {1_000, 21_000, 21_010, 21_009}, decoded(frame(4, subframe)));
    }

    @Test
    void wastedBitsComeBackAsZeros() throws IOException {
        Bits subframe = new Bits().put(0, 1).put(0, 6).put(1, 1).put(1, 3).put(-5, 13); // a constant, 3 bits wasted
        assertArrayEquals(new int[] {-40, -40, -40}, decoded(frame(3, subframe)));
    }

    @Test
    void junkBetweenFramesIsSkippedAndDamageFound() throws IOException {
        byte[] good = frame(1, new Bits().put(0, 1).put(0, 6).put(0, 1).put(7, 16));
        byte[] junk = {1, (byte) 0xFF, (byte) 0xFF, 0, (byte) 0xFF};
        byte[] bytes = Arrays.copyOf(junk, junk.length + good.length);
        System.arraycopy(good, 0, bytes, junk.length, good.length);
        assertArrayEquals(new int[] {7}, decoded(bytes));
        good[good.length - 3] ^= 4;
        assertArrayEquals(new int[0], decoded(good));
    }
}
