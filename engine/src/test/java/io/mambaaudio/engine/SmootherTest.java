package io.mambaaudio.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A change is heard within 20 ms and does not click. A click is a jump: one of height h bends the line through three neighbouring
 * samples by h. So the measure is the largest bend (second difference) that a change of full scale adds to a constant sound: at most
 * −60 dB. A linear ramp of as many milliseconds fails it, as the negative control shows.
 */
final class SmootherTest {
    private static final double CLICK = 0.001; // −60 dB

    @ParameterizedTest
    @ValueSource(ints = {8_000, 16_000, 44_100, 48_000, 192_000})
    void aChangeOfFullScaleArrivesInTimeWithoutAClick(int rate) {
        Parameter parameter = new Parameter("level", "", 0, 1, 0);
        Smoother smoother = new Smoother(parameter);
        smoother.prepare(rate);
        double[] line = new double[rate / 10];
        int block = rate / 100; // as the engine's: a change just after a block began waits for the next
        int changeAt = 2 * block + 1;
        for (int i = 0; i < line.length; i++) {
            if (i % block == 0) {
                smoother.update();
            }
            if (i == changeAt) {
                parameter.set(1);
            }
            line[i] = smoother.next();
        }
        int arrived = changeAt;
        while (line[arrived] != 1) {
            arrived++;
        }
        double millis = 1000.0 * (arrived - changeAt) / rate;
        double bend = largestBend(line);
        System.out.printf("%d Hz: arrived after %.2f ms, largest bend %.1f dB%n", rate, millis, 20 * Math.log10(bend));
        assertTrue(millis <= 20, "arrived after " + millis + " ms");
        assertTrue(bend <= CLICK, "bends by " + bend);
    }

    @Test
    void theMeasureHearsALinearRampAndAJump() {
        double[] ramp = new double[2000];
        double[] jump = new double[2000];
        for (int i = 0; i < ramp.length; i++) {
            ramp[i] = Math.clamp((i - 500) / 480.0, 0, 1);
            jump[i] = i < 500 ? 0 : 1;
        }
        assertTrue(largestBend(ramp) > CLICK);
        assertEquals(1, largestBend(jump));
    }

    @Test
    void changesOnTheWayDoNotClickEither() {
        long seed = 7;
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        Parameter parameter = new Parameter("level", "", 0, 1, 0.5f);
        Smoother smoother = new Smoother(parameter);
        smoother.prepare(48_000);
        double[] line = new double[48_000];
        for (int i = 0; i < line.length; i++) {
            if (i % 48 == 0) { // every millisecond
                parameter.set(random.nextFloat());
                smoother.update();
            }
            line[i] = smoother.next();
            assertTrue(line[i] >= 0 && line[i] <= 1, "sample " + i + " is " + line[i]);
        }
        assertTrue(largestBend(line) <= CLICK);
    }

    @Test
    void anyBlockSizeGivesTheSameValues() {
        assertEquals(valuesAfterAChange(1), valuesAfterAChange(480));
        assertEquals(valuesAfterAChange(1), valuesAfterAChange(7));
    }

    private static java.util.List<Double> valuesAfterAChange(int block) {
        Parameter parameter = new Parameter("level", "", 0, 1, 0);
        Smoother smoother = new Smoother(parameter);
        smoother.prepare(48_000);
        parameter.set(1);
        java.util.List<Double> values = new java.util.ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            if (i % block == 0) {
                smoother.update();
            }
            values.add(smoother.next());
        }
        return values;
    }

    @Test
    void itStaysExactlyWhereItIsWithoutAChangeAndResetJumps() {
        Parameter parameter = new Parameter("gain", "dB", -96, 24, -6);
        DoubleUnaryOperator mapping = db -> Math.pow(10, db / 20);
        Smoother smoother = new Smoother(parameter, mapping);
        smoother.prepare(16_000);
        assertFalse(smoother.update());
        assertEquals(mapping.applyAsDouble(-6), smoother.next());
        parameter.set(6);
        assertTrue(smoother.update());
        smoother.reset();
        assertFalse(smoother.update());
        assertEquals(mapping.applyAsDouble(6), smoother.next());
    }

    private static double largestBend(double[] line) {
        double largest = 0;
        for (int i = 2; i < line.length; i++) {
            double bend = Math.abs(line[i] - 2 * line[i - 1] + line[i - 2]);
            largest = bend > largest || Double.isNaN(bend) ? bend : largest;
        }
        return largest;
    }
}
