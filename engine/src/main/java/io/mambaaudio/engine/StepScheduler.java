package io.mambaaudio.engine;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.IntStream;

/**
 * Runs the due work of many streams on a fixed set of threads, the earliest deadline first. It knows slots, deadlines and a batch
 * function, and nothing of what they stand for.
 *
 * <p>A stream opens a {@link Slot} and says {@link Slot#due} when it has work; the batch function is then called with it, by one
 * thread at a time a slot. While a batch runs, what comes due gathers, and a free thread takes as much of it as the function takes at
 * once: a processor with many cores wants many threads and batches of one, a device with many lanes wants one thread and large
 * batches. Nothing waits for a batch to fill.
 *
 * <p>Any thread may call anything here. What a slot's owner wrote before {@link Slot#due} is seen by the batch function.
 *
 * @param <S> what a slot stands for
 */
public final class StepScheduler<S> implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(StepScheduler.class.getName());

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition work = lock.newCondition();
    private final Condition ran = lock.newCondition();
    private final PriorityQueue<Slot<S>> queue =
            new PriorityQueue<>(Comparator.comparingLong((Slot<S> slot) -> slot.deadline - base()));
    private final LogHistogram turnaround = new LogHistogram();
    private final BatchFunction<S> function;
    private volatile int maxBatch;
    private final List<Thread> threads;
    private final long startNanos = System.nanoTime();
    private long runs;
    private long misses;
    private long busyNanos;
    private boolean closed;

    /**
     * Does one bounded piece of work for each of several streams.
     *
     * @param <S> what a slot stands for
     */
    @FunctionalInterface
    public interface BatchFunction<S> {
        /**
         * Does the work. It should not throw: if it does, the failure is logged and the slots go on.
         *
         * @param due at least one stream, each of them once, in the order of their deadlines
         */
        void step(List<S> due);
    }

    /**
     * What has been done.
     *
     * @param waiting slots that are due and not yet taken
     * @param runs pieces of work that were done
     * @param misses those that ended after their deadline
     * @param busyNanos time that threads spent in the batch function, over all threads
     * @param medianNanos from due to done, the median, at most 6.25 % too high
     * @param p99Nanos from due to done, the 99th percentile
     */
    public record Stats(int waiting, long runs, long misses, long busyNanos, long medianNanos, long p99Nanos) {
        /** Before anything was done. */
        public static final Stats NONE = new Stats(0, 0, 0, 0, 0, 0);

        /**
         * Together with what another scheduler has done.
         *
         * @param other its counts
         * @return sums; of the percentiles the worse ones
         */
        public Stats plus(Stats other) {
            return new Stats(
                    waiting + other.waiting,
                    runs + other.runs,
                    misses + other.misses,
                    busyNanos + other.busyNanos,
                    Math.max(medianNanos, other.medianNanos),
                    Math.max(p99Nanos, other.p99Nanos));
        }
    }

    /**
     * Starts the threads.
     *
     * @param name of the threads, a number is added
     * @param threads how many, at least 1
     * @param maxBatch the most slots in a call of the function, at least 1
     * @param function what is run
     */
    public StepScheduler(String name, int threads, int maxBatch, BatchFunction<S> function) {
        if (threads < 1 || maxBatch < 1) {
            throw tooFew(threads, maxBatch);
        }
        this.function = function;
        this.maxBatch = maxBatch;
        this.threads = IntStream.range(0, threads)
                .mapToObj(i ->
                        Thread.ofPlatform().daemon().name(name + "-" + (i + 1)).unstarted(this::serve))
                .toList();
        this.threads.forEach(Thread::start);
    }

    private static IllegalArgumentException tooFew(int threads, int maxBatch) {
        return new IllegalArgumentException(
                "threads=" + threads + " and maxBatch=" + maxBatch + " must be 1 or more; choose the cores, and 1");
    }

    /**
     * Changes how many slots a call of the function has at the most, from the next call on.
     *
     * @param slots at least 1
     */
    public void maxBatch(int slots) {
        if (slots < 1) {
            throw tooFew(threads.size(), slots);
        }
        maxBatch = slots;
    }

    /** Nanoseconds of {@link System#nanoTime} may overflow; their differences to a moment of this run do not. */
    private long base() {
        return startNanos;
    }

    /**
     * A place for a stream.
     *
     * @param stream what the batch function gets
     * @return an idle slot
     */
    public Slot<S> open(S stream) {
        return new Slot<>(this, stream);
    }

    /**
     * What has been done so far.
     *
     * @return a moment's counts
     */
    public Stats stats() {
        lock.lock();
        try {
            return new Stats(
                    queue.size(), runs, misses, busyNanos, turnaround.atFraction(0.5), turnaround.atFraction(0.99));
        } finally {
            lock.unlock();
        }
    }

    /** Ends the threads after the pieces that they are at; what is due and not begun is not done any more. Idempotent. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            work.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void serve() {
        List<Slot<S>> batch = new ArrayList<>(maxBatch);
        List<S> streams = new ArrayList<>(maxBatch);
        while (take(batch)) {
            batch.forEach(slot -> streams.add(slot.stream));
            long before = System.nanoTime();
            run(streams);
            done(batch, System.nanoTime() - before);
            batch.clear();
            streams.clear();
        }
    }

    private boolean take(List<Slot<S>> batch) {
        lock.lock();
        try {
            while (queue.isEmpty() && !closed) {
                work.awaitUninterruptibly();
            }
            while (!closed && batch.size() < maxBatch && !queue.isEmpty()) {
                Slot<S> slot = queue.remove();
                slot.state = State.RUNNING;
                batch.add(slot);
            }
            return !closed;
        } finally {
            lock.unlock();
        }
    }

    private void run(List<S> streams) {
        try {
            function.step(streams);
        } catch (RuntimeException | Error e) {
            LOG.log(System.Logger.Level.ERROR, "a step of " + streams.size() + " streams failed", e);
        }
    }

    private void done(List<Slot<S>> batch, long nanos) {
        lock.lock();
        try {
            busyNanos += nanos;
            long now = System.nanoTime();
            for (Slot<S> slot : batch) {
                runs++;
                misses += now - slot.deadline > 0 ? 1 : 0;
                turnaround.record(now - slot.dueSince);
                boolean again = slot.state == State.RUNNING_AND_DUE;
                slot.state = State.IDLE;
                if (again) {
                    enqueue(slot, slot.nextDeadline, now);
                }
            }
            ran.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void enqueue(Slot<S> slot, long deadline, long now) {
        slot.state = State.WAITING;
        slot.deadline = deadline;
        slot.dueSince = now;
        queue.add(slot);
        work.signal();
    }

    private boolean due(Slot<S> slot, long deadline) {
        lock.lock();
        try {
            if (closed || slot.closed) {
                return false;
            }
            switch (slot.state) {
                case IDLE -> enqueue(slot, deadline, System.nanoTime());
                case RUNNING -> {
                    slot.state = State.RUNNING_AND_DUE;
                    slot.nextDeadline = deadline;
                }
                case RUNNING_AND_DUE -> slot.nextDeadline = earlier(slot.nextDeadline, deadline);
                case WAITING -> {
                    queue.remove(slot);
                    slot.deadline = earlier(slot.deadline, deadline);
                    queue.add(slot);
                }
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    private static long earlier(long a, long b) {
        return a - b < 0 ? a : b;
    }

    private void close(Slot<S> slot) {
        lock.lock();
        try {
            slot.closed = true;
            if (slot.state == State.WAITING) {
                queue.remove(slot);
                slot.state = State.IDLE;
            }
            while (slot.state != State.IDLE) {
                if (slot.state == State.RUNNING_AND_DUE) {
                    slot.state = State.RUNNING;
                }
                ran.awaitUninterruptibly();
            }
        } finally {
            lock.unlock();
        }
    }

    private enum State {
        IDLE,
        WAITING,
        RUNNING,
        RUNNING_AND_DUE
    }

    /**
     * The place of one stream.
     *
     * @param <S> what a slot stands for
     */
    public static final class Slot<S> implements AutoCloseable {
        private final StepScheduler<S> scheduler;
        private final S stream;
        // guarded by the scheduler's lock
        private State state = State.IDLE;
        private long deadline;
        private long nextDeadline;
        private long dueSince;
        private boolean closed;

        private Slot(StepScheduler<S> scheduler, S stream) {
            this.scheduler = scheduler;
            this.stream = stream;
        }

        /**
         * Says that there is work. Said again before the work began, the earlier deadline counts; said while it runs, also by the
         * batch function itself, it runs once more.
         *
         * @param deadlineNanos when it should be done, on the clock of {@link System#nanoTime}
         * @return false if the slot or the scheduler is closed and nothing will be done
         */
        public boolean due(long deadlineNanos) {
            return scheduler.due(this, deadlineNanos);
        }

        /**
         * Gives the place up. Waits for a running piece of work to end, so it must not be called by the batch function; afterwards the
         * stream is not touched any more. Idempotent.
         */
        @Override
        public void close() {
            scheduler.close(this);
        }
    }
}
