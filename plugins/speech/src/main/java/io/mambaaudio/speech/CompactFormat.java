package io.mambaaudio.speech;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/**
 * How a compact n-gram file is laid out; everything is little-endian.
 *
 * <pre>
 *   0  "MAMBNGRM"
 *   8  version (int), 12 CRC-32C of all from 16 on (int)
 *  16  order (int), 20 words with the unknown one (int), 24 id of the sentence's start or -1 (int), 28 bits of a code (int)
 *  32  for each order: how many n-grams (long)
 *      for each order: the table of ln p, 2^bits values in rising order (float)
 *      for each order but the highest: the table of ln back-off (float)
 *      for each word but the unknown one, whose id is 0: its hash in rising order (long); ids follow that order
 *      for each order: its n-grams as packed bits, filled up to 8 bytes, and 8 bytes of zeros
 * </pre>
 *
 * <p>An n-gram is, from the lowest bit on: its last word's id (none in 1-grams: they lie by id), the code of ln p, and below the highest
 * order the code of ln back-off and the index of the first longer n-gram that begins with it. N-grams with the same beginning lie
 * together, by rising id. After the last n-gram of an order comes one more, for where its longer ones end.
 */
final class CompactFormat {
    static final byte[] MAGIC = {'M', 'A', 'M', 'B', 'N', 'G', 'R', 'M'};
    static final int VERSION = 1;
    static final int CHECKED_FROM = 16;
    static final int COUNTS_AT = 32;
    static final int MAX_ORDER = 6;
    static final int CODE_BITS = 8;
    static final int SLACK = Long.BYTES;
    static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    final int order;
    final int codeBits;
    final long[] counts; // (order)
    final int wordBits;
    final int[] firstBits; // (order) of the index of the first longer n-gram
    final int[] recordBits; // (order)
    final long tablesAt;
    final long hashesAt;
    final long[] recordsAt; // (order)
    final long bytes;

    /** Where everything lies, for counts that are not negative and fit an int. */
    CompactFormat(long[] counts, int codeBits) {
        this.order = counts.length;
        this.codeBits = codeBits;
        this.counts = counts;
        wordBits = bitsFor(counts[0] - 1);
        firstBits = new int[order];
        recordBits = new int[order];
        recordsAt = new long[order];
        tablesAt = COUNTS_AT + 8L * order;
        hashesAt = tablesAt + (2L * order - 1) * 4 * (1 << codeBits);
        long at = hashesAt + 8 * (counts[0] - 1);
        for (int n = 0; n < order; n++) {
            boolean highest = n == order - 1;
            firstBits[n] = highest ? 0 : bitsFor(counts[n + 1]);
            recordBits[n] = (n == 0 ? 0 : wordBits) + codeBits + (highest ? 0 : codeBits + firstBits[n]);
            recordsAt[n] = at;
            at += recordsBytes(n);
        }
        bytes = at;
    }

    /** With the one after the last, and the slack that lets a long be read anywhere. */
    private long recordsBytes(int n) {
        return ((counts[n] + 1) * recordBits[n] + 63) / 64 * 8 + SLACK;
    }

    /** Bits for the values 0 to {@code largest}. */
    private static int bitsFor(long largest) {
        return Math.max(1, 64 - Long.numberOfLeadingZeros(largest));
    }

    long tableAt(int table) {
        return tablesAt + 4L * (1 << codeBits) * table;
    }

    static int checksum(MemorySegment file) {
        CRC32C crc = new CRC32C();
        crc.update(file.asSlice(CHECKED_FROM).asByteBuffer());
        return (int) crc.getValue();
    }
}
