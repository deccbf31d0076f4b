package io.mambaaudio.formats;

import java.io.EOFException;
import java.io.IOException;

/**
 * The identification header (RFC 7845 5.1).
 *
 * @param channels 1 or 2
 * @param preSkip samples to leave out at the start, at 48 kHz
 * @param gainQ8 output gain in 1/256 dB
 */
record OpusHead(int channels, int preSkip, int gainQ8) {
    private static final int BYTES = 19;

    static OpusHead parse(byte[] packet) throws IOException {
        if (packet.length < BYTES) {
            throw new EOFException("the Opus header has bytes=" + packet.length + ", " + BYTES + " are the least");
        }
        int version = packet[8] & 0xFF;
        int channels = packet[9] & 0xFF;
        int mappingFamily = packet[18] & 0xFF;
        if (version >= 16) {
            throw new IOException("Opus has version=" + version + ", readable are 0 to 15");
        }
        if (mappingFamily != 0 || channels < 1 || channels > 2) {
            throw new IOException("Opus has channels=" + channels + ", mappingFamily=" + mappingFamily
                    + "; readable are mono and stereo: mix it down");
        }
        return new OpusHead(
                channels, (packet[10] & 0xFF) | ((packet[11] & 0xFF) << 8), (packet[16] & 0xFF) | (packet[17] << 8));
    }
}
