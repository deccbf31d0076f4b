package io.mambaaudio.demo;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.lang.reflect.Constructor;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;

/** Where the commands read and write. Tests hand in their own streams; a process has its three. Main thread. */
final class Terminal {
    /** The user's standard error when the launcher has put the JVM's own away: see {@link #standardError}. */
    private static final int PARKED_STANDARD_ERROR = 3;

    private final InputStream in;
    private final StandardOutput sink;
    private final PrintStream out;
    private final PrintStream err;
    private final boolean live;
    private final int columns;
    private final boolean unicode;

    Terminal(InputStream in, OutputStream out, OutputStream err, boolean live, int columns, boolean unicode) {
        this.in = in;
        this.sink = new StandardOutput(out);
        this.out = new PrintStream(sink, false, StandardCharsets.UTF_8);
        this.err = new PrintStream(err, true, StandardCharsets.UTF_8);
        this.live = live;
        this.columns = columns;
        this.unicode = unicode;
    }

    /** The streams of this process; the launcher says by {@code mamba.audio.*} properties what it knows of them. */
    static Terminal ofProcess() {
        Terminal terminal = new Terminal(
                System.in,
                new FileOutputStream(FileDescriptor.out),
                standardError(),
                Boolean.getBoolean("mamba.audio.live") && !"dumb".equals(System.getenv("TERM")),
                columnsOr80(Integer.getInteger("mamba.audio.columns", 0)),
                System.getProperty("native.encoding", "")
                        .toUpperCase(Locale.ROOT)
                        .startsWith("UTF"));
        System.setErr(terminal.err);
        return terminal;
    }

    /** A terminal that does not know its width says 0. */
    private static int columnsOr80(int columns) {
        return columns <= 0 ? 80 : Math.max(20, columns);
    }

    /**
     * The JVM prints "Using incubator modules" on descriptor 2 before any of our code runs, and no flag stops it; sound libraries
     * print there too. So the launcher points descriptor 2 to nothing and hands the user's standard error over as descriptor 3.
     */
    private static FileOutputStream standardError() {
        if (!Boolean.getBoolean("mamba.audio.stderr.parked")) {
            return new FileOutputStream(FileDescriptor.err);
        }
        try {
            Constructor<FileDescriptor> of = FileDescriptor.class.getDeclaredConstructor(int.class);
            of.setAccessible(true);
            return new FileOutputStream(of.newInstance(PARKED_STANDARD_ERROR));
        } catch (ReflectiveOperationException | RuntimeException e) {
            throw new IllegalStateException("descriptor 3 cannot be used; start with --add-opens java.base/java.io", e);
        }
    }

    InputStream in() {
        return in;
    }

    /** Results, UTF-8, flushed by whoever has written a whole piece. */
    PrintStream out() {
        return out;
    }

    /** Everything that is not a result. */
    PrintStream err() {
        return err;
    }

    /** Whether {@link #out} is a terminal on which lines can be drawn again. */
    boolean live() {
        return live;
    }

    /** The width of that terminal. */
    int columns() {
        return columns;
    }

    /** Whether that terminal shows more than ASCII. */
    boolean unicode() {
        return unicode;
    }

    /** Why results cannot be written any more: the reader of a pipe went away, a disk is full. */
    Optional<IOException> outputFailure() {
        return sink.failure();
    }

    /** One line about a failure, on standard error. */
    void complain(String message) {
        out.flush();
        err.println("mamba-audio: " + message.strip().replaceAll("\\s*\\R\\s*", " "));
    }

    /** {@link #out} for those who want a writer. */
    PrintWriter outWriter() {
        return new PrintWriter(out, true, StandardCharsets.UTF_8);
    }

    /** {@link #err} for those who want a writer. */
    PrintWriter errWriter() {
        return new PrintWriter(err, true, StandardCharsets.UTF_8);
    }
}
