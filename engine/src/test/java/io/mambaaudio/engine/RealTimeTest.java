package io.mambaaudio.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Nothing is allocated on the worker thread once warm; the counter is shown to work by a processor that does allocate. */
@Timeout(60)
final class RealTimeTest {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final int WARM_BLOCKS = 20_000;
    private static final int BLOCKS = 10_000;
    private static final int STRETCHES = 4;
    private static final StreamFormat FORMAT = new StreamFormat(16_000, 2);

    /**
     * Asks the worker thread, from within, what it allocated over 10,000 blocks; the least of four such stretches, as the JVM
     * itself may allocate once more where a rare path is taken for the first time.
     */
    private static class Probe extends Fakes.Recorder {
        long allocated = Long.MAX_VALUE;
        private long before;
        private int blocks;

        Probe() {
            super("probe");
        }

        @Override
        public void process(float[][] in, float[][] out, int frames) {
            blocks++;
            if (blocks >= WARM_BLOCKS && blocks % BLOCKS == 0) {
                long now = THREADS.getCurrentThreadAllocatedBytes();
                allocated = blocks == WARM_BLOCKS ? allocated : Math.min(allocated, now - before);
                before = now;
            }
            System.arraycopy(in[0], 0, out[0], 0, frames);
            System.arraycopy(in[1], 0, out[1], 0, frames);
        }
    }

    private static long allocatedBy(Probe probe, AudioOutput output) {
        long frames = (WARM_BLOCKS + STRETCHES * BLOCKS) * 160L;
        Sounds.run(AudioEngine.open(
                AudioInputs.silence(FORMAT, frames),
                List.of(new Gain(), probe, new Meter()),
                output,
                EngineOptions.defaults()));
        return probe.allocated;
    }

    @Test
    void processAllocatesNothingOnceWarm() {
        assertEquals(0, allocatedBy(new Probe(), AudioOutputs.discard()));
    }

    @Test
    void processAllocatesNothingOnceWarmWithAPlaybackThread() {
        assertEquals(0, allocatedBy(new Probe(), new Nowhere()));
    }

    @Test
    void aChainInAnotherHostAllocatesNothingWhileItIsSwitchedAndTurned() {
        Gain gain = new Gain();
        Chain chain = new Chain(List.of(gain, new Meter()));
        chain.prepare(FORMAT, 128);
        float[][] in = new float[2][128];
        float[][] out = new float[2][128];
        long least = Long.MAX_VALUE;
        for (int stretch = 0; stretch < 20; stretch++) {
            long before = THREADS.getCurrentThreadAllocatedBytes();
            for (int block = 0; block < 2_000; block++) {
                gain.gainDb().set(block % 24);
                chain.slots().getFirst().bypass(block % 7 == 0);
                chain.process(in, out, 128);
            }
            least = Math.min(least, THREADS.getCurrentThreadAllocatedBytes() - before);
        }
        assertEquals(0, least);
    }

    @Test
    void theCounterSeesAProcessorThatAllocates() {
        Probe wasteful = new Probe() {
            private byte[] waste = new byte[0];

            @Override
            public void process(float[][] in, float[][] out, int frames) {
                waste = new byte[100 + waste.length % 2];
                super.process(in, out, frames);
            }
        };
        long allocated = allocatedBy(wasteful, AudioOutputs.discard());
        assertTrue(allocated >= 100L * BLOCKS, "only " + allocated + " bytes were seen");
    }

    /** Wants the frames, so that there is a ring and a thread, and forgets them. */
    private static final class Nowhere implements AudioOutput {
        @Override
        public String name() {
            return "nowhere";
        }

        @Override
        public void open(StreamFormat format) {}

        @Override
        public void write(float[][] block, int frames) {}

        @Override
        public void close() {}
    }
}
