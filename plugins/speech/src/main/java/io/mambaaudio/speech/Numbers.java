package io.mambaaudio.speech;

import io.mambaaudio.speech.TranscriptEvent.Final;
import io.mambaaudio.speech.TranscriptEvent.Partial;
import io.mambaaudio.speech.TranscriptEvent.Word;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes English number words in digits: cardinals, ordinals, years, decimals, strings of digits. A number below ten that stands alone
 * stays a word ("one of them"), but for ordinals after a month. Words of a number may come one by one, so committed text holds back a
 * number at its end until it is complete: what was committed never changes.
 */
final class Numbers {
    private Numbers() {}

    static TranscriptEvent inDigits(TranscriptEvent event) {
        return switch (event) {
            case Partial partial -> partial(partial);
            case Final last -> last(last);
        };
    }

    private static Partial partial(Partial partial) {
        List<String> words = split(partial.committed());
        int held = NumberParser.trailingRun(words);
        List<String> rest = new ArrayList<>(words.subList(held, words.size()));
        rest.addAll(split(partial.tentative()));
        String before = held == 0 ? "" : words.get(held - 1);
        return new Partial(write(words.subList(0, held), ""), write(rest, before), partial.atSeconds());
    }

    private static List<String> split(String text) {
        return text.isEmpty() ? List.of() : List.of(text.split(" ", -1));
    }

    private static String write(List<String> words, String before) {
        List<String> out = new ArrayList<>();
        for (NumberParser.Span span : NumberParser.spans(words, before)) {
            out.add(span.text());
        }
        return String.join(" ", out);
    }

    private static Final last(Final last) {
        List<String> texts = last.words().stream().map(Word::text).toList();
        List<Word> words = new ArrayList<>();
        for (NumberParser.Span span : NumberParser.spans(texts, "")) {
            List<Word> said = last.words().subList(span.from(), span.to());
            float confidence = 1;
            for (Word word : said) {
                confidence = Math.min(confidence, word.confidence());
            }
            words.add(new Word(
                    span.text(), said.getFirst().startSeconds(), said.getLast().endSeconds(), confidence));
        }
        String text = String.join(" ", words.stream().map(Word::text).toList());
        return new Final(text, words, last.startSeconds(), last.endSeconds(), last.atSeconds());
    }
}
