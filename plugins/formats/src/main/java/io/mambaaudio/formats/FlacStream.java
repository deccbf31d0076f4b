package io.mambaaudio.formats;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import org.jflac.FLACDecoder;
import org.jflac.frame.Frame;
import org.jflac.metadata.StreamInfo;
import org.jspecify.annotations.Nullable;

/** FLAC frames as interleaved little-endian integers, the bits at the upper end of their bytes. */
final class FlacStream extends PcmStream {
    private final InputStream file;
    private final FLACDecoder decoder;
    private final int channels;
    private final int bits;
    private final int sampleBytes;
    private final long total;
    private long decoded;

    FlacStream(InputStream file, FLACDecoder decoder, StreamInfo info, int sampleBytes) {
        this.file = file;
        this.decoder = decoder;
        this.channels = info.getChannels();
        this.bits = info.getBitsPerSample();
        this.sampleBytes = sampleBytes;
        this.total = info.getTotalSamples();
    }

    @Override
    boolean decode() throws IOException {
        Frame frame = total > 0 && decoded >= total ? null : next();
        if (frame == null) {
            if (decoded < total) {
                throw new EOFException("of frames=" + total + ", " + decoded + " are there and undamaged");
            }
            return false;
        }
        if (frame.header.channels != channels || frame.header.bitsPerSample != bits) {
            throw new IOException("FLAC changes to channels=" + frame.header.channels + ", bits="
                    + frame.header.bitsPerSample + " in the middle");
        }
        interleave(frame.header.blockSize);
        decoded += frame.header.blockSize;
        return true;
    }

    /** The next frame, silent where its checksum is wrong; null at the end. */
    private @Nullable Frame next() throws IOException {
        try {
            return decoder.readNextFrame();
        } catch (EndGuard.AskedTooOften e) {
            return null;
        }
    }

    private void interleave(int frames) {
        int frameBytes = channels * sampleBytes;
        byte[] room = room(frames * frameBytes);
        int shift = 8 * sampleBytes - bits;
        for (int c = 0; c < channels; c++) {
            int[] samples = decoder.getChannelData()[c].getOutput();
            for (int i = 0, at = c * sampleBytes; i < frames; i++, at += frameBytes) {
                int value = samples[i] << shift;
                for (int b = 0; b < sampleBytes; b++) {
                    room[at + b] = (byte) (value >> (8 * b));
                }
            }
        }
        give(0, frames * frameBytes);
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
