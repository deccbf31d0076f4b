package io.mambaaudio.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
final class StepSchedulerTest {
    /** A stream that counts how often it was run, and whether ever by two threads at once. */
    private static final class Counter {
        private final AtomicInteger inside = new AtomicInteger();
        private final AtomicInteger runs = new AtomicInteger();
        private final AtomicInteger overlaps = new AtomicInteger();

        void run() {
            if (inside.incrementAndGet() > 1) {
                overlaps.incrementAndGet();
            }
            runs.incrementAndGet();
            Thread.onSpinWait();
            inside.decrementAndGet();
        }
    }

    private static long in(long millis) {
        return System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    }

    @Test
    void theEarliestDeadlineRunsFirst() throws InterruptedException {
        List<String> order = Collections.synchronizedList(new ArrayList<>());
        CountDownLatch started = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        Semaphore ran = new Semaphore(0);
        try (StepScheduler<String> scheduler = new StepScheduler<>("test", 1, 1, due -> {
            started.countDown();
            awaitQuietly(go);
            order.addAll(due);
            ran.release(due.size());
        })) {
            scheduler.open("blocker").due(in(0));
            started.await();
            scheduler.open("late").due(in(3000));
            scheduler.open("soon").due(in(10));
            StepScheduler.Slot<String> moved = scheduler.open("moved");
            moved.due(in(5000));
            moved.due(in(1000));
            go.countDown();
            assertTrue(ran.tryAcquire(4, 10, TimeUnit.SECONDS));
        }
        assertEquals(List.of("blocker", "soon", "moved", "late"), order);
    }

    @Test
    void whatComesDueDuringABatchIsTakenTogether() throws InterruptedException {
        List<Integer> sizes = Collections.synchronizedList(new ArrayList<>());
        CountDownLatch started = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        Semaphore ran = new Semaphore(0);
        try (StepScheduler<Integer> scheduler = new StepScheduler<>("test", 1, 4, due -> {
            sizes.add(due.size());
            started.countDown();
            awaitQuietly(go);
            ran.release(due.size());
        })) {
            scheduler.open(0).due(in(0));
            started.await();
            for (int i = 1; i <= 6; i++) {
                scheduler.open(i).due(in(i));
            }
            go.countDown();
            assertTrue(ran.tryAcquire(7, 10, TimeUnit.SECONDS));
        }
        assertEquals(List.of(1, 4, 2), sizes);
    }

    @Test
    void aSlotIsRunByOneThreadAtATimeAndNoWorkIsForgotten() throws InterruptedException {
        long seed = 7;
        SplittableRandom random = new SplittableRandom(seed);
        Semaphore ran = new Semaphore(0);
        List<Counter> counters = new ArrayList<>();
        List<StepScheduler.Slot<Counter>> slots = new ArrayList<>();
        try (StepScheduler<Counter> scheduler = new StepScheduler<>("test", 4, 2, due -> {
            due.forEach(Counter::run);
            ran.release(due.size());
        })) {
            for (int i = 0; i < 20; i++) {
                counters.add(new Counter());
                slots.add(scheduler.open(counters.getLast()));
            }
            for (int i = 0; i < 20_000; i++) {
                slots.get(random.nextInt(slots.size())).due(in(random.nextInt(5)));
            }
            int before = counters.stream().mapToInt(c -> c.runs.get()).sum();
            slots.forEach(slot -> slot.due(in(1)));
            while (scheduler.stats().waiting() > 0) {
                assertTrue(ran.tryAcquire(10, TimeUnit.SECONDS));
            }
            slots.forEach(StepScheduler.Slot::close);
            StepScheduler.Stats stats = scheduler.stats();
            int after = counters.stream().mapToInt(c -> c.runs.get()).sum();
            assertEquals(after, stats.runs(), "seed=" + seed);
            assertTrue(after > before, "the last call of due must lead to a run; before=" + before);
        }
        assertEquals(0, counters.stream().mapToInt(c -> c.overlaps.get()).sum(), "seed=" + seed);
    }

    @Test
    void workThatAsksForMoreRunsAgain() throws InterruptedException {
        CountDownLatch five = new CountDownLatch(5);
        List<StepScheduler.Slot<String>> slot = Collections.synchronizedList(new ArrayList<>());
        try (StepScheduler<String> scheduler = new StepScheduler<>("test", 2, 1, due -> {
            five.countDown();
            if (five.getCount() > 0) {
                slot.getFirst().due(in(1));
            }
        })) {
            slot.add(scheduler.open("again"));
            slot.getFirst().due(in(1));
            assertTrue(five.await(10, TimeUnit.SECONDS));
        }
    }

    @Test
    void aFailureLeavesTheOthersRunning() throws InterruptedException {
        CountDownLatch good = new CountDownLatch(1);
        try (StepScheduler<String> scheduler = new StepScheduler<>("test", 1, 1, due -> {
            if (due.contains("bad")) {
                throw new IllegalStateException("on purpose: this trace is part of the test");
            }
            good.countDown();
        })) {
            scheduler.open("bad").due(in(0));
            scheduler.open("good").due(in(1));
            assertTrue(good.await(10, TimeUnit.SECONDS));
        }
    }

    @Test
    void aClosedSlotIsNotTouchedAnyMore() throws InterruptedException {
        AtomicInteger runs = new AtomicInteger();
        CountDownLatch started = new CountDownLatch(1);
        try (StepScheduler<String> scheduler = new StepScheduler<>("test", 1, 1, due -> {
            started.countDown();
            awaitQuietly(new CountDownLatch(1), 50);
            runs.incrementAndGet();
        })) {
            StepScheduler.Slot<String> slot = scheduler.open("one");
            slot.due(in(0));
            started.await();
            slot.due(in(0));
            slot.close();
            assertEquals(1, runs.get(), "close waits for the run that has begun and forgets the next");
            assertFalse(slot.due(in(0)));
        }
    }

    @Test
    void whatIsDoneTooLateIsCounted() throws InterruptedException {
        Semaphore ran = new Semaphore(0);
        try (StepScheduler<String> scheduler = new StepScheduler<>("test", 1, 1, due -> ran.release())) {
            StepScheduler.Slot<String> late = scheduler.open("late");
            late.due(in(-1000));
            assertTrue(ran.tryAcquire(10, TimeUnit.SECONDS));
            late.close();
            StepScheduler.Slot<String> early = scheduler.open("early");
            early.due(in(60_000));
            assertTrue(ran.tryAcquire(10, TimeUnit.SECONDS));
            early.close();
            assertEquals(1, scheduler.stats().misses());
            assertEquals(2, scheduler.stats().runs());
        }
    }

    @Test
    void anEmptyPoolIsRefused() {
        IllegalArgumentException e =
                assertThrows(IllegalArgumentException.class, () -> new StepScheduler<String>("test", 0, 1, due -> {}));
        assertEquals("threads=0 and maxBatch=1 must be 1 or more; choose the cores, and 1", e.getMessage());
    }

    @Test
    void aTickerGoesOnAfterAFailureAndStopsWhenClosed() throws InterruptedException {
        AtomicInteger ticks = new AtomicInteger();
        CountDownLatch three = new CountDownLatch(3);
        try (Ticker ticker = Ticker.every("test", Duration.ofMillis(1), () -> {
            ticks.incrementAndGet();
            three.countDown();
            throw new IllegalStateException("on purpose: this trace is part of the test");
        })) {
            assertTrue(three.await(10, TimeUnit.SECONDS), ticker::toString);
        }
        Thread.sleep(50);
        int after = ticks.get();
        Thread.sleep(50);
        assertEquals(after, ticks.get());
    }

    private static void awaitQuietly(CountDownLatch latch) {
        awaitQuietly(latch, 10_000);
    }

    private static void awaitQuietly(CountDownLatch latch, long millis) {
        try {
            var _ = latch.await(millis, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
