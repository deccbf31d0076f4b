package io.mambaaudio.flink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mambaaudio.engine.StreamFormat;
import io.mambaaudio.models.Mamba;
import io.mambaaudio.speech.Transcriber;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/**
 * What one stream costs, in bytes and in time of the processor (which other programs on the machine disturb least). With {@code
 * -Dflink.model=PATH} for another model, {@code -Dflink.minutes=60} for a longer stream.
 */
final class StreamCostTest {
    private static final int BLOCK = Sounds.RATE_HZ / 10;
    private static final int SAVES = 200;

    private final float[] sound = Sounds.sound(5, Sounds.RATE_HZ, 60);
    private final float[][] block = new float[1][BLOCK];

    private static double cpuMillis() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() / 1e6;
    }

    private void minute(Transcriber transcriber) {
        for (int at = 0; at < sound.length; at += BLOCK) {
            System.arraycopy(sound, at, block[0], 0, BLOCK);
            transcriber.process(block, block, BLOCK);
        }
    }

    @Test
    void theStateOfALongStreamIsNoLargerThanThatOfAShortOne() {
        Path model =
                Path.of(System.getProperty("flink.model", Sounds.tinyModel().toString()));
        try (Transcriber transcriber = Transcriber.builder(Mamba.open(model)).build()) {
            transcriber.prepare(new StreamFormat(Sounds.RATE_HZ, 1), BLOCK);
            minute(transcriber);
            int early = transcriber.save().length;
            double before = cpuMillis();
            int minutes = Integer.getInteger("flink.minutes", 5);
            for (int m = 0; m < minutes; m++) {
                minute(transcriber);
            }
            double perBlock = (cpuMillis() - before) / (minutes * 600);
            byte[] saved = transcriber.save();
            assertEquals(early, saved.length, 0.05 * early);
            assertTrue(saved.length >= transcriber.stateBytes());
            report(transcriber, saved, perBlock);
        }
    }

    private static void report(Transcriber transcriber, byte[] saved, double perBlock) {
        double start = cpuMillis();
        for (int i = 0; i < SAVES; i++) {
            transcriber.save();
        }
        double between = cpuMillis();
        for (int i = 0; i < SAVES; i++) {
            transcriber.restore(saved);
        }
        double end = cpuMillis();
        System.out.printf(
                "a stream: %d bytes of model state, %d saved; processor time of a block of 100 ms %.3f ms, a save %.3f ms,"
                        + " a restore %.3f ms; %.0f streams a core%n",
                transcriber.stateBytes(),
                saved.length,
                perBlock,
                (between - start) / SAVES,
                (end - between) / SAVES,
                100 / perBlock);
    }
}
