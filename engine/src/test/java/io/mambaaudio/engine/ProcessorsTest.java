package io.mambaaudio.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

final class ProcessorsTest {
    private static final int RATE = 48_000;

    @Test
    void processorsAreFoundById() {
        assertInstanceOf(Gain.class, Processors.find("gain"));
        assertInstanceOf(Meter.class, Processors.find("meter"));
        assertEquals(List.of("gain", "meter", "record"), Processors.ids());
    }

    @Test
    void anUnknownIdGetsTheListOfKnownOnes() {
        assertEquals(
                "there is no processor \"gian\"; choose one of [gain, meter, record] or put the module that provides it on the"
                        + " module path",
                assertThrows(EngineException.class, () -> Processors.find("gian"))
                        .getMessage());
    }

    @Test
    void gainStartsAtItsValueAndReachesANewOneSmoothly() {
        Gain gain = new Gain();
        gain.gainDb().set(-6.0206f);
        gain.prepare(new StreamFormat(RATE, 1), RATE);
        float[][] ones = new float[1][RATE];
        java.util.Arrays.fill(ones[0], 1);
        float[][] out = new float[1][RATE];
        gain.process(ones, out, 10);
        assertEquals(0.5, out[0][0], 1e-5);
        assertEquals(0.5, out[0][9], 1e-5);
        gain.gainDb().set(6.0206f);
        gain.process(ones, out, RATE);
        float last = 0.5f;
        for (float sample : out[0]) {
            assertTrue(sample >= last && sample - last < 0.01, "a step from " + last + " to " + sample);
            last = sample;
        }
        assertEquals(2, last, 1e-5);
        assertEquals(1.25, out[0][RATE / 200], 0.01, "after half the 10 ms half the way");
        assertEquals(2, out[0][RATE / 100], 1e-5);
    }

    @Test
    void meterShowsPeakAndRmsOfTheLastFullWindowAndPassesTheSoundOn() {
        Meter meter = new Meter();
        meter.prepare(new StreamFormat(RATE, 2), RATE);
        assertEquals(new Meter.Level(0, 0), meter.level());
        float[][] sine = new float[2][RATE / 20];
        for (int i = 0; i < sine[0].length; i++) {
            sine[0][i] = (float) (0.5 * Math.sin(2 * Math.PI * 1_000 * i / RATE));
            sine[1][i] = -sine[0][i];
        }
        float[][] out = new float[2][RATE / 20];
        meter.process(sine, out, RATE / 20 - 1);
        assertEquals(new Meter.Level(0, 0), meter.level());
        meter.process(sine, new float[2][1], 1);
        assertEquals(0.5, meter.level().peak(), 1e-4);
        assertEquals(0.5 / Math.sqrt(2), meter.level().rms(), 1e-3);
        out[0][RATE / 20 - 1] = sine[0][RATE / 20 - 1];
        out[1][RATE / 20 - 1] = sine[1][RATE / 20 - 1];
        assertArrayEquals(sine, out);
        meter.reset();
        assertEquals(new Meter.Level(0, 0), meter.level());
    }
}
