package io.mambaaudio.formats;

import java.io.IOException;
import java.io.InputStream;

/**
 * Decoded sound as a stream of little-endian bytes. A subclass decodes one piece after another. Ends with an
 * {@link java.io.EOFException} where the file stops before its sound does.
 */
abstract class PcmStream extends InputStream {
    private byte[] piece = new byte[0];
    private int at;
    private int end;
    private boolean ended;

    /**
     * Decodes the next piece and hands it to {@link #give}, or gives nothing where a piece has no sound.
     *
     * @return false at the end
     */
    abstract boolean decode() throws IOException;

    /** Room for a piece of so many bytes, to be filled and then given. */
    final byte[] room(int bytes) {
        if (piece.length < bytes) {
            piece = new byte[bytes];
        }
        return piece;
    }

    /** Hands out part of {@link #room}. */
    final void give(int from, int to) {
        at = from;
        end = to;
    }

    @Override
    public final int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public final int read(byte[] bytes, int offset, int length) throws IOException {
        while (at == end && !ended) {
            at = 0;
            end = 0;
            ended = !decode();
        }
        if (at == end) {
            return length == 0 ? 0 : -1;
        }
        int count = Math.min(length, end - at);
        System.arraycopy(piece, at, bytes, offset, count);
        at += count;
        return count;
    }

    @Override
    public final int available() {
        return end - at;
    }
}
