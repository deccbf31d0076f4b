package io.mambaaudio.demo;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Remembers why a write failed: a print stream only says that one did, and whoever reads a pipe may go away at any moment. */
final class StandardOutput extends OutputStream {
    private final OutputStream target;
    private @Nullable IOException failure;

    StandardOutput(OutputStream target) {
        this.target = new BufferedOutputStream(target, 1 << 13);
    }

    /** The first failure; what was written after it is lost. */
    Optional<IOException> failure() {
        return Optional.ofNullable(failure);
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int count) throws IOException {
        attempt(() -> target.write(bytes, offset, count));
    }

    @Override
    public void flush() throws IOException {
        attempt(target::flush);
    }

    private void attempt(Action action) throws IOException {
        if (failure != null) {
            throw failure;
        }
        try {
            action.run();
        } catch (IOException e) {
            failure = e;
            throw e;
        }
    }

    private interface Action {
        void run() throws IOException;
    }
}
