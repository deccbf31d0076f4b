package io.mambaaudio.demo;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/** The command line inside this process, with its streams in memory. */
final class TestTerminal {
    private final ByteArrayOutputStream outBytes = new ByteArrayOutputStream();
    private final ByteArrayOutputStream errBytes = new ByteArrayOutputStream();
    private final Terminal terminal;

    private TestTerminal(InputStream in, boolean live) {
        terminal = new Terminal(in, outBytes, errBytes, live, 60, true);
    }

    static TestTerminal piped() {
        return new TestTerminal(InputStream.nullInputStream(), false);
    }

    static TestTerminal piped(byte[] standardInput) {
        return new TestTerminal(new ByteArrayInputStream(standardInput), false);
    }

    static TestTerminal live() {
        return new TestTerminal(InputStream.nullInputStream(), true);
    }

    Terminal terminal() {
        return terminal;
    }

    int run(String... args) {
        return Main.run(terminal, args);
    }

    String out() {
        terminal.out().flush();
        return outBytes.toString(StandardCharsets.UTF_8);
    }

    String err() {
        terminal.err().flush();
        return errBytes.toString(StandardCharsets.UTF_8);
    }
}
