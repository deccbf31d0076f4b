package io.mambaaudio.demo.desktop;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mambaaudio.engine.StreamFormat;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import javax.management.JMException;
import javax.management.ObjectName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ScopeTapTest {
    private static final int BLOCK = 480;
    private static final int BLOCKS = 4_000;

    private static volatile Object kept = "";

    /** A tone of so many Hz, then silence, in each channel. */
    private static float[][] tone(double hz, int rateHz, int channels, double seconds, double silence) {
        float[][] sound = new float[channels][(int) ((seconds + silence) * rateHz)];
        for (float[] channel : sound) {
            for (int i = 0; i < seconds * rateHz; i++) {
                channel[i] = 0.5f * (float) Math.sin(2 * Math.PI * hz * i / rateHz);
            }
        }
        return sound;
    }

    static Columns columnsOf(float[][] sound, int rateHz, int block) {
        Columns columns = new Columns();
        ScopeTap tap = new ScopeTap(columns);
        tap.prepare(new StreamFormat(rateHz, sound.length), block);
        float[][] in = new float[sound.length][];
        float[][] out = new float[sound.length][block];
        for (int at = 0; at < sound[0].length; at += block) {
            int n = Math.min(block, sound[0].length - at);
            for (int c = 0; c < sound.length; c++) {
                in[c] = Arrays.copyOfRange(sound[c], at, at + block);
            }
            tap.process(in, out, n);
            for (int c = 0; c < sound.length; c++) {
                assertArrayEquals(Arrays.copyOf(in[c], n), Arrays.copyOf(out[c], n), "the sound must pass through");
            }
        }
        return columns;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 160, 441, 1000, 5000})
    void anyBlockSizeGivesTheSameColumns(int block) {
        float[][] sound = tone(700, 16_000, 1, 0.5, 0.2);
        Columns expected = columnsOf(sound, 16_000, BLOCK);
        Columns columns = columnsOf(sound, 16_000, block);
        assertEquals(expected.written(), columns.written());
        int[] wanted = new int[Columns.BANDS];
        int[] levels = new int[Columns.BANDS];
        for (long c = 0; c < columns.written(); c++) {
            expected.levels(c, wanted);
            columns.levels(c, levels);
            assertArrayEquals(wanted, levels, "column " + c);
            assertEquals(expected.low(c), columns.low(c), "column " + c);
            assertEquals(expected.high(c), columns.high(c), "column " + c);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {8_000, 16_000, 44_100, 48_000})
    void aToneLightsItsBandWhateverTheRate(int rateHz) {
        for (double hz : new double[] {300, 1000, 3000}) {
            Columns columns = columnsOf(tone(hz, rateHz, 2, 0.5, 0), rateHz, BLOCK);
            int[] levels = new int[Columns.BANDS];
            columns.levels(20, levels);
            int brightest = 0;
            for (int band = 1; band < levels.length; band++) {
                brightest = levels[band] > levels[brightest] ? band : brightest;
            }
            double expected = MelScale.place(hz) * (Columns.BANDS - 1);
            assertEquals(expected, brightest, 1.5, hz + " Hz at " + rateHz);
        }
    }

    @Test
    void theWaveIsThatOfTheSameMoment() {
        Columns columns = columnsOf(tone(500, 16_000, 1, 0.5, 0.5), 16_000, BLOCK);
        assertEquals(0.5, columns.high(10), 0.01);
        assertEquals(-0.5, columns.low(10), 0.01);
        assertEquals(0.5, columns.high(49), 0.01, "the last column of the tone");
        assertEquals(0, columns.high(51), "silence");
        int[] levels = new int[Columns.BANDS];
        columns.levels(51, levels);
        assertTrue(Arrays.stream(levels).max().orElse(-1) < 20, Arrays.toString(levels));
    }

    @Test
    void theNewestColumnsAreKeptAndMemoryIsNot() {
        Columns columns = new Columns();
        float[] mel = new float[Columns.BANDS];
        for (int i = 0; i < Columns.CAPACITY + 10_000; i++) {
            columns.push(mel, 0, i % 100 / 127f);
        }
        long newest = columns.written() - 1;
        assertEquals(newest % 100 / 127f, columns.high(newest), 1e-6);
        assertEquals(columns.oldest() % 100 / 127f, columns.high(columns.oldest()), 1e-6);
        assertTrue(columns.written() - columns.oldest() > 100_000, "a quarter of an hour");
    }

    @Test
    void processAllocatesNothingOnceWarm() throws JMException {
        ScopeTap tap = new ScopeTap(new Columns());
        tap.prepare(new StreamFormat(48_000, 2), BLOCK);
        float[][] in = tone(440, 48_000, 2, BLOCK / 48_000.0, 0);
        float[][] out = new float[2][BLOCK];
        allocatedBy(() -> tap.process(in, out, BLOCK)); // warms up
        long allocated = allocatedBy(() -> tap.process(in, out, BLOCK));
        long control = allocatedBy(() -> {
            tap.process(in, out, BLOCK);
            kept = new byte[1];
        });
        assertTrue(allocated < 4L * BLOCKS, allocated + " bytes in " + BLOCKS + " blocks");
        assertTrue(control >= 16L * BLOCKS, "the counter sees no allocation: " + control);
    }

    /** In the name of the bean that the JDK has it under, for the module of its type is not read here. */
    private static long allocatedBy(Runnable block) throws JMException {
        long before = allocated();
        for (int i = 0; i < BLOCKS; i++) {
            block.run();
        }
        return allocated() - before;
    }

    private static long allocated() throws JMException {
        return (long) ManagementFactory.getPlatformMBeanServer()
                .invoke(
                        new ObjectName(ManagementFactory.THREAD_MXBEAN_NAME),
                        "getThreadAllocatedBytes",
                        new Object[] {Thread.currentThread().threadId()},
                        new String[] {"long"});
    }

    @Test
    void soundThatComesLaterThanItWasHeardIsLate() throws InterruptedException {
        ScopeTap tap = new ScopeTap(new Columns());
        tap.prepare(new StreamFormat(16_000, 1), BLOCK);
        assertEquals(0, tap.delayMillis(0, System.nanoTime()), "nothing was heard");
        tap.process(new float[1][BLOCK], new float[1][BLOCK], BLOCK);
        long now = System.nanoTime();
        double delay = tap.delayMillis(BLOCK / 16_000.0, now + 50_000_000);
        assertTrue(delay >= 50 && delay < 1_000, delay + " ms");
    }
}
