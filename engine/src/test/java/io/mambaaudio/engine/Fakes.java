package io.mambaaudio.engine;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/** Devices and processors that misbehave on purpose. */
final class Fakes {
    private Fakes() {}

    /** Keeps all that it is given and what is called on it; passes the sound on. */
    static class Recorder implements Processor {
        final List<String> calls = Collections.synchronizedList(new ArrayList<>());
        final ArrayOutput heard = new ArrayOutput();
        private final String id;

        Recorder(String id) {
            this.id = id;
        }

        @Override
        public String id() {
            return id;
        }

        @Override
        public StreamFormat prepare(StreamFormat format, int maxFrames) {
            calls.add("prepare");
            heard.open(format);
            return format;
        }

        @Override
        public void process(float[][] in, float[][] out, int frames) {
            heard.write(in, frames);
            for (int c = 0; c < out.length; c++) {
                System.arraycopy(in[c], 0, out[c], 0, frames);
            }
        }

        @Override
        public void finish() {
            calls.add("finish");
        }

        @Override
        public void reset() {
            calls.add("reset");
        }

        @Override
        public void close() {
            calls.add("close");
        }
    }

    /** A live input: an array in small pieces, at a pace if wanted, and then what a subclass does at the end. */
    static class Microphone implements AudioInput {
        private final float[][] samples;
        private final int rate;
        private final double speed; // times real time; 0 is without pace
        final AtomicInteger given = new AtomicInteger();
        volatile boolean stopped;
        volatile boolean closed;
        private long start;

        Microphone(float[][] samples, int rate, double speed) {
            this.samples = samples;
            this.rate = rate;
            this.speed = speed;
        }

        @Override
        public String name() {
            return "fake microphone";
        }

        @Override
        public StreamFormat format() {
            return new StreamFormat(rate, samples.length);
        }

        @Override
        public void start() {
            start = System.nanoTime();
        }

        @Override
        public int read(float[][] block, int maxFrames) {
            int there = speed == 0 ? samples[0].length : (int) ((System.nanoTime() - start) * speed * rate / 1e9);
            int frames = Math.min(Math.min(maxFrames, 37), Math.min(there, samples[0].length) - given.get());
            if (given.get() == samples[0].length) {
                return atTheEnd();
            }
            if (frames <= 0) {
                LockSupport.parkNanos(200_000);
                return stopped ? -1 : 0;
            }
            for (int c = 0; c < samples.length; c++) {
                System.arraycopy(samples[c], given.get(), block[c], 0, frames);
            }
            given.addAndGet(frames);
            return frames;
        }

        int atTheEnd() {
            return -1;
        }

        @Override
        public void stop() {
            stopped = true;
        }

        @Override
        public boolean live() {
            return true;
        }

        @Override
        public void close() {
            closed = true;
        }
    }

    /** Waits for ever, deaf to interrupts, as some drivers do. */
    static void hang(CountDownLatch released) {
        boolean waiting = true;
        while (waiting) {
            try {
                released.await();
                waiting = false;
            } catch (InterruptedException e) {
                // deaf
            }
        }
    }

    /** The live threads of engines, a moment after other tests released theirs. */
    static List<String> engineThreadsWhenSettled() throws InterruptedException {
        List<String> names = engineThreads();
        for (int i = 0; i < 100 && !names.isEmpty(); i++) {
            Thread.sleep(20);
            names = engineThreads();
        }
        return names;
    }

    private static List<String> engineThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.startsWith("mamba-"))
                .toList();
    }
}
