package io.mambaaudio.speech;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mambaaudio.speech.Endpointer.Verdict;
import org.junit.jupiter.api.Test;

final class EndpointerTest {
    private static final double STEP = 0.04;
    private static final EndpointRules RULES = new EndpointRules(1.0, 0.6, 6, 20, false);

    /** Steps until the verdict is not GOES_ON, at most {@code limit}. */
    private static int stepsUntil(Endpointer e, Verdict verdict, boolean blank, boolean words, double db, int limit) {
        for (int i = 1; i <= limit; i++) {
            Verdict v = e.accept(blank, words, db);
            if (v != Verdict.GOES_ON) {
                assertEquals(verdict, v);
                return i;
            }
        }
        return -1;
    }

    private static Endpointer afterSpeech(double noiseDb) {
        Endpointer e = new Endpointer(RULES, STEP);
        for (int i = 0; i < 50; i++) {
            assertEquals(Verdict.GOES_ON, e.accept(true, false, noiseDb));
        }
        for (int i = 0; i < 50; i++) {
            assertEquals(Verdict.GOES_ON, e.accept(i % 3 != 0, true, -20));
        }
        e.accept(false, true, -20);
        return e;
    }

    @Test
    void quietEndsItSoonerThanTheDecoderAlone() {
        assertEquals(15, stepsUntil(afterSpeech(-60), Verdict.ENDED, true, true, -59, 100));
        assertEquals(25, stepsUntil(afterSpeech(-60), Verdict.ENDED, true, true, -30, 100));
    }

    @Test
    void aPauseShorterThanTheRulesDoesNotEndIt() {
        Endpointer e = afterSpeech(-60);
        for (int i = 0; i < 20; i++) {
            assertEquals(-1, stepsUntil(e, Verdict.ENDED, true, true, -60, 14));
            assertEquals(Verdict.GOES_ON, e.accept(false, true, -25));
        }
    }

    @Test
    void withoutWordsNothingEnds() {
        Endpointer e = new Endpointer(RULES, STEP);
        assertEquals(-1, stepsUntil(e, Verdict.ENDED, true, false, -60, 10_000));
        assertEquals(-1, stepsUntil(e, Verdict.ENDED, false, false, -20, 10_000));
    }

    @Test
    void aLongUtteranceIsCutAndGoesOn() {
        Endpointer e = new Endpointer(RULES, STEP);
        assertEquals(500, stepsUntil(e, Verdict.TOO_LONG, false, true, -20, 1000));
        assertEquals(500, stepsUntil(e, Verdict.TOO_LONG, false, true, -20, 1000));
    }

    @Test
    void theFloorFollowsNoiseThatStartsAndForgetsIt() {
        Endpointer e = new Endpointer(RULES, STEP);
        for (int i = 0; i < 25; i++) {
            e.accept(true, false, -60);
        }
        assertEquals(-60, e.noiseFloorDb(), 0.01);
        for (int i = 0; i < 25 * 30; i++) {
            e.accept(true, false, -35);
        }
        assertEquals(-35, e.noiseFloorDb(), 0.01);
        for (int i = 0; i < 10; i++) {
            e.accept(true, false, -60);
        }
        assertEquals(-60, e.noiseFloorDb(), 0.1);
    }

    @Test
    void digitalSilenceBeforeANoisyRoomDoesNotKeepItOpen() {
        Endpointer e = afterSpeech(Endpointer.SILENCE_DB);
        assertEquals(15, stepsUntil(e, Verdict.ENDED, true, true, -66, 100), "-66 dB is quiet, whatever the floor was");
    }

    @Test
    void resetForgetsTheFloorToo() {
        Endpointer e = afterSpeech(-60);
        e.reset();
        assertEquals(Endpointer.SILENCE_DB, e.noiseFloorDb());
    }

    @Test
    void rulesOutOfRangeAreRefused() {
        IllegalArgumentException e =
                assertThrows(IllegalArgumentException.class, () -> new EndpointRules(Double.NaN, 0.6, 6, 20, false));
        assertTrue(e.getMessage().contains("decoderSilenceSeconds=NaN"), e.getMessage());
        assertThrows(IllegalArgumentException.class, () -> new EndpointRules(1, 0, 6, 20, false));
        assertThrows(IllegalArgumentException.class, () -> new EndpointRules(1, 1, -1, 20, false));
        assertThrows(IllegalArgumentException.class, () -> new EndpointRules(1, 1, 6, 1e9, false));
        assertThrows(IllegalArgumentException.class, () -> new GateRules(Float.NaN, -70));
        assertThrows(IllegalArgumentException.class, () -> new GateRules(0.5f, 1));
    }
}
