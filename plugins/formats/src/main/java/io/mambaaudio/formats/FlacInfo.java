package io.mambaaudio.formats;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;

/**
 * The stream information block (RFC 9639 8.2).
 *
 * @param sampleRateHz 1 to 1,048,575
 * @param channels 1 to 8
 * @param bits of a sample, 4 to 24
 * @param totalSamples of a channel; 0 if not known
 */
record FlacInfo(int sampleRateHz, int channels, int bits, long totalSamples) {
    private static final int BYTES = 34;

    /** Reads the magic word and all metadata, of which only the stream information is kept. */
    static FlacInfo read(InputStream in) throws IOException {
        byte[] head = in.readNBytes(8 + BYTES);
        if (head.length < 8 + BYTES) {
            throw new EOFException("the file ends in its header");
        }
        if ((head[4] & 0x7F) != 0 || length(head, 5) != BYTES) {
            throw new IOException("FLAC does not begin with its stream information");
        }
        skipOtherBlocks(in, head[4] < 0);
        long packed = ByteBuffer.wrap(head).getLong(18); // rate 20, channels 3, bits 5, samples 36
        int rate = (int) (packed >>> 44);
        int bits = (int) (packed >>> 36 & 31) + 1;
        if (rate < 1 || bits < 4 || bits > 24) {
            throw new IOException(
                    "FLAC has sampleRateHz=" + rate + ", bits=" + bits + "; readable are 4 to 24 bits at any rate");
        }
        return new FlacInfo(rate, (int) (packed >>> 41 & 7) + 1, bits, packed & 0xF_FFFF_FFFFL);
    }

    private static void skipOtherBlocks(InputStream in, boolean none) throws IOException {
        boolean last = none;
        while (!last) {
            byte[] block = in.readNBytes(4);
            if (block.length < 4) {
                throw new EOFException("the file ends in its header");
            }
            last = block[0] < 0;
            in.skipNBytes(length(block, 1));
        }
    }

    private static int length(byte[] bytes, int at) {
        return ((bytes[at] & 0xFF) << 16) | ((bytes[at + 1] & 0xFF) << 8) | (bytes[at + 2] & 0xFF);
    }

    /** Bytes of a sample where it is written in whole bytes. */
    int sampleBytes() {
        return (bits + 7) / 8;
    }
}
