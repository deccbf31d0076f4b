package io.mambaaudio.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

final class OneToOneFloatRingTest {
    private static final long SEED = Long.getLong("mamba.seed", 20261124);

    @Test
    void refusesWhatDoesNotFitAndNeverWaits() {
        OneToOneFloatRing ring = new OneToOneFloatRing(2, 5);
        assertEquals(8, ring.capacityFrames());
        float[][] sound = Sounds.noise(1, 2, 20);
        assertEquals(8, ring.write(sound, 0, 20));
        assertEquals(0, ring.write(sound, 8, 12));
        assertEquals(8, ring.readableFrames());
        float[][] out = new float[2][20];
        assertEquals(3, ring.read(out, 3));
        assertEquals(3, ring.write(sound, 8, 12));
        assertEquals(8, ring.read(out, 20));
        assertEquals(0, ring.read(out, 20));
        for (int c = 0; c < 2; c++) {
            for (int i = 0; i < 8; i++) {
                assertEquals(sound[c][3 + i], out[c][i]);
            }
        }
    }

    @Test
    void wrapsAtEveryPlace() {
        SplittableRandom random = new SplittableRandom(SEED);
        OneToOneFloatRing ring = new OneToOneFloatRing(1, 16);
        float[][] sound = Sounds.noise(SEED, 1, 10_000);
        float[][] out = new float[1][10_000];
        float[][] piece = new float[1][16];
        int written = 0;
        int read = 0;
        while (read < 10_000) {
            written += ring.write(sound, written, Math.min(random.nextInt(17), 10_000 - written));
            int count = ring.read(piece, random.nextInt(17));
            System.arraycopy(piece[0], 0, out[0], read, count);
            read += count;
        }
        assertArrayEquals(sound[0], out[0]);
    }

    /** Floats count exactly up to 2^24, so the number of a frame modulo that tells it from its neighbours. */
    @Test
    @Timeout(60)
    void twoThreadsSeeEveryFrameOnceAndInOrder() throws InterruptedException {
        long total = 20_000_000;
        OneToOneFloatRing ring = new OneToOneFloatRing(2, 1_000);
        AtomicReference<String> wrong = new AtomicReference<>("");
        Thread writer = new Thread(() -> writeNumbers(ring, total), "ring-writer");
        Thread reader = new Thread(() -> wrong.set(readNumbers(ring, total)), "ring-reader");
        writer.start();
        reader.start();
        writer.join();
        reader.join();
        assertEquals("", wrong.get(), "seed " + SEED);
    }

    private static void writeNumbers(OneToOneFloatRing ring, long total) {
        SplittableRandom random = new SplittableRandom(SEED);
        IdleStrategy idle = IdleStrategy.backoff(100_000);
        float[][] block = new float[2][512];
        long next = 0;
        while (next < total) {
            int frames = (int) Math.min(1 + random.nextInt(512), total - next);
            for (int i = 0; i < frames; i++) {
                block[0][i] = (next + i) & 0xFF_FFFF;
                block[1][i] = -block[0][i];
            }
            for (int at = 0; at < frames; ) {
                int count = ring.write(block, at, frames - at);
                at += count;
                idle.idle(count);
            }
            next += frames;
        }
    }

    private static String readNumbers(OneToOneFloatRing ring, long total) {
        SplittableRandom random = new SplittableRandom(SEED + 1);
        IdleStrategy idle = IdleStrategy.backoff(100_000);
        float[][] block = new float[2][512];
        long next = 0;
        while (next < total) {
            int count = ring.read(block, 1 + random.nextInt(512));
            for (int i = 0; i < count; i++) {
                float wanted = (next + i) & 0xFF_FFFF;
                if (block[0][i] != wanted || block[1][i] != -wanted) {
                    return "frame " + (next + i) + " is " + block[0][i] + ", " + block[1][i];
                }
            }
            next += count;
            idle.idle(count);
        }
        return "";
    }

    @Test
    void impossibleSizesAreRefused() {
        assertEquals(
                "channels=0 is out of range; choose 1 to 64",
                assertThrows(IllegalArgumentException.class, () -> new OneToOneFloatRing(0, 1))
                        .getMessage());
        assertEquals(
                "minFrames=0 is out of range; choose 1 to 67108864",
                assertThrows(IllegalArgumentException.class, () -> new OneToOneFloatRing(1, 0))
                        .getMessage());
        assertEquals(1, new OneToOneFloatRing(1, 1).capacityFrames());
    }
}
