package io.mambaaudio.speech;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/** Counts the bytes that a thread allocates, and shows each time that it would notice one. */
final class Allocation {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    static volatile Object kept = "";
    static volatile float used;

    private Allocation() {}

    static void use(float value) {
        used = value;
    }

    private static final int ROUNDS = 4;

    /**
     * Runs often to warm up, then as often again, which must allocate nothing. The compiler may still swap code in under the first
     * counted rounds and leave a few bytes; what the body allocates it allocates in every round.
     */
    static void check(int times, Runnable body) {
        for (int i = 0; i < times; i++) {
            body.run();
        }
        long least = Long.MAX_VALUE;
        for (int round = 0; round < ROUNDS && least > 0; round++) {
            least = Math.min(least, bytes(times, body));
        }
        assertEquals(0, least, "bytes allocated by " + times + " warm runs");
        long control = bytes(times, () -> {
            body.run();
            kept = new byte[1];
        });
        assertTrue(control >= 16L * times, "the counter sees no allocation: " + control);
    }

    private static long bytes(int times, Runnable body) {
        long before = THREADS.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < times; i++) {
            body.run();
        }
        return THREADS.getCurrentThreadAllocatedBytes() - before;
    }
}
