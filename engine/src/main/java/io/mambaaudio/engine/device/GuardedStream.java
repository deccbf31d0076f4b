package io.mambaaudio.engine.device;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** Ends decoders that go on asking after the end of a damaged file, which would be a loop without end. */
final class GuardedStream extends FilterInputStream {
    private static final int MAX_READS_AFTER_END = 10_000;
    private int readsAfterEnd;

    GuardedStream(InputStream in) {
        super(in);
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
            throw new IOException("the file ends in the middle, and its decoder does not notice");
        }
        return count;
    }

    @Override
    public boolean markSupported() {
        return false;
    }
}
