package io.mambaaudio.demo;

import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.lang.reflect.Constructor;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * Where the commands read and write. Tests hand in their own; a process has its three standard streams.
 *
 * @param in standard input
 * @param out results, UTF-8, flushed by whoever writes a whole piece
 * @param err everything that is not a result
 * @param live whether {@code out} is a terminal on which lines can be drawn again
 * @param columns width of that terminal
 * @param unicode whether that terminal shows more than ASCII
 */
record Terminal(InputStream in, PrintStream out, PrintStream err, boolean live, int columns, boolean unicode) {
    /** The user's standard error when the launcher has put the JVM's own away: see {@link #standardError}. */
    private static final int PARKED_STANDARD_ERROR = 3;

    /** The streams of this process; the launcher says by {@code mamba.audio.*} properties what it knows of them. */
    static Terminal ofProcess() {
        PrintStream err = printer(standardError());
        System.setErr(err);
        return new Terminal(
                System.in,
                printer(new FileOutputStream(FileDescriptor.out)),
                err,
                Boolean.getBoolean("mamba.audio.live") && !"dumb".equals(System.getenv("TERM")),
                Math.max(20, Integer.getInteger("mamba.audio.columns", 80)),
                System.getProperty("native.encoding", "")
                        .toUpperCase(Locale.ROOT)
                        .startsWith("UTF"));
    }

    /** {@code out} for those who want a writer. */
    PrintWriter outWriter() {
        return new PrintWriter(out, true, StandardCharsets.UTF_8);
    }

    /** {@code err} for those who want a writer. */
    PrintWriter errWriter() {
        return new PrintWriter(err, true, StandardCharsets.UTF_8);
    }

    /** One line about a failure, on standard error. */
    void complain(String message) {
        err.println("mamba-audio: " + message.strip().replaceAll("\\s*\\R\\s*", " "));
        err.flush();
    }

    private static PrintStream printer(OutputStream stream) {
        return new PrintStream(new BufferedOutputStream(stream, 1 << 13), false, StandardCharsets.UTF_8);
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
}
