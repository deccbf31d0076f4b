package io.mambaaudio.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mambaaudio.engine.StepScheduler;
import org.junit.jupiter.api.Test;

final class AdmissionTest {
    private static final long SECOND = 1_000_000_000L;

    private final Admission admission = new Admission(2, 160);
    private long runs;
    private long misses;
    private double busy;
    private double heard;
    private long now;

    @Test
    void aTrialThatFellOnABusyMomentIsPutRightByWhatIsSeen() {
        Admission hampered = new Admission(2, 10);
        for (int second = 1; second <= 3; second++) {
            long heardNanos = 6 * second * SECOND;
            hampered.tick(new StepScheduler.Stats(0, 0, 0, heardNanos / 50, 0, 0), heardNanos, second * SECOND);
        }
        hampered.tick(new StepScheduler.Stats(0, 0, 0, 48 * SECOND / 50, 0, 0), 48 * SECOND, 4 * SECOND);
        assertEquals(80, hampered.streams());
    }

    /** A second in which so many streams are heard, each at such a cost of a thread's time. */
    private void second(int streams, double cost, int late) {
        runs += 10L * streams;
        misses += late;
        busy += Math.min(2, streams * cost);
        heard += Math.min(streams, 2 / cost);
        now += SECOND;
        admission.tick(
                new StepScheduler.Stats(0, runs, misses, (long) (busy * SECOND), 0, 0), (long) (heard * SECOND), now);
    }

    private void seconds(int count, int streams, double cost, int late) {
        for (int i = 0; i < count; i++) {
            second(streams, cost, late);
        }
    }

    @Test
    void fourFifthsOfWhatWasTriedAreLetInWhileThereIsTime() {
        assertEquals(128, admission.streams());
        seconds(7, 20, 0.02, 0);
        assertEquals(0.2, admission.load(), 1e-9);
        assertEquals(128, admission.streams());
    }

    @Test
    void aMachineThatHasBecomeSlowerLetsFewerIn() {
        seconds(7, 30, 0.04, 0);
        assertEquals(0.6, admission.load(), 1e-9);
        assertEquals(50, admission.secondsPerSecond(), 1e-6);
        assertEquals(40, admission.streams());
        seconds(7, 30, 0.015, 0);
        assertEquals(128, admission.streams(), "it is idle again, and what was tried counts");
    }

    @Test
    void oneThatIsFasterUnderLoadThanInTheTrialLetsMoreIn() {
        seconds(7, 100, 0.01, 0);
        assertEquals(160, admission.streams());
    }

    @Test
    void aMachineThatHearsNothingInTimeStillTriesOne() {
        seconds(7, 10, 20, 0);
        assertEquals(1, admission.streams());
    }

    @Test
    void whileOneInTwentyIsLateNobodyIsLetIn() {
        seconds(7, 20, 0.02, 10);
        assertFalse(admission.isLate(), "10 of 200 slices a second are not too many");
        seconds(1, 20, 0.02, 60);
        assertTrue(admission.isLate());
        seconds(4, 20, 0.02, 0);
        assertTrue(admission.isLate(), "the last five seconds count");
        seconds(2, 20, 0.02, 0);
        assertFalse(admission.isLate());
    }
}
