package io.mambaaudio.speech;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

final class ConfidenceTest {
    @Test
    void moreCertainStaysMoreCertainAndEverythingIsAProbability() {
        for (Confidence calibration : new Confidence[] {Confidence.BEAM, Confidence.GREEDY}) {
            float before = 0;
            for (int i = 0; i <= 100; i++) {
                float now = calibration.ofWord(i / 100f);
                assertTrue(now > 0 && now < 1 && (i < 1 || now > before), "at " + i + ": " + now);
                before = now;
            }
        }
    }

    @Test
    void theIdentityChangesNothing() {
        assertEquals(0.3f, new Confidence(1, 0).ofWord(0.3f), 1e-6f);
    }
}
