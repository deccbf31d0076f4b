package io.mambaaudio.speech;

import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.jr.ob.JSON;

/** JSON Lines: one object an utterance, with the times of its words in seconds from the start of the input. */
final class JsonWriter implements TranscriptWriter {
    private final PrintStream out;
    private String input = "";

    JsonWriter(PrintStream out) {
        this.out = out;
    }

    @Override
    public void begin(String name) {
        input = name;
    }

    @Override
    public void accept(TranscriptEvent event) {
        if (event instanceof TranscriptEvent.Final utterance) {
            List<Map<String, Object>> words =
                    utterance.words().stream().map(JsonWriter::word).toList();
            Map<String, Object> line = new LinkedHashMap<>();
            line.put("input", input);
            line.put("start", seconds(utterance.startSeconds()));
            line.put("end", seconds(utterance.endSeconds()));
            line.put("text", utterance.text());
            line.put("words", words);
            out.print(JSON.std.asString(line) + "\n");
            out.flush();
        }
    }

    private static Map<String, Object> word(TranscriptEvent.Word word) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("text", word.text());
        fields.put("start", seconds(word.startSeconds()));
        fields.put("end", seconds(word.endSeconds()));
        fields.put("confidence", seconds(word.confidence()));
        return fields;
    }

    /** Three digits are what the model's steps carry. */
    private static double seconds(double value) {
        return Math.round(value * 1000) / 1000.0;
    }
}
