package io.mambaaudio.formats;

import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;

/**
 * The whole MPEG frames of one stream and nothing else: tags at the end, which the decoder would take for a broken frame,
 * junk between frames, and half a frame at the end are left out.
 */
final class MpegFrames extends InputStream {
    private static final int MAX_FRAME_BYTES = 8_192;

    private final InputStream in;
    private final MpegHeader first;
    private final byte[] frame = new byte[MAX_FRAME_BYTES];
    private int at;
    private int end;

    MpegFrames(InputStream in, MpegHeader first) {
        this.in = in;
        this.first = first;
    }

    @Override
    public int read() throws IOException {
        return at < end || next() ? frame[at++] & 0xFF : -1;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        if (at == end && !next()) {
            return -1;
        }
        int count = Math.min(length, end - at);
        System.arraycopy(frame, at, bytes, offset, count);
        at += count;
        return count;
    }

    /** Loads the next frame; false at the end. */
    private boolean next() throws IOException {
        at = 0;
        end = 0;
        if (in.readNBytes(frame, 0, MpegHeader.BYTES) < MpegHeader.BYTES) {
            return false;
        }
        Optional<MpegHeader> header = MpegHeader.at(frame, 0).filter(first::sameStream);
        while (header.isEmpty()) {
            System.arraycopy(frame, 1, frame, 0, MpegHeader.BYTES - 1);
            int last = in.read();
            if (last < 0) {
                return false;
            }
            frame[MpegHeader.BYTES - 1] = (byte) last;
            header = MpegHeader.at(frame, 0).filter(first::sameStream);
        }
        int rest = header.get().frameBytes() - MpegHeader.BYTES;
        if (in.readNBytes(frame, MpegHeader.BYTES, rest) < rest) {
            return false;
        }
        end = header.get().frameBytes();
        return true;
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
