package io.mambaaudio.dsp;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/** Counts what a piece of code allocates. */
final class Allocations {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private Allocations() {}

    /** The fewest bytes that this thread allocated in one of some runs, so that the compiler's and the JVM's own noise does not count. */
    static long bytes(Runnable code) {
        long least = Long.MAX_VALUE;
        for (int run = 0; run < 20; run++) {
            long before = THREADS.getCurrentThreadAllocatedBytes();
            code.run();
            least = Math.min(least, THREADS.getCurrentThreadAllocatedBytes() - before);
        }
        return least;
    }
}
