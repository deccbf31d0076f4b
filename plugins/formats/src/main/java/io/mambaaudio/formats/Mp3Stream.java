package io.mambaaudio.formats;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import javazoom.jl.decoder.Bitstream;
import javazoom.jl.decoder.BitstreamException;
import javazoom.jl.decoder.Decoder;
import javazoom.jl.decoder.DecoderException;
import javazoom.jl.decoder.Header;
import javazoom.jl.decoder.SampleBuffer;

/**
 * MPEG frames as interleaved 16-bit little-endian samples. A frame that can't be decoded is silence, as long as enough of the
 * others can.
 */
final class Mp3Stream extends PcmStream {
    private static final int MAX_BAD_IN_A_ROW = 50;

    private final InputStream file;
    private final Bitstream bits;
    private final Decoder decoder = new Decoder();
    private final MpegHeader first;
    private final long total; // samples of a channel to give; −1 for all
    private long skip; // samples of a channel still to leave out
    private long given;
    private int badInARow;

    Mp3Stream(InputStream file, MpegHeader first, LameTag tag) {
        this.file = file;
        this.bits = new Bitstream(new MpegFrames(file, first));
        this.first = first;
        this.skip = tag.skipSamples();
        this.total = tag.originalSamples(first);
    }

    @Override
    boolean decode() throws IOException {
        if (total >= 0 && given >= total) {
            return false;
        }
        Header header = next();
        if (header == null) {
            if (given < total) {
                throw new EOFException("of frames=" + total + ", " + given + " are there");
            }
            return false;
        }
        int samples = frame(header);
        long from = Math.min(skip, samples);
        skip -= from;
        long to = total < 0 ? samples : Math.min(samples, from + total - given);
        given += to - from;
        give((int) from * 2 * first.channels(), (int) to * 2 * first.channels());
        return true;
    }

    private @org.jspecify.annotations.Nullable Header next() throws IOException {
        try {
            return bits.readFrame();
        } catch (BitstreamException | RuntimeException e) {
            throw new IOException("MP3 is damaged: " + e, e);
        }
    }

    /** Decodes a frame to {@link #room}; returns its samples a channel. */
    private int frame(Header header) throws IOException {
        int samples = first.frameSamples();
        byte[] room = room(samples * 2 * first.channels());
        java.util.Arrays.fill(room, 0, samples * 2 * first.channels(), (byte) 0);
        try {
            SampleBuffer decoded = (SampleBuffer) decoder.decodeFrame(header, bits);
            int count = Math.min(decoded.getBufferLength(), samples * first.channels());
            for (int i = 0; i < count; i++) {
                room[2 * i] = (byte) decoded.getBuffer()[i];
                room[2 * i + 1] = (byte) (decoded.getBuffer()[i] >> 8);
            }
            badInARow = 0;
        } catch (DecoderException | RuntimeException e) { // damaged side information leads the decoder astray
            if (++badInARow > MAX_BAD_IN_A_ROW) {
                throw new IOException("MP3 is damaged: " + MAX_BAD_IN_A_ROW + " frames in a row can't be decoded", e);
            }
        } finally {
            bits.closeFrame();
        }
        return samples;
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
