package io.mambaaudio.formats;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;

/** Bits of a FLAC stream, most significant first, a byte at a time so that the checksums cover a frame and no more. */
final class FlacBits {
    private static final int[] CRC_8 = table(0x07, 8);
    private static final int[] CRC_16 = table(0x8005, 16);

    private final InputStream in;
    private final byte[] buffer = new byte[8_192];
    private int at;
    private int end;
    private int current; // the byte that is being read
    private int left; // its bits that are not read yet
    private int crc8;
    private int crc16;

    FlacBits(InputStream in) {
        this.in = in;
    }

    /** Drops what is left of the byte in hand. */
    void align() {
        left = 0;
    }

    /** The next whole byte; −1 at the end of the file. */
    int nextByte() throws IOException {
        if (at == end) {
            at = 0;
            end = Math.max(0, in.read(buffer, 0, buffer.length));
            if (end == 0) {
                return -1;
            }
        }
        int value = buffer[at++] & 0xFF;
        crc8 = CRC_8[crc8 ^ value];
        crc16 = ((crc16 << 8) & 0xFFFF) ^ CRC_16[(crc16 >> 8) ^ value];
        return value;
    }

    /** Starts the checksums of a frame whose first two bytes are read already. */
    void startFrame(int first, int second) {
        left = 0;
        crc8 = CRC_8[CRC_8[first] ^ second];
        crc16 = ((CRC_16[first] << 8) & 0xFFFF) ^ CRC_16[(CRC_16[first] >> 8) ^ second];
    }

    int crc8() {
        return crc8;
    }

    int crc16() {
        return crc16;
    }

    /** Reads 0 to 32 bits as an unsigned number (of 32, as an int of the same bits). */
    int unsigned(int count) throws IOException {
        int value = 0;
        int wanted = count;
        while (wanted > 0) {
            load();
            int take = Math.min(wanted, left);
            left -= take;
            value = (value << take) | ((current >> left) & ((1 << take) - 1));
            wanted -= take;
        }
        return value;
    }

    /** Reads 0 to 32 bits as a two's complement number. */
    int signed(int count) throws IOException {
        int shift = 32 - count;
        return count == 0 ? 0 : (unsigned(count) << shift) >> shift;
    }

    /** Counts zeros up to the next one, which is read too. */
    int unary() throws IOException {
        int zeros = 0;
        while (true) {
            load();
            int rest = current & ((1 << left) - 1);
            if (rest == 0) {
                zeros += left;
                left = 0;
            } else {
                int run = left - (32 - Integer.numberOfLeadingZeros(rest));
                left -= run + 1;
                return zeros + run;
            }
        }
    }

    private void load() throws IOException {
        if (left == 0) {
            current = nextByte();
            if (current < 0) {
                throw new EOFException("the file ends within a frame");
            }
            left = 8;
        }
    }

    private static int[] table(int polynomial, int bits) {
        int[] table = new int[256];
        int top = 1 << (bits - 1);
        for (int i = 0; i < 256; i++) {
            int crc = i << (bits - 8);
            for (int bit = 0; bit < 8; bit++) {
                crc = (crc << 1) ^ ((crc & top) != 0 ? polynomial : 0);
            }
            table[i] = crc & ((1 << bits) - 1);
        }
        return table;
    }
}
