package io.mambaaudio.server;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mambaaudio.engine.StreamFormat;
import io.mambaaudio.models.ModelException;
import io.mambaaudio.speech.TranscriptEvent;
import io.mambaaudio.speech.TranscriptEvent.Final;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class LanesTest {
    private static final int RATE = 16_000;
    private static final StreamFormat FORMAT = new StreamFormat(RATE, 1);

    private final AtomicInteger largest = new AtomicInteger();
    private volatile Runnable beforeBatch = () -> {};
    private final Lanes lanes = new Lanes(TestKit.recogniser(), 2, 64, size -> {
        largest.accumulateAndGet(size, Math::max);
        beforeBatch.run();
    });

    @AfterEach
    void close() {
        lanes.close();
    }

    private LiveStream open(Lane lane) {
        return new LiveStream(
                listener -> TestKit.recogniser()
                        .batch(lane.batch())
                        .listener(listener)
                        .build(),
                FORMAT,
                lane,
                Duration.ofSeconds(10),
                new LongAdder(),
                true);
    }

    private static float[][] floats(short[] samples, int from, int to) {
        float[][] out = new float[1][to - from];
        for (int i = from; i < to; i++) {
            out[0][i - from] = samples[i] / 32768f;
        }
        return out;
    }

    private static void keepFinals(List<TranscriptEvent> events, List<Final> finals) {
        for (TranscriptEvent event : events) {
            if (event instanceof Final last) {
                finals.add(last);
            }
        }
    }

    /** A whole recording in blocks of any length; in the middle the stream may move to another lane. */
    private List<Final> speak(short[] sound, long seed, boolean moves) throws InterruptedException {
        SplittableRandom random = new SplittableRandom(seed);
        LiveStream stream = open(lanes.enter());
        List<Final> finals = new ArrayList<>();
        for (int at = 0; at < sound.length; ) {
            int n = Math.min(sound.length - at, random.nextInt(1, 5000));
            keepFinals(stream.push(floats(sound, at, at + n), n), finals);
            at += n;
            if (moves && random.nextInt(5) == 0) {
                byte[] saved = stream.save();
                stream.lane().open().decrementAndGet();
                stream.close();
                stream = open(lanes.enter());
                stream.restore(saved, at);
            }
        }
        keepFinals(stream.finish(), finals);
        stream.lane().open().decrementAndGet();
        stream.close();
        return finals;
    }

    @Test
    void manyAtOnceOfWhomSomeMoveAndSomeVanishTellWhatEachTellsAlone() throws Exception {
        long seed = 21;
        lanes.maxBatch(16);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<List<Final>>> told = new ArrayList<>();
            List<Future<Boolean>> gone = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                int stream = i;
                told.add(threads.submit(
                        () -> speak(TestKit.sound(seed + stream, RATE, 2 + stream % 3), stream, stream % 4 == 0)));
                if (i % 2 == 0) {
                    gone.add(threads.submit(() -> {
                        LiveStream vanishes = open(lanes.lane(stream / 2 % 2));
                        vanishes.submit(floats(TestKit.sound(stream, RATE, 3), 0, 3 * RATE), 3 * RATE);
                        Thread.sleep(stream % 7);
                        vanishes.close();
                        return true;
                    }));
                }
            }
            for (Future<Boolean> one : gone) {
                assertTrue(one.get());
            }
            for (int i = 0; i < told.size(); i++) {
                short[] sound = TestKit.sound(seed + i, RATE, 2 + i % 3);
                assertEquals(TestKit.alone(sound, RATE), told.get(i).get(), "seed=" + seed + " stream " + i);
            }
        }
        assertTrue(largest.get() > 1, "no batch had more than one stream");
        assertTrue(largest.get() <= 16, "batch of " + largest.get());
        assertEquals(0, lanes.lane(0).open().get() + lanes.lane(1).open().get());
    }

    @Test
    void aStreamThatIsClosedWhileItsBatchRunsLeavesTheOthersBitIdentical() throws Exception {
        short[] sound = TestKit.sound(4, RATE, 1);
        byte[] alone;
        LiveStream quiet = open(lanes.lane(1));
        quiet.push(floats(sound, 0, sound.length), sound.length);
        alone = quiet.save();
        quiet.close();
        lanes.maxBatch(8);
        CountDownLatch running = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        beforeBatch = () -> {
            running.countDown();
            uninterruptibly(go);
        };
        List<LiveStream> streams = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            streams.add(open(lanes.lane(0)));
            streams.getLast().submit(floats(sound, 0, sound.length), sound.length);
        }
        running.await();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<?> closing = threads.submit(() -> streams.get(0).close());
            Future<?> waiting = threads.submit(() -> streams.get(3).close());
            beforeBatch = () -> {};
            go.countDown();
            closing.get();
            waiting.get();
        }
        for (int i : new int[] {1, 2, 4, 5}) {
            var _ = streams.get(i).settle();
            assertArrayEquals(alone, streams.get(i).save(), "stream " + i);
            streams.get(i).close();
        }
        assertTrue(largest.get() >= 4, "largest batch " + largest.get());
    }

    private static void uninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void aFailureOfTheDeviceIsToldToEachOfTheBatchAndTheLaneGoesOn() throws Exception {
        short[] sound = TestKit.sound(4, RATE, 1);
        LiveStream stream = open(lanes.lane(0));
        beforeBatch = () -> {
            throw new ModelException("on purpose: this trace is part of the test");
        };
        IllegalStateException told = assertThrows(
                IllegalStateException.class, () -> stream.push(floats(sound, 0, sound.length), sound.length));
        assertEquals("the server failed at this sound", told.getMessage());
        beforeBatch = () -> {};
        stream.restart();
        List<Final> finals = new ArrayList<>();
        keepFinals(stream.push(floats(sound, 0, sound.length), sound.length), finals);
        keepFinals(stream.finish(), finals);
        assertEquals(TestKit.alone(sound, RATE), finals);
        stream.close();
    }

    @Test
    void newStreamsGoWhereTheFewestAre() {
        Lane first = lanes.enter();
        Lane second = lanes.enter();
        assertFalse(first == second);
        second.open().decrementAndGet();
        assertSame(second, lanes.enter());
    }

    private static Settings settings(OptionalInt maxStreams) {
        return new Settings(
                "127.0.0.1",
                0,
                OptionalInt.empty(),
                maxStreams,
                1,
                1,
                100,
                1 << 16,
                1 << 20,
                Duration.ofMillis(200),
                Duration.ofSeconds(60),
                Duration.ofSeconds(10),
                Duration.ofSeconds(60),
                Optional.empty());
    }

    private static void sleep(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void aSlowBackendLetsInOnlyAsManyAsItCanHearInTime() throws Exception {
        try (StreamPool pool =
                new StreamPool(settings(OptionalInt.empty()), TestKit::recogniser, new Metrics(), n -> sleep(3L * n))) {
            int most = pool.maxStreams();
            assertTrue(most >= 1 && most <= 25, "3 ms for 0.1 s of sound are 33 times real time at best; most=" + most);
            List<LiveStream> streams = new ArrayList<>();
            for (int i = 0; i < most; i++) {
                streams.add(pool.open(StreamPool.Kind.LIVE, "test", FORMAT, Optional.empty()));
            }
            assertRefused(pool, most);
            pool.release(StreamPool.Kind.LIVE, streams.getFirst());
            pool.release(StreamPool.Kind.LIVE, pool.open(StreamPool.Kind.LIVE, "test", FORMAT, Optional.empty()));
        }
    }

    private static void assertRefused(StreamPool pool, int open) {
        Refused refused =
                assertThrows(Refused.class, () -> pool.open(StreamPool.Kind.LIVE, "test", FORMAT, Optional.empty()));
        assertEquals(Refused.Why.BUSY, refused.why());
        String reason = String.valueOf(refused.getMessage());
        assertTrue(
                reason.matches(open + " streams are open already, and this machine hears [0-9.]+ times real time"
                        + " just now; try again later"),
                reason);
        assertEquals(Optional.of(reason), pool.refusal());
    }

    @Test
    void aBackendThatBecomesSlowRefusesNewStreamsAndKeepsThoseThatAreOpen() throws Exception {
        AtomicInteger millis = new AtomicInteger();
        short[] sound = TestKit.sound(6, RATE, 2);
        try (StreamPool pool = new StreamPool(
                        settings(OptionalInt.empty()),
                        TestKit::recogniser,
                        new Metrics(),
                        n -> sleep((long) millis.get() * n));
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            assertTrue(pool.maxStreams() > 12, "most=" + pool.maxStreams());
            List<LiveStream> streams = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                streams.add(pool.open(StreamPool.Kind.LIVE, "test", FORMAT, Optional.empty()));
            }
            millis.set(15);
            pool.tick();
            List<Future<List<Final>>> told = streams.stream()
                    .map(stream -> threads.submit(() -> paced(stream, sound)))
                    .toList();
            Thread.sleep(1200);
            pool.tick();
            int most = pool.maxStreams();
            assertTrue(most <= 6, "15 ms for 0.1 s of sound are 6.7 times real time at best; most=" + most);
            for (int open = 4; open < most; open++) {
                streams.add(pool.open(StreamPool.Kind.LIVE, "test", FORMAT, Optional.empty()));
            }
            assertRefused(pool, Math.max(4, most));
            for (Future<List<Final>> one : told) {
                assertEquals(TestKit.alone(sound, RATE), one.get());
            }
        }
    }

    private static List<Final> paced(LiveStream stream, short[] sound) throws InterruptedException {
        List<Final> finals = new ArrayList<>();
        for (int at = 0; at < sound.length; at += 1600) {
            Thread.sleep(90);
            keepFinals(stream.push(floats(sound, at, at + 1600), 1600), finals);
        }
        keepFinals(stream.finish(), finals);
        return finals;
    }
}
