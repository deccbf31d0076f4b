package io.mambaaudio.lv2;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mambaaudio.lv2.FakeHost.Message;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class SharedMemoryTest {
    @Test
    void soundComesOutAsItWentInHoweverItIsCut() {
        long seed = System.nanoTime();
        SplittableRandom random = new SplittableRandom(seed);
        FakeHost host = new FakeHost(48_000, 2, 64, 64);
        SharedMemory memory = new SharedMemory(host.memory);
        float[][] sound = new float[2][10_000];
        float[][] heard = new float[2][10_000];
        for (float[] channel : sound) {
            for (int i = 0; i < channel.length; i++) {
                channel[i] = random.nextFloat(-1, 1);
            }
        }
        float[][] block = new float[2][100];
        int written = 0;
        int read = 0;
        while (read < sound[0].length) {
            written += host.write(sound, written, Math.min(random.nextInt(100), sound[0].length - written));
            int count = memory.read(block, 1 + random.nextInt(99));
            for (int c = 0; c < 2; c++) {
                System.arraycopy(block[c], 0, heard[c], read, count);
            }
            read += count;
        }
        assertArrayEquals(sound, heard, "seed=" + seed);
    }

    @Test
    void aFullRingRefusesAndKeepsWhatItHas() {
        FakeHost host = new FakeHost(48_000, 1, 64, 64);
        SharedMemory memory = new SharedMemory(host.memory);
        float[][] sound = {new float[100]};
        for (int i = 0; i < sound[0].length; i++) {
            sound[0][i] = i;
        }
        assertEquals(64, host.write(sound, 0, 100));
        assertEquals(0, host.write(sound, 64, 36));
        float[][] block = {new float[100]};
        assertEquals(64, memory.read(block, 100));
        assertArrayEquals(Arrays.copyOf(sound[0], 64), Arrays.copyOf(block[0], 64));
    }

    @Test
    void whatIsNoNumberBecomesSilence() {
        FakeHost host = new FakeHost(48_000, 1, 64, 64);
        SharedMemory memory = new SharedMemory(host.memory);
        float[][] sound = {{0.5f, Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, -0.5f}};
        host.write(sound, 0, 5);
        float[][] block = {new float[5]};
        memory.read(block, 5);
        assertArrayEquals(new float[] {0.5f, 0, 0, 0, -0.5f}, block[0]);
    }

    @Test
    void textComesOutInOrderOverManyTurnsOfTheRing() {
        FakeHost host = new FakeHost(48_000, 1, 64, 512);
        SharedMemory memory = new SharedMemory(host.memory);
        List<Message> told = new ArrayList<>();
        List<Message> received = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            String text = "\u00e4".repeat(i % 50);
            int kind = 1 + i % 2;
            assertTrue(memory.tell(kind, text));
            told.add(new Message(kind, text));
            if (i % 2 == 1) {
                received.addAll(host.receive());
            }
        }
        assertEquals(told, received);
    }

    @Test
    void textThatNobodyTakesIsRefusedAndTheRestIsKept() {
        FakeHost host = new FakeHost(48_000, 1, 64, 64);
        SharedMemory memory = new SharedMemory(host.memory);
        assertTrue(memory.tell(SharedMemory.FINAL, "a".repeat(20)));
        assertTrue(memory.tell(SharedMemory.FINAL, "b".repeat(20)));
        assertFalse(memory.tell(SharedMemory.FINAL, "c"));
        assertEquals(List.of("a".repeat(20), "b".repeat(20)), texts(host.receive()));
        assertTrue(memory.tell(SharedMemory.FINAL, "c"));
        assertEquals(List.of("c"), texts(host.receive()));
    }

    @Test
    void aLongTextIsCutBetweenTwoCharacters() {
        FakeHost host = new FakeHost(48_000, 1, 64, 16_384);
        SharedMemory memory = new SharedMemory(host.memory);
        assertTrue(memory.tell(SharedMemory.FINAL, "x" + "\u00e4".repeat(4000)));
        assertEquals(List.of("x" + "\u00e4".repeat((SharedMemory.MAX_TEXT_BYTES - 1) / 2)), texts(host.receive()));
    }

    @Test
    void aLetterIsTakenOnce() {
        FakeHost host = new FakeHost(48_000, 1, 64, 64);
        SharedMemory memory = new SharedMemory(host.memory);
        assertEquals("", memory.takeLetter());
        assertTrue(host.post("/tmp/w\u00f6rter.txt"));
        assertFalse(host.post("/tmp/other.txt"), "the box is full");
        assertEquals("/tmp/w\u00f6rter.txt", memory.takeLetter());
        assertEquals("", memory.takeLetter());
    }

    @Test
    void anotherVersionOfTheNativeHalfIsRefused() {
        FakeHost host = new FakeHost(48_000, 1, 64, 64);
        host.memory.putInt(0, 99);
        IllegalStateException e = assertThrows(IllegalStateException.class, () -> new SharedMemory(host.memory));
        assertEquals(
                "the native half has layout=99, the Java half layout=" + SharedMemory.LAYOUT
                        + "; build the bundle again",
                e.getMessage());
    }

    @Test
    void memoryOfAnotherSizeIsRefused() {
        FakeHost host = new FakeHost(48_000, 1, 64, 64);
        host.memory.putInt(12, 128);
        IllegalStateException e = assertThrows(IllegalStateException.class, () -> new SharedMemory(host.memory));
        assertEquals("the native half gives bytes=5312, expected 5568; build the bundle again", e.getMessage());
    }

    private static List<String> texts(List<Message> messages) {
        return messages.stream().map(Message::text).toList();
    }
}
