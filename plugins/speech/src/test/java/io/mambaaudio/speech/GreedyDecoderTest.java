package io.mambaaudio.speech;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mambaaudio.speech.Texts.Collected;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

final class GreedyDecoderTest {
    private static final int SIZE = Texts.AB.size();

    private static float[][] rows(int... labels) {
        return Arrays.stream(labels).mapToObj(l -> Texts.row(SIZE, l, 0.9)).toArray(float[][]::new);
    }

    private static String decode(int... labels) {
        return Texts.decode(CtcDecoder.greedy(Texts.AB), rows(labels)).text();
    }

    @Test
    void repeatsCollapseAndBlanksGo() {
        assertEquals("ab", decode(0, 1, 1, 1, 0, 0, 4, 4, 0));
    }

    @Test
    void aBlankBetweenTwoOfAKindKeepsBoth() {
        assertEquals("aaa", decode(1, 3, 0, 3));
        assertEquals("aa", decode(1, 3, 3));
    }

    @Test
    void aPieceWithTheMarkStartsAWord() {
        assertEquals("ab b a", decode(1, 4, 2, 1));
    }

    @Test
    void aRepeatedWordStartNeedsABlank() {
        assertEquals("a", decode(1, 1));
        assertEquals("a a", decode(1, 0, 1));
    }

    @Test
    void aPieceWithoutTheMarkStartsTheFirstWord() {
        assertEquals("ba", decode(4, 3));
    }

    @Test
    void silenceAloneGivesNothing() {
        assertEquals("", decode(0, 0, 0));
        assertEquals("", decode());
    }

    @Test
    void aWordIsFinishedWhenTheNextOneStarts() {
        CtcDecoder decoder = CtcDecoder.greedy(Texts.AB);
        Collected out = new Collected();
        assertTrue(decoder.accept(0, Texts.row(SIZE, 1, 0.9), out));
        assertFalse(decoder.accept(1, Texts.row(SIZE, 1, 0.9), out));
        assertTrue(decoder.accept(2, Texts.row(SIZE, 4, 0.9), out));
        assertEquals(List.of(), out.words);
        assertEquals("ab", decoder.tentative());
        assertTrue(decoder.accept(3, Texts.row(SIZE, 2, 0.9), out));
        assertEquals(List.of("ab"), out.words);
        assertEquals("b", decoder.tentative());
    }

    @Test
    void stepsAreThoseOfThePeaksAndConfidenceIsTheGeometricMean() {
        CtcDecoder decoder = CtcDecoder.greedy(Texts.AB);
        Collected out = new Collected();
        decoder.accept(10, Texts.row(SIZE, 1, 0.5), out);
        decoder.accept(11, Texts.row(SIZE, 1, 0.8), out);
        decoder.accept(12, Texts.row(SIZE, 1, 0.6), out);
        decoder.accept(13, Texts.row(SIZE, 4, 0.45), out);
        assertEquals(Math.sqrt(0.8 * 0.45), decoder.tentativeConfidence(), 1e-6);
        decoder.finish(out);
        assertEquals(List.of(11L), out.firstSteps);
        assertEquals(List.of(13L), out.lastSteps);
        assertEquals(Math.sqrt(0.8 * 0.45), out.confidences.getFirst(), 1e-6);
    }

    @Test
    void notANumberCountsAsABlank() {
        CtcDecoder decoder = CtcDecoder.greedy(Texts.AB);
        Collected out = new Collected();
        float[] bad = Texts.row(SIZE, 3, 0.9);
        bad[0] = Float.NaN;
        decoder.accept(0, Texts.row(SIZE, 1, 0.9), out);
        decoder.accept(1, bad, out);
        assertTrue(decoder.blank());
        float[] infinite = Texts.row(SIZE, 3, 0.9);
        infinite[3] = Float.POSITIVE_INFINITY;
        decoder.accept(2, infinite, out);
        decoder.finish(out);
        assertEquals("a", out.text());
        assertTrue(out.confidences.getFirst() > 0.8);
    }

    @Test
    void aWordWithoutEndIsCut() {
        CtcDecoder decoder = CtcDecoder.greedy(Texts.AB);
        Collected out = new Collected();
        for (int i = 0; i < 1000; i++) {
            decoder.accept(i, Texts.row(SIZE, i % 2 == 0 ? 3 : 4, 0.9), out);
        }
        assertEquals(1000 / WordAssembler.MAX_LETTERS, out.words.size());
        decoder.finish(out);
        assertEquals(1000, String.join("", out.words).length());
    }

    @Test
    void finishStartsAfresh() {
        CtcDecoder decoder = CtcDecoder.greedy(Texts.AB);
        assertEquals("ab", Texts.decode(decoder, rows(1, 4)).text());
        assertEquals("b", Texts.decode(decoder, rows(4)).text());
        assertEquals("", decoder.tentative());
        assertEquals(0, decoder.tentativeConfidence());
    }
}
