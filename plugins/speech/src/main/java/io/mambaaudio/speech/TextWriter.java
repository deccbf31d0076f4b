package io.mambaaudio.speech;

import java.io.PrintStream;

/** Nothing but the text, a line an utterance. */
final class TextWriter implements TranscriptWriter {
    private final PrintStream out;

    TextWriter(PrintStream out) {
        this.out = out;
    }

    @Override
    public void accept(TranscriptEvent event) {
        if (event instanceof TranscriptEvent.Final utterance) {
            out.print(utterance.text() + "\n");
            out.flush();
        }
    }
}
