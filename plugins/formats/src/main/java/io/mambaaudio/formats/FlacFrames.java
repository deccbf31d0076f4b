package io.mambaaudio.formats;

import java.io.IOException;
import java.io.InputStream;

/**
 * The frames of a FLAC stream (RFC 9639 9), decoded to integers. Ours, as the library for it prints to standard output and, when
 * a file ends in junk, looks for the next frame for ever. Damaged frames are left out; nothing is read twice, so damage may take
 * a frame that follows it closely along.
 */
final class FlacFrames {
    private static final int LEFT_SIDE = 8;
    private static final int RIGHT_SIDE = 9;
    private static final int MID_SIDE = 10;
    private static final int[] RATES = {
        0, 88_200, 176_400, 192_000, 8_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 96_000
    };
    private static final int[] BITS = {0, 8, 12, -1, 16, 20, 24, 32};

    private final FlacInfo info;
    private final FlacBits bits;
    private final FlacSubframe subframe;
    private int[][] samples; // (channels, at least blockSize)
    private int blockSize;
    private int assignment;
    private long damaged;

    FlacFrames(InputStream in, FlacInfo info) {
        this.info = info;
        this.bits = new FlacBits(in);
        this.subframe = new FlacSubframe(bits);
        this.samples = new int[info.channels()][0];
    }

    /** Something that is not as the format says; the next frame may be. */
    static final class Damaged extends IOException {
        Damaged(String what) {
            super(what);
        }
    }

    /**
     * Decodes the next frame that is whole.
     *
     * @return its samples a channel, or −1 at the end
     */
    int next() throws IOException {
        while (sync()) {
            try {
                header();
                subframes();
                footer();
                decorrelate();
                return blockSize;
            } catch (Damaged e) {
                damaged++;
            }
        }
        return -1;
    }

    /** Decoded samples: (channels, {@link #next}). */
    int[][] samples() {
        return samples;
    }

    /** Frames that had to be left out, and things that looked like one. */
    long damaged() {
        return damaged;
    }

    /** Goes behind the next 14 ones and zeros that begin a frame; false at the end. */
    private boolean sync() throws IOException {
        int before = 0;
        int value = bits.nextByte();
        while (value >= 0) {
            if (before == 0xFF && (value & 0xFE) == 0xF8) {
                bits.startFrame(before, value);
                return true;
            }
            before = value;
            value = bits.nextByte();
        }
        return false;
    }

    private void header() throws IOException {
        int sizeCode = bits.unsigned(4);
        int rateCode = bits.unsigned(4);
        assignment = bits.unsigned(4);
        int bitsCode = bits.unsigned(3);
        int reserved = bits.unsigned(1);
        skipNumber();
        blockSize = blockSize(sizeCode);
        int rate = rate(rateCode);
        int crc = bits.crc8();
        if (bits.unsigned(8) != crc || reserved != 0) {
            throw new Damaged("header");
        }
        int channels = assignment < LEFT_SIDE ? assignment + 1 : assignment <= MID_SIDE ? 2 : 0;
        boolean sameBits = bitsCode == 0 || BITS[bitsCode] == info.bits();
        if (channels != info.channels() || rate != info.sampleRateHz() || !sameBits) {
            throw new Damaged("another format");
        }
    }

    /** The number of the frame or sample, coded as UTF-8 codes characters, up to seven bytes. */
    private void skipNumber() throws IOException {
        int first = bits.unsigned(8);
        int ones = Integer.numberOfLeadingZeros(~(first << 24));
        if (ones == 1 || ones == 8) {
            throw new Damaged("number");
        }
        for (int i = 1; i < ones; i++) {
            if ((bits.unsigned(8) & 0xC0) != 0x80) {
                throw new Damaged("number");
            }
        }
    }

    private int blockSize(int code) throws IOException {
        return switch (code) {
            case 0 -> throw new Damaged("block size");
            case 1 -> 192;
            case 2, 3, 4, 5 -> 576 << (code - 2);
            case 6 -> bits.unsigned(8) + 1;
            case 7 -> bits.unsigned(16) + 1;
            default -> 256 << (code - 8);
        };
    }

    private int rate(int code) throws IOException {
        return switch (code) {
            case 0 -> info.sampleRateHz();
            case 12 -> bits.unsigned(8) * 1_000;
            case 13 -> bits.unsigned(16);
            case 14 -> bits.unsigned(16) * 10;
            case 15 -> throw new Damaged("sample rate");
            default -> RATES[code];
        };
    }

    private void subframes() throws IOException {
        for (int c = 0; c < info.channels(); c++) {
            if (samples[c].length < blockSize) {
                samples[c] = new int[blockSize];
            }
            boolean isSide = (c == 1 && (assignment == LEFT_SIDE || assignment == MID_SIDE))
                    || (c == 0 && assignment == RIGHT_SIDE);
            subframe.decode(samples[c], blockSize, isSide ? info.bits() + 1 : info.bits());
        }
    }

    private void footer() throws IOException {
        bits.align();
        int crc = bits.crc16();
        if (bits.unsigned(16) != crc) {
            throw new Damaged("checksum");
        }
    }

    /** Two channels may be stored as one and their difference, or their mean and their difference. */
    private void decorrelate() {
        if (assignment < LEFT_SIDE) {
            return;
        }
        int[] first = samples[0];
        int[] second = samples[1];
        for (int i = 0; i < blockSize; i++) {
            switch (assignment) {
                case LEFT_SIDE -> second[i] = first[i] - second[i];
                case RIGHT_SIDE -> first[i] += second[i];
                default -> {
                    int mid = (first[i] << 1) | (second[i] & 1);
                    int side = second[i];
                    first[i] = (mid + side) >> 1;
                    second[i] = (mid - side) >> 1;
                }
            }
        }
    }
}
