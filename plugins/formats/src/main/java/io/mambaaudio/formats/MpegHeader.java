package io.mambaaudio.formats;

import java.util.Optional;

/**
 * The four bytes before every MPEG audio frame (ISO 11172-3 2.4.2.3, ISO 13818-3, and MPEG 2.5).
 *
 * @param version 1, 2, or 3 for 2.5
 * @param layer 1 to 3
 * @param sampleRateHz 8,000 to 48,000
 * @param channels 1 or 2
 * @param frameBytes length of the frame with this header
 */
record MpegHeader(int version, int layer, int sampleRateHz, int channels, int frameBytes) {
    static final int BYTES = 4;

    private static final int[] RATES_OF_VERSION_1 = {44_100, 48_000, 32_000};
    private static final int[][] KBITS_OF_VERSION_1 = { // (layer, index)
        {0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448},
        {0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384},
        {0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320}
    };
    private static final int[][] KBITS_OF_VERSION_2 = { // (layer, index)
        {0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256},
        {0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160},
        {0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160}
    };

    /** Reads a header; empty where there is none, or one of a "free" bit rate. */
    static Optional<MpegHeader> at(byte[] bytes, int at) {
        if (at + BYTES > bytes.length || (bytes[at] & 0xFF) != 0xFF || (bytes[at + 1] & 0xE0) != 0xE0) {
            return Optional.empty();
        }
        int versionBits = (bytes[at + 1] >> 3) & 3; // 0: 2.5, 1: reserved, 2: 2, 3: 1
        int layerBits = (bytes[at + 1] >> 1) & 3; // 0: reserved, 1: III, 2: II, 3: I
        int kbitIndex = (bytes[at + 2] >> 4) & 15;
        int rateIndex = (bytes[at + 2] >> 2) & 3;
        if (versionBits == 1 || layerBits == 0 || kbitIndex == 0 || kbitIndex == 15 || rateIndex == 3) {
            return Optional.empty();
        }
        int version = versionBits == 3 ? 1 : versionBits == 2 ? 2 : 3;
        int layer = 4 - layerBits;
        int rate = RATES_OF_VERSION_1[rateIndex] >> (version - 1);
        int kbits = (version == 1 ? KBITS_OF_VERSION_1 : KBITS_OF_VERSION_2)[layer - 1][kbitIndex];
        int padding = (bytes[at + 2] >> 1) & 1;
        int channels = ((bytes[at + 3] >> 6) & 3) == 3 ? 1 : 2;
        return Optional.of(
                new MpegHeader(version, layer, rate, channels, length(version, layer, kbits, rate, padding)));
    }

    private static int length(int version, int layer, int kbits, int rate, int padding) {
        if (layer == 1) {
            return (12 * kbits * 1000 / rate + padding) * 4;
        }
        return samples(version, layer) / 8 * kbits * 1000 / rate + padding;
    }

    private static int samples(int version, int layer) {
        return layer == 1 ? 384 : layer == 3 && version > 1 ? 576 : 1_152;
    }

    /** Samples of a channel in a frame. */
    int frameSamples() {
        return samples(version, layer);
    }

    /** Whether another header may belong to the same stream. */
    boolean sameStream(MpegHeader other) {
        return version == other.version
                && layer == other.layer
                && sampleRateHz == other.sampleRateHz
                && channels == other.channels;
    }
}
