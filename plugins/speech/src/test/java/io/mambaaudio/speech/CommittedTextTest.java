package io.mambaaudio.speech;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mambaaudio.speech.Texts.Collected;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is finished stays finished, whatever the model says. */
final class CommittedTextTest {
    @ParameterizedTest
    @CsvSource({"31,1,0.5", "32,1,3", "33,4,1", "34,8,2", "35,16,0.2", "36,3,4"})
    void finishedWordsAreTheBeginningOfAllThatFollows(long seed, int width, double spread) {
        System.out.println("seed=" + seed);
        SplittableRandom random = new SplittableRandom(seed);
        CtcDecoder decoder =
                width == 1 ? CtcDecoder.greedy(Texts.AB) : CtcDecoder.beam(Texts.AB, BeamOptions.of(width));
        float[][] rows = Texts.random(random, 2000, Texts.AB.size(), spread);
        Collected out = new Collected();
        String committed = "";
        String shown = "";
        for (int t = 0; t < rows.length; t++) {
            boolean changed = decoder.accept(t, rows[t], out);
            String text = (out.text() + " " + decoder.tentative()).strip();
            assertTrue(out.text().startsWith(committed), "seed=" + seed + " step=" + t);
            assertTrue(text.startsWith(committed), "seed=" + seed + " step=" + t);
            assertTrue(changed || text.equals(shown), "a change was not told, seed=" + seed + " step=" + t);
            committed = out.text();
            shown = text;
        }
        decoder.finish(out);
        assertTrue(out.text().startsWith(committed));
        assertTrue(out.words.size() > 20, "words: " + out.words.size());
        assertTrue(isSorted(out), "steps go back, seed=" + seed);
        assertEquals("", decoder.tentative());
    }

    private static boolean isSorted(Collected out) {
        for (int i = 0; i < out.words.size(); i++) {
            boolean ordered = out.firstSteps.get(i) <= out.lastSteps.get(i)
                    && (i == 0 || out.lastSteps.get(i - 1) <= out.firstSteps.get(i));
            if (!ordered) {
                return false;
            }
        }
        return true;
    }
}
