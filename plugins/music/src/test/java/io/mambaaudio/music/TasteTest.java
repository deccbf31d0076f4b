package io.mambaaudio.music;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** What the player wants of the machine's notes, and what is known of the player's key and beat. */
final class TasteTest {
    private static final int PITCHES = 88;
    private static final int LOWEST = 21;
    private static final double STEPS_PER_SECOND = 46.875;

    @Test
    void densityIsAFactorOfTheOdds() {
        Taste taste = new Taste(PITCHES, LOWEST);
        taste.rules(3, 0, 0, Harmony.ANY);
        assertEquals(0.75, taste.timed(0.5), 1e-12);
        assertEquals(0, taste.timed(0));
        assertEquals(1, taste.timed(1));
        taste.beat(1.0 / 3);
        assertEquals(0.5, taste.timed(0.5), 1e-12);
    }

    @Test
    void aFullKeyLockShunsNotesOutOfTheKeyAndRegisterLeans() {
        Taste taste = new Taste(PITCHES, LOWEST);
        taste.rules(1, 0, 1, 0b101010110101); // C major
        assertEquals(0, taste.leaning(60 - LOWEST));
        assertTrue(taste.leaning(61 - LOWEST) < -5);
        taste.rules(1, 1, 0, Harmony.ANY);
        assertTrue(taste.leaning(72 - LOWEST) > taste.leaning(48 - LOWEST));
    }

    private static float[] sounding(int... pitches) {
        float[] row = new float[PITCHES];
        Arrays.fill(row, -5);
        for (int pitch : pitches) {
            row[pitch - LOWEST] = 5;
        }
        return row;
    }

    @Test
    void theKeyIsThatOfTheChordsHeard() {
        Harmony harmony = new Harmony(STEPS_PER_SECOND, LOWEST);
        assertEquals(Harmony.ANY, harmony.key());
        int[][] chords = {{62, 66, 69, 74}, {67, 71, 74}, {69, 73, 76}, {62, 66, 69}}; // D, G, A, D
        for (int[] chord : chords) {
            for (int step = 0; step < 40; step++) {
                harmony.hear(sounding(chord), 0, PITCHES);
            }
        }
        int key = harmony.key();
        for (int inKey : new int[] {2, 4, 6, 7, 9, 11, 1}) { // D major
            assertTrue(((key >> inKey) & 1) == 1, "pitch class " + inKey);
        }
        assertEquals(7, Integer.bitCount(key));
        harmony.reset();
        assertEquals(Harmony.ANY, harmony.key());
    }

    @Test
    void theBeatIsFoundWithItsPhase() {
        Pulse pulse = new Pulse(STEPS_PER_SECOND);
        double period = 23.4;
        for (int step = 0; step < 600; step++) { // the row of a step speaks of the step before
            boolean on = ((step - 6) % period + period) % period < 1;
            pulse.hear(on ? sounding(60, 64) : sounding(), 0, PITCHES);
        }
        pulse.settle();
        double onBeat = 5 + 0.5 + 30 * period;
        double best = pulse.odds(Math.round(onBeat), 1);
        assertTrue(best > 1.5, "on the beat " + best);
        double off = pulse.odds(Math.round(onBeat + period / 4), 1);
        assertTrue(off < 0.8, "a quarter later " + off);
        assertEquals(1, pulse.odds(Math.round(onBeat), 0));
    }

    @Test
    void withoutABeatNothingIsLikelier() {
        Pulse pulse = new Pulse(STEPS_PER_SECOND);
        java.util.SplittableRandom random = new java.util.SplittableRandom(1);
        for (int step = 0; step < 600; step++) {
            pulse.hear(random.nextInt(20) == 0 ? sounding(60) : sounding(), 0, PITCHES);
        }
        pulse.settle();
        assertEquals(1, pulse.odds(700, 1));
    }
}
