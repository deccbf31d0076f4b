package io.mambaaudio.formats;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The pages of one logical Ogg stream (RFC 3533), with the packets that end on each. Pages whose checksum is wrong are skipped,
 * as if lost. Ours, as the library for it writes to standard error where a file is damaged.
 */
final class OggPackets {
    private static final int HEADER_BYTES = 27;
    private static final int CONTINUED = 1;
    private static final int FIRST = 2;
    private static final int LAST = 4;
    private static final int MAX_JUNK_BYTES = 1 << 20;

    /** A packet longer than 61 full pages' worth of lacing is no sound: RFC 7845 4 allows refusing it. */
    private static final int MAX_PACKET_BYTES = 1 << 22;

    private static final int[] CRC = crcTable();

    private final InputStream in;
    private final byte[] header = new byte[HEADER_BYTES];
    private byte[] unfinished = new byte[0];
    private boolean losing; // the start of the packet in hand is lost
    private int serial;
    private boolean started;

    OggPackets(InputStream in) {
        this.in = in;
    }

    /**
     * A page.
     *
     * @param packets those that end here
     * @param granule position of the end of the last of them, −1 if none ends here
     * @param last whether the stream ends here
     */
    record Page(List<byte[]> packets, long granule, boolean last) {}

    /**
     * Reads the next page.
     *
     * @throws EOFException when the file ends before the stream does
     * @throws IOException when another stream is mixed in or follows
     */
    Page next() throws IOException {
        int junk = 0;
        while (true) {
            junk += sync();
            byte[] lacing = bytes(header[26] & 0xFF);
            int length = 0;
            for (byte segment : lacing) {
                length += segment & 0xFF;
            }
            byte[] body = in.readNBytes(length);
            if (body.length < length) {
                return lastWords(lacing, body);
            }
            if (checksum(lacing, body) == i32(header, 22)) {
                return page(lacing, body);
            }
            losing = true;
            unfinished = new byte[0];
            junk += HEADER_BYTES + lacing.length + length;
            if (junk > MAX_JUNK_BYTES) {
                throw new IOException("Ogg is damaged: no valid page in " + junk + " bytes");
            }
        }
    }

    /** Whether a page follows, of whichever stream. */
    boolean hasMore() throws IOException {
        return in.readNBytes(header, 0, HEADER_BYTES) == HEADER_BYTES && StreamFileReader.has(header, 0, "OggS");
    }

    /** The file ends in this page: its whole packets are still good, though nothing vouches for them; the next call fails. */
    private Page lastWords(byte[] lacing, byte[] body) throws IOException {
        int segments = 0;
        int length = 0;
        while (segments < lacing.length && length + (lacing[segments] & 0xFF) <= body.length) {
            length += lacing[segments] & 0xFF;
            segments++;
        }
        header[5] &= ~LAST;
        return page(Arrays.copyOf(lacing, segments), body);
    }

    private Page page(byte[] lacing, byte[] body) throws IOException {
        int flags = header[5];
        int pageSerial = i32(header, 14);
        if (started && pageSerial != serial) {
            throw new IOException(
                    (flags & FIRST) != 0
                            ? "a second stream begins in the file; split it into one file a stream"
                            : "several streams are mixed in the file; extract the sound into a file of its own");
        }
        started = true;
        serial = pageSerial;
        losing |= (flags & CONTINUED) != 0 && unfinished.length == 0;
        if ((flags & CONTINUED) == 0) {
            losing = false;
            unfinished = new byte[0];
        }
        long granule = ByteBuffer.wrap(header).order(ByteOrder.LITTLE_ENDIAN).getLong(6);
        return new Page(split(lacing, body), granule, (flags & LAST) != 0);
    }

    /** A packet ends with the first lacing value below 255. */
    private List<byte[]> split(byte[] lacing, byte[] body) throws IOException {
        List<byte[]> packets = new ArrayList<>();
        int from = 0;
        int to = 0;
        for (byte segment : lacing) {
            to += segment & 0xFF;
            if (segment != (byte) 255) {
                byte[] packet = joined(unfinished, body, from, to);
                unfinished = new byte[0];
                if (!losing) {
                    packets.add(packet);
                }
                losing = false;
                from = to;
            }
        }
        unfinished = joined(unfinished, body, from, to);
        return packets;
    }

    private static byte[] joined(byte[] head, byte[] body, int from, int to) throws IOException {
        if (head.length + to - from > MAX_PACKET_BYTES) {
            throw new IOException("Ogg is damaged: a packet is longer than " + MAX_PACKET_BYTES + " bytes");
        }
        byte[] packet = Arrays.copyOf(head, head.length + to - from);
        System.arraycopy(body, from, packet, head.length, to - from);
        return packet;
    }

    /** Reads to the end of the next page header; returns the bytes skipped before it. */
    private int sync() throws IOException {
        int got = in.readNBytes(header, 0, HEADER_BYTES);
        int skipped = 0;
        while (got == HEADER_BYTES && !(StreamFileReader.has(header, 0, "OggS") && header[4] == 0)) {
            System.arraycopy(header, 1, header, 0, HEADER_BYTES - 1);
            got = HEADER_BYTES - 1 + Math.max(0, in.readNBytes(header, HEADER_BYTES - 1, 1));
            skipped++;
            if (skipped > MAX_JUNK_BYTES) {
                throw new IOException("Ogg is damaged: no page in " + skipped + " bytes");
            }
        }
        if (got < HEADER_BYTES) {
            throw new EOFException("the stream has no end");
        }
        return skipped;
    }

    private byte[] bytes(int count) throws IOException {
        byte[] bytes = in.readNBytes(count);
        if (bytes.length < count) {
            throw new EOFException("the stream has no end");
        }
        return bytes;
    }

    /** The checksum is computed with its own four bytes as zeros. */
    private int checksum(byte[] lacing, byte[] body) {
        byte[] zeroed = header.clone();
        Arrays.fill(zeroed, 22, 26, (byte) 0);
        return crc(crc(crc(0, zeroed), lacing), body);
    }

    private static int crc(int start, byte[] bytes) {
        int crc = start;
        for (byte b : bytes) {
            crc = (crc << 8) ^ CRC[((crc >>> 24) ^ b) & 0xFF];
        }
        return crc;
    }

    /** CRC-32 with polynomial 0x04C11DB7, not reflected, start 0. */
    private static int[] crcTable() {
        int[] table = new int[256];
        for (int i = 0; i < 256; i++) {
            int crc = i << 24;
            for (int bit = 0; bit < 8; bit++) {
                crc = (crc << 1) ^ (crc < 0 ? 0x04C1_1DB7 : 0);
            }
            table[i] = crc;
        }
        return table;
    }

    private static int i32(byte[] bytes, int at) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getInt(at);
    }
}
