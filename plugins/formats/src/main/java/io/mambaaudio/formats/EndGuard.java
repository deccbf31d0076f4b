package io.mambaaudio.formats;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/**
 * A stream that does not let a decoder ask on and on after its end: jFLAC, having met the end within junk, looks for the next
 * frame in a loop that only another exception than {@link java.io.EOFException} leaves.
 */
final class EndGuard extends FilterInputStream {
    private static final int MAX_READS_AFTER_END = 16;
    private int readsAfterEnd;

    EndGuard(InputStream in) {
        super(in);
    }

    /** What is thrown to leave the loop. */
    static final class AskedTooOften extends IOException {
        AskedTooOften() {
            super("the file has ended");
        }
    }

    @Override
    public int read() throws IOException {
        return checked(super.read());
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        return checked(super.read(bytes, offset, length));
    }

    private int checked(int count) throws IOException {
        if (count < 0 && ++readsAfterEnd > MAX_READS_AFTER_END) {
            throw new AskedTooOften();
        }
        return count;
    }
}
