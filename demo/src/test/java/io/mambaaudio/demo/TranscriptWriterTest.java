package io.mambaaudio.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mambaaudio.speech.TranscriptEvent;
import io.mambaaudio.speech.TranscriptEvent.Final;
import io.mambaaudio.speech.TranscriptEvent.Partial;
import io.mambaaudio.speech.TranscriptEvent.Word;
import io.mambaaudio.speech.TranscriptWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

/** A scripted stream of events, written in every format. */
final class TranscriptWriterTest {
    private static final List<TranscriptEvent> EVENTS = List.of(
            new Partial("", "good", 0.5),
            new Partial("good", "mourning", 0.9),
            utterance(0.25, 0.4, "good morning"),
            new Partial("", "it's", 3700.9),
            utterance(3700.5, 0.4, "it's late"));

    /** Words of equal length from a start time on. */
    private static Final utterance(double start, double secondsAWord, String text) {
        List<Word> words = new ArrayList<>();
        double at = start;
        for (String word : text.split(" ", -1)) {
            words.add(new Word(word, at, at + secondsAWord, 0.98765f));
            at += secondsAWord;
        }
        return new Final(text, words, start, at, at + 0.3);
    }

    private static String write(TranscriptWriter.Format format, List<TranscriptEvent> events) {
        TestTerminal terminal = TestTerminal.piped();
        TranscriptWriter writer = format.to(terminal.terminal().out());
        writer.begin("talks/one.wav");
        events.forEach(writer::accept);
        writer.end();
        return terminal.out();
    }

    @Test
    void textIsALineAnUtterance() {
        assertEquals("good morning\nit's late\n", write(TranscriptWriter.Format.text, EVENTS));
    }

    @Test
    void tsvIsALineAnInput() {
        assertEquals("talks/one.wav\tgood morning it's late\n", write(TranscriptWriter.Format.tsv, EVENTS));
    }

    @Test
    void tsvOfSilenceHasAnEmptyText() {
        assertEquals("talks/one.wav\t\n", write(TranscriptWriter.Format.tsv, List.of()));
    }

    @Test
    void jsonIsALineAnUtteranceWithWordTimes() {
        assertEquals("""
                {"input":"talks/one.wav","start":0.25,"end":1.05,"text":"good morning","words":[\
                {"text":"good","start":0.25,"end":0.65,"confidence":0.988},\
                {"text":"morning","start":0.65,"end":1.05,"confidence":0.988}]}
                {"input":"talks/one.wav","start":3700.5,"end":3701.3,"text":"it's late","words":[\
                {"text":"it's","start":3700.5,"end":3700.9,"confidence":0.988},\
                {"text":"late","start":3700.9,"end":3701.3,"confidence":0.988}]}
                """, write(TranscriptWriter.Format.json, EVENTS));
    }

    @Test
    void srtNumbersItsCues() {
        assertEquals("""
                1
                00:00:00,250 --> 00:00:01,050
                good morning

                2
                01:01:40,500 --> 01:01:41,300
                it's late

                """, write(TranscriptWriter.Format.srt, EVENTS));
    }

    @Test
    void vttHasItsHeaderAndPoints() {
        assertEquals("""
                WEBVTT

                00:00:00.250 --> 00:00:01.050
                good morning

                01:01:40.500 --> 01:01:41.300
                it's late

                """, write(TranscriptWriter.Format.vtt, EVENTS));
    }

    @Test
    void longUtterancesBecomeCuesOfTwoShortLines() {
        String text =
                "the quick brown fox jumps over the lazy dog and then it sleeps under the old apple tree until noon";
        String srt = write(TranscriptWriter.Format.srt, List.of(utterance(0, 0.25, text)));
        assertEquals("""
                1
                00:00:00,000 --> 00:00:04,250
                the quick brown fox jumps over the lazy
                dog and then it sleeps under the old apple

                2
                00:00:04,250 --> 00:00:05,000
                tree until noon

                """, srt);
    }

    @Test
    void slowSpeechBecomesCuesOfSevenSeconds() {
        String srt = write(TranscriptWriter.Format.srt, List.of(utterance(0, 3, "one two three")));
        assertTrue(srt.contains("00:00:00,000 --> 00:00:06,000\none two\n"), srt);
        assertTrue(srt.contains("00:00:06,000 --> 00:00:09,000\nthree\n"), srt);
    }

    @Test
    void liveTextSettlesAndLeavesOnlyTheFinals() {
        TestTerminal terminal = TestTerminal.live();
        LiveView view = new LiveView(terminal.terminal());
        view.begin("mic");
        view.progress(1, OptionalDouble.of(4), OptionalDouble.of(0.1));
        EVENTS.forEach(view::accept);
        view.end();
        String drawn = terminal.out();
        assertTrue(drawn.contains("25 %  0:01 / 0:04  10.0 × real time"), drawn);
        assertEquals(List.of("good morning", "it's late", "1.0 s of sound in 0.1 s, 10.0 × real time"), screen(drawn));
    }

    @Test
    void aPartialThatIsTooLongShowsItsEnd() {
        TestTerminal terminal = TestTerminal.live();
        LiveView view = new LiveView(terminal.terminal());
        view.begin("mic");
        view.accept(new Partial("a".repeat(100), "zebra", 1));
        String drawn = terminal.out();
        assertTrue(drawn.contains("a".repeat(53) + "\033[2m zebra\033[0m\n"), drawn);
        assertFalse(drawn.contains("a".repeat(54)), drawn);
    }

    /** What a terminal shows after it was sent this: cursor up, erase below and line feeds are all that the view uses. */
    private static List<String> screen(String drawn) {
        List<String> lines = new ArrayList<>(List.of(""));
        int row = 0;
        for (String piece : drawn.replaceAll("\033\\[[02]m", "").split("(?=\n|\r|\033)|(?<=\n|\r|\033\\[[AJ])", -1)) {
            switch (piece) {
                case "\n" -> {
                    row++;
                    if (row == lines.size()) {
                        lines.add("");
                    }
                }
                case "\r" -> {}
                case "\033[A" -> row--;
                case "\033[J" -> {
                    while (lines.size() > row) {
                        lines.removeLast();
                    }
                    lines.add("");
                }
                default -> lines.set(row, lines.get(row) + piece);
            }
        }
        lines.removeIf(String::isEmpty);
        return lines;
    }
}
