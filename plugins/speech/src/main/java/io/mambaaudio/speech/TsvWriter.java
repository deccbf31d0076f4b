package io.mambaaudio.speech;

import java.io.PrintStream;
import java.util.StringJoiner;

/** One line an input: its name, a tab, the whole text. An input without words, or one that failed, has an empty text. */
final class TsvWriter implements TranscriptWriter {
    private final PrintStream out;
    private String input = "";
    private StringJoiner text = new StringJoiner(" ");

    TsvWriter(PrintStream out) {
        this.out = out;
    }

    @Override
    public void begin(String name) {
        input = name.replaceAll("[\\t\\r\\n]", " ");
        text = new StringJoiner(" ");
    }

    @Override
    public void accept(TranscriptEvent event) {
        if (event instanceof TranscriptEvent.Final utterance) {
            text.add(utterance.text());
        }
    }

    @Override
    public void end() {
        out.print(input + "\t" + text + "\n");
        out.flush();
    }
}
