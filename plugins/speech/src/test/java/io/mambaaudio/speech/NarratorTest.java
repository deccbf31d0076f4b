package io.mambaaudio.speech;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mambaaudio.speech.TranscriptEvent.Final;
import io.mambaaudio.speech.TranscriptEvent.Partial;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Scenarios told in rows of logits, one every 40 ms. */
final class NarratorTest {
    private static final StepClock CLOCK = new StepClock(0.01, 0.04, 0.135, 0.025);
    private static final EndpointRules RULES = new EndpointRules(1.0, 0.6, 6, 20, false);
    private static final GateRules GATE = new GateRules(0.42f, -75);
    private static final int SIZE = Texts.AB.size();

    private final List<TranscriptEvent> events = new ArrayList<>();
    private int ends;
    private long frame = 11;
    private Narrator narrator = narrator(1);

    private Narrator narrator(int beam) {
        return narrator(beam == 1 ? CtcDecoder.greedy(Texts.AB) : CtcDecoder.beam(Texts.AB, BeamOptions.of(beam)));
    }

    private Narrator narrator(CtcDecoder decoder) {
        return new Narrator(CLOCK, decoder, RULES, GATE, events::add, () -> ends++);
    }

    private void say(int piece, double p, double db) {
        narrator.step(frame, Texts.row(SIZE, piece, p), db);
        frame += 4;
    }

    private void quiet(int steps, double db) {
        for (int i = 0; i < steps; i++) {
            say(0, 0.999, db);
        }
    }

    private List<String> texts() {
        return events.stream()
                .map(e -> switch (e) {
                    case Partial p -> p.committed() + "|" + p.tentative();
                    case Final f -> f.text() + ".";
                })
                .toList();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 8})
    void wordsThenSilenceMakeAnUtterance(int beam) {
        narrator = narrator(beam);
        quiet(25, -60);
        say(1, 0.99, -20);
        say(4, 0.99, -20);
        quiet(2, -20);
        say(2, 0.99, -20);
        quiet(40, -60);
        List<String> told = beam == 1
                ? List.of("|a", "|ab", "ab|b", "ab b|", "ab b.")
                : List.of("|a", "|ab", "|ab b", "ab|b", "ab b|", "ab b.");
        assertEquals(told, texts(), "a beam commits later; the last word is complete before the utterance");
        assertEquals(1, ends);
        Final last = (Final) events.getLast();
        assertEquals("ab", last.words().getFirst().text());
        double firstPiece = 25 * 0.04 + 0.135 / 2; // the middle of what step 25 saw
        assertEquals(firstPiece - 0.22, last.startSeconds(), 1e-9);
        assertEquals(firstPiece + 4 * 0.04, last.endSeconds(), 1e-9);
        assertEquals(last.words().getLast().endSeconds() + 0.6, last.atSeconds(), 0.1, "ended by the quiet");
    }

    @Test
    void theNextUtteranceHasTimesAfterTheFirst() {
        for (int i = 0; i < 2; i++) {
            say(1, 0.99, -20);
            quiet(40, -60);
        }
        assertEquals(List.of("|a", "a|", "a.", "|a", "a|", "a."), texts());
        assertTrue(((Final) events.get(5)).startSeconds() > ((Final) events.get(2)).endSeconds() + 1);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 8})
    void aPauseCompletesTheLastWordAndWhatFollowsIsAnother(int beam) {
        narrator = narrator(beam);
        say(1, 0.99, -20);
        quiet(10, -20);
        assertEquals(List.of("|a", "a|"), texts());
        say(4, 0.99, -20);
        quiet(40, -60);
        assertEquals("a b.", texts().getLast(), "what was committed stays");
    }

    @Test
    void anUncertainGhostIsNeverShown() {
        say(1, 0.4, -30);
        quiet(40, -60);
        say(2, 0.41, -30);
        quiet(5, -30);
        say(3, 0.3, -30);
        quiet(40, -60);
        assertEquals(List.of(), texts());
        assertEquals(2, narrator.suppressed());
        assertEquals(2, ends);
    }

    @Test
    void onceAWordIsCertainAllOfTheUtteranceIsTold() {
        say(1, 0.4, -30);
        say(2, 0.4, -30);
        assertEquals(List.of(), texts());
        say(1, 0.9, -30);
        say(2, 0.4, -30);
        quiet(40, -60);
        assertEquals(List.of("a b|a", "a b a|b", "a b a b|", "a b a b."), texts());
    }

    @Test
    void aCertainWordInDigitalSilenceIsAGhost() {
        say(1, 0.99, -100);
        quiet(40, -100);
        assertEquals(List.of(), texts());
        assertEquals(1, narrator.suppressed());
    }

    @Test
    void theLookAheadMayFallIntoSilence() {
        quiet(10, -30);
        quiet(3, -100);
        say(1, 0.99, -100);
        quiet(40, -100);
        assertEquals(List.of("|a", "a|", "a."), texts(), "the sound of a word comes before the step that names it");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 8})
    void theEndOfTheSoundKeepsTheLastWord(int beam) {
        narrator = narrator(beam);
        say(1, 0.99, -20);
        say(0, 0.99, -20);
        say(2, 0.99, -20);
        narrator.limit(0.2);
        narrator.finish();
        assertEquals("a b.", texts().getLast());
        assertEquals(0.2, events.getLast().atSeconds());
        assertTrue(((Final) events.getLast()).endSeconds() <= 0.2);
        assertEquals(0, ends, "the sound ended, not the utterance by silence");
    }

    @Test
    void aHalfSaidHotwordThatWasShownIsTakenBack() {
        narrator = narrator(CtcDecoder.beam(Texts.AB, BeamOptions.of(8).withHotwords(Hotwords.of("abba 3"))));
        narrator.step(frame, Texts.row(SIZE, 1, 0.45, 0, 0.54), -20);
        frame += 4;
        assertEquals(List.of("|a"), texts());
        quiet(40, -60);
        assertEquals(List.of("|a", "|"), texts());
        assertEquals(0, narrator.finals());
    }

    @Test
    void aVeryLongUtteranceIsHandedOutWithoutItsLastWord() {
        for (int i = 0; i < 600; i++) {
            say(i % 4 == 0 ? 1 : i % 4 == 2 ? 4 : 0, 0.99, -20);
        }
        List<TranscriptEvent> finals =
                events.stream().filter(e -> e instanceof Final).toList();
        assertEquals(1, finals.size());
        assertEquals("", ((Final) finals.getFirst()).text().replaceAll("ab( |$)", ""), "whole words only");
        narrator.finish();
        int words = events.stream()
                .filter(e -> e instanceof Final)
                .mapToInt(e -> ((Final) e).words().size())
                .sum();
        assertEquals(150, words, "no word is lost or said twice at the cut");
    }
}
