package io.mambaaudio.demo;

import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/** Prints bytes of UTF-8 as they come; a character of several bytes when its last is there, and what is none as U+FFFD. */
final class TokenPrinter {
    private final PrintStream out;
    private final CharsetDecoder decoder = StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPLACE)
            .onUnmappableCharacter(CodingErrorAction.REPLACE);
    private ByteBuffer waiting = ByteBuffer.allocate(0);

    TokenPrinter(PrintStream out) {
        this.out = out;
    }

    void print(byte[] bytes) {
        decode(bytes, false);
        out.flush();
    }

    /** The text is over: half a character counts as none. */
    void end() {
        decode(new byte[0], true);
        decoder.reset();
        out.flush();
    }

    private void decode(byte[] bytes, boolean end) {
        ByteBuffer in = ByteBuffer.allocate(waiting.remaining() + bytes.length)
                .put(waiting)
                .put(bytes)
                .flip();
        CharBuffer text = CharBuffer.allocate(in.remaining() + 1);
        decoder.decode(in, text, end);
        if (end) {
            decoder.flush(text);
        }
        out.print(text.flip());
        waiting = in.slice();
    }
}
