package io.mambaaudio.formats;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.mambaaudio.engine.AudioInput;
import io.mambaaudio.engine.AudioInputs;
import io.mambaaudio.engine.EngineException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.FutureTask;
import javax.sound.sampled.AudioFileFormat;
import javax.sound.sampled.AudioFormat;
import javax.sound.sampled.AudioInputStream;
import javax.sound.sampled.AudioSystem;
import org.junit.jupiter.api.Test;

/**
 * Files that nobody meant: cut, flipped, spliced, random. Each is read whole or refused in one line, within a second and a
 * few megabytes. Ten seconds by default, {@code -Dmamba.fuzz.minutes=10} for longer; {@code -Dmamba.seed} replays.
 */
final class HostileFilesTest {
    private static final long SEED = Long.getLong("mamba.seed", 20261124);
    private static final long NANOS = Integer.getInteger("mamba.fuzz.minutes", 0) * 60_000_000_000L + 8_000_000_000L;
    private static final long MAX_NANOS_A_FILE = 5_000_000_000L;
    private static final long MAX_BYTES_ALLOCATED = 256L << 20;
    private static final int MAX_FRAMES = 2_000_000;

    private static final com.sun.management.ThreadMXBean THREADS =
            (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();

    /** What the reading thread is at, for whoever waits for it. */
    private record Current(long number, List<byte[]> only, long sinceNanoTime) {}

    /** What was seen. */
    private static final class Tally {
        private volatile Current current = new Current(0, List.of(new byte[0]), System.nanoTime());
        private long files;
        private long refused;
        private long worstNanos;
        private long worstBytes;

        private void fuzz() {
            List<byte[]> seeds = seeds();
            SplittableRandom random = new SplittableRandom(SEED);
            long start = System.nanoTime();
            while (System.nanoTime() - start < NANOS) {
                byte[] file = mutated(seeds, random);
                long before = System.nanoTime();
                long allocated = THREADS.getCurrentThreadAllocatedBytes();
                current = new Current(files, List.of(file), before);
                refused += isRefused(file, files) ? 1 : 0;
                worstNanos = Math.max(worstNanos, System.nanoTime() - before);
                long bytes = THREADS.getCurrentThreadAllocatedBytes() - allocated;
                worstBytes = Math.max(worstBytes, bytes);
                assertTrue(bytes < MAX_BYTES_ALLOCATED, () -> bytes + " bytes for " + replay(file));
                files++;
            }
        }
    }

    @Test
    void anyBytesAreReadOrRefusedInOneLineAndBoundedTime() throws Exception {
        Tally tally = new Tally();
        FutureTask<Boolean> task = new FutureTask<>(tally::fuzz, true);
        Thread.ofPlatform().daemon().name("fuzz").start(task);
        while (!task.isDone()) {
            Current at = tally.current;
            assertTrue(
                    System.nanoTime() - at.sinceNanoTime() < MAX_NANOS_A_FILE,
                    () -> "file " + at.number() + " takes for ever: "
                            + replay(at.only().getFirst()));
            Thread.sleep(20);
        }
        assertTrue(task.get());
        System.out.printf(
                Locale.ROOT,
                "%d hostile files (seed %d): %d refused, %d read; worst %d ms, %d kB allocated%n",
                tally.files,
                SEED,
                tally.refused,
                tally.files - tally.refused,
                tally.worstNanos / 1_000_000,
                tally.worstBytes / 1024);
        assertTrue(tally.refused > 0 && tally.refused < tally.files);
    }

    /** Reads a file to its end as the engine does, but on this thread, so that its time and memory are measured. */
    private static boolean isRefused(byte[] file, long number) {
        try (AudioInput input = AudioInputs.stream("x", new ByteArrayInputStream(file))) {
            float[][] block = new float[input.format().channels()][480];
            long frames = 0;
            int count = input.read(block, 480);
            while (count >= 0 && frames < MAX_FRAMES) {
                assertTrue(count > 0, "a file gave nothing and no end");
                assertTrue(Float.isFinite(block[0][count - 1]));
                frames += count;
                count = input.read(block, 480);
            }
            input.warning().ifPresent(warning -> assertOneLine(warning, file));
            return false;
        } catch (EngineException e) {
            assertOneLine(String.valueOf(e.getMessage()), file);
            return true;
        } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
            return fail("file " + number + ": " + replay(file), e);
        }
    }

    private static void assertOneLine(String message, byte[] file) {
        assertNotNull(message);
        assertFalse(
                message.isBlank() || message.contains("\n") || message.length() > 600, () -> message + replay(file));
        assertTrue(message.startsWith("x "), () -> message + replay(file));
    }

    private static String replay(byte[] file) {
        return " [seed " + SEED + ", " + file.length + " bytes, from "
                + HexFormat.of().formatHex(file, 0, Math.min(64, file.length)) + "]";
    }

    private static byte[] mutated(List<byte[]> seeds, SplittableRandom random) {
        byte[] file = seeds.get(random.nextInt(seeds.size())).clone();
        switch (random.nextInt(6)) {
            case 0 -> file = Arrays.copyOf(file, random.nextInt(file.length + 1)); // cut
            case 1 -> scatter(file, file.length, 1 + random.nextInt(20), random); // flips anywhere
            case 2 -> scatter(file, Math.min(64, file.length), 1 + random.nextInt(6), random); // flips in the header
            case 3 -> { // extremes in the header, where sizes are
                int at = random.nextInt(Math.min(128, file.length - 4));
                Arrays.fill(file, at, at + 1 + random.nextInt(4), random.nextBoolean() ? (byte) 0xFF : 0);
            }
            case 4 -> { // two files in one
                byte[] other = seeds.get(random.nextInt(seeds.size()));
                int keep = random.nextInt(file.length);
                byte[] spliced = Arrays.copyOf(file, keep + other.length);
                System.arraycopy(other, 0, spliced, keep, other.length);
                file = spliced;
            }
            default -> { // noise behind a true beginning
                byte[] noise = new byte[file.length];
                random.nextBytes(noise);
                System.arraycopy(file, 0, noise, 0, random.nextInt(Math.min(64, file.length)));
                file = noise;
            }
        }
        return file;
    }

    private static void scatter(byte[] file, int within, int count, SplittableRandom random) {
        for (int i = 0; i < count; i++) {
            file[random.nextInt(within)] = (byte) random.nextInt(256);
        }
    }

    private static List<byte[]> seeds() {
        List<byte[]> seeds = new ArrayList<>();
        for (String name : new String[] {
            "mono16.flac",
            "stereo24.flac",
            "mono8.flac",
            "mono16.mp3",
            "mono16-without-info.mp3",
            "stereo44.mp3",
            "mono48.opus",
            "stereo48.opus"
        }) {
            seeds.add(Assets.bytes(name));
        }
        for (AudioFileFormat.Type type : new AudioFileFormat.Type[] {
            AudioFileFormat.Type.WAVE, AudioFileFormat.Type.AIFF, AudioFileFormat.Type.AU
        }) {
            AudioFormat format = new AudioFormat(16_000, 16, 2, true, !type.equals(AudioFileFormat.Type.WAVE));
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            try {
                AudioSystem.write(
                        new AudioInputStream(new ByteArrayInputStream(new byte[4_000]), format, 1_000), type, out);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            seeds.add(out.toByteArray());
        }
        return seeds;
    }

    @Test
    void aTagThatPromisesGigabytesAllocatesNone() {
        byte[] mp3 = HexFormat.of().parseHex("494433040000" + "7f7f7f7f" + "00".repeat(100));
        assertEquals("x is damaged or not a sound file that can be read: the file ends in its ID3 tag", refusal(mp3));
        byte[] flac =
                HexFormat.of().parseHex("664c6143" + "00000022" + "00".repeat(34) + "84ffffff" + "00".repeat(100));
        long before = THREADS.getCurrentThreadAllocatedBytes();
        assertTrue(refusal(flac).startsWith("x is damaged or not a sound file that can be read: "));
        assertTrue(THREADS.getCurrentThreadAllocatedBytes() - before < 4 << 20);
    }

    private static String refusal(byte[] file) {
        try (AudioInput input = AudioInputs.stream("x", new ByteArrayInputStream(file))) {
            return fail("was read as " + input.format());
        } catch (EngineException e) {
            return String.valueOf(e.getMessage());
        }
    }
}
