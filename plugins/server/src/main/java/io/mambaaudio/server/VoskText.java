package io.mambaaudio.server;

import io.mambaaudio.speech.TranscriptEvent.Final;
import io.mambaaudio.speech.TranscriptEvent.Word;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import tools.jackson.jr.ob.JSON;

/** The answers of the vosk-server protocol, as JSON. */
final class VoskText {
    private VoskText() {}

    /** What is being said. */
    static String partial(String text) {
        return JSON.std.asString(Map.of("partial", text));
    }

    /**
     * What was said: one answer, however many utterances ended, since a client waits for one answer to each of its messages.
     *
     * @param words whether the words are listed with their times
     * @param alternatives whether the client wants a list of alternatives; there is always one
     */
    static String result(List<Final> finals, boolean words, boolean alternatives) {
        Map<String, Object> fields = new LinkedHashMap<>();
        List<Word> all = finals.stream().flatMap(f -> f.words().stream()).toList();
        if (words && !all.isEmpty()) {
            fields.put("result", words(all));
        }
        fields.put("text", finals.stream().map(Final::text).collect(Collectors.joining(" ")));
        if (!alternatives) {
            return JSON.std.asString(fields);
        }
        fields.put("confidence", mean(all));
        return JSON.std.asString(Map.of("alternatives", List.of(fields)));
    }

    private static List<Map<String, Object>> words(List<Word> words) {
        List<Map<String, Object>> list = new ArrayList<>();
        for (Word word : words) {
            Map<String, Object> fields = new LinkedHashMap<>();
            fields.put("conf", digits(word.confidence()));
            fields.put("end", digits(word.endSeconds()));
            fields.put("start", digits(word.startSeconds()));
            fields.put("word", word.text());
            list.add(fields);
        }
        return list;
    }

    private static double mean(List<Word> words) {
        return digits(words.stream().mapToDouble(Word::confidence).average().orElse(0));
    }

    private static double digits(double value) {
        return Math.round(value * 1000) / 1000.0;
    }

    static String error(String text) {
        return JSON.std.asString(Map.of("error", text));
    }

    /**
     * The answer to a wish to resume, now or later.
     *
     * @param id the stream's
     * @param samples that were heard
     * @param results that were told
     * @param missed those of them that the client has not got
     */
    static String resume(String id, long samples, long results, List<String> missed) {
        String told = "{\"resume\":\"" + id + "\",\"samples\":" + samples + ",\"results\":" + results;
        return told + ",\"missed\":[" + String.join(",", missed) + "]}";
    }
}
