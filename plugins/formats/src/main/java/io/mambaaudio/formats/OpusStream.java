package io.mambaaudio.formats;

import io.github.jaredmdobson.concentus.OpusDecoder;
import io.github.jaredmdobson.concentus.OpusException;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;

/** Opus packets as interleaved 16-bit little-endian samples at 48 kHz, a page at a time, trimmed at both ends. */
final class OpusStream extends PcmStream {
    /** A packet lasts 120 ms at most. */
    private static final int MAX_PACKET_SAMPLES = 5_760;

    private static final int MAX_BAD_IN_A_ROW = 50;

    private final InputStream file;
    private final OggPackets packets;
    private final OpusDecoder decoder;
    private final int channels;
    private final short[] pcm; // (MAX_PACKET_SAMPLES, channels)
    private long skip; // samples of a channel still to leave out
    private long position = -1; // of the next sample, as granules count; −1 before the first page
    private boolean ended;
    private int badInARow;

    OpusStream(InputStream file, OggPackets packets, OpusHead head) throws IOException {
        this.file = file;
        this.packets = packets;
        this.channels = head.channels();
        this.skip = head.preSkip();
        this.pcm = new short[MAX_PACKET_SAMPLES * channels];
        try {
            this.decoder = new OpusDecoder(OggOpusFileReader.SAMPLE_RATE_HZ, channels);
        } catch (OpusException e) {
            throw new IOException("Opus can't be decoded: " + e.getMessage(), e);
        }
        decoder.setGain(head.gainQ8());
    }

    @Override
    boolean decode() throws IOException {
        if (ended) {
            if (packets.hasMore()) {
                throw new EOFException("another stream follows; split the file into one a stream");
            }
            return false;
        }
        OggPackets.Page page = packets.next();
        ended = page.last();
        byte[] room = room(page.packets().size() * MAX_PACKET_SAMPLES * 2 * channels);
        int samples = 0;
        for (byte[] packet : page.packets()) {
            int count = packet(packet);
            bytes(count, room, samples * 2 * channels);
            samples += count;
        }
        if (position < 0) {
            // A stream that was cut out of a longer one does not begin at 0.
            position = ended ? 0 : Math.max(0, page.granule() - samples);
        }
        int from = (int) Math.min(skip, samples);
        int to = ended && page.granule() >= 0 ? Math.clamp(page.granule() - position, from, samples) : samples;
        skip -= from;
        position += samples;
        give(from * 2 * channels, to * 2 * channels);
        return true;
    }

    /** Decodes a packet; one that can't be decoded is left out. */
    private int packet(byte[] packet) throws IOException {
        try {
            int count = decoder.decode(packet, 0, packet.length, pcm, 0, MAX_PACKET_SAMPLES, false);
            badInARow = 0;
            return count;
        } catch (OpusException | RuntimeException | AssertionError e) { // damaged packets lead the decoder astray
            if (++badInARow > MAX_BAD_IN_A_ROW) {
                throw new IOException("Opus is damaged: " + MAX_BAD_IN_A_ROW + " packets in a row can't be decoded", e);
            }
            return 0;
        }
    }

    private void bytes(int samples, byte[] to, int at) {
        for (int i = 0; i < samples * channels; i++) {
            to[at + 2 * i] = (byte) pcm[i];
            to[at + 2 * i + 1] = (byte) (pcm[i] >> 8);
        }
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
