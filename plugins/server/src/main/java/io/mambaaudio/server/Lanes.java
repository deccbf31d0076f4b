package io.mambaaudio.server;

import io.mambaaudio.engine.StepScheduler;
import io.mambaaudio.models.Backend;
import io.mambaaudio.speech.Transcriber;
import io.mambaaudio.speech.TranscriberBatch;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.IntConsumer;

/** The lanes of one server, over one model on one device. Any thread. */
final class Lanes implements AutoCloseable {
    private final List<Lane> lanes = new ArrayList<>();
    private volatile int maxBatch = 1;

    /**
     * Opens as many lanes as there are to be threads.
     *
     * @param capacity streams that have room in all lanes together, at least
     */
    Lanes(Transcriber.Builder like, int threads, int capacity, IntConsumer told) {
        int each = (capacity + threads - 1) / threads;
        TranscriberBatch first = TranscriberBatch.open(like, each);
        try {
            for (int i = 0; i < threads; i++) {
                TranscriberBatch batch = i == 0 ? first : first.sibling(each);
                lanes.add(new Lane("mamba-audio-lane-" + (i + 1), batch, told));
            }
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    int count() {
        return lanes.size();
    }

    Lane lane(int i) {
        return lanes.get(i);
    }

    /** The lane with the fewest streams, with one more in it from now on. */
    synchronized Lane enter() {
        Lane lane =
                lanes.stream().min(Comparator.comparingInt(l -> l.open().get())).orElseThrow();
        lane.open().incrementAndGet();
        return lane;
    }

    /** Streams that have room in a lane. */
    int capacityEach() {
        return lanes.getFirst().batch().capacity();
    }

    /** The most streams in a step. */
    void maxBatch(int streams) {
        maxBatch = streams;
        lanes.forEach(lane -> lane.maxBatch(streams));
    }

    int maxBatch() {
        return maxBatch;
    }

    Backend backend() {
        return lanes.getFirst().batch().backend();
    }

    /** Of all lanes together. */
    StepScheduler.Stats stats() {
        return lanes.stream().map(Lane::stats).reduce(StepScheduler.Stats.NONE, StepScheduler.Stats::plus);
    }

    int spares() {
        return lanes.stream().mapToInt(Lane::spares).sum();
    }

    String describe() {
        return lanes.getFirst().batch().describe();
    }

    /** Ends the threads; the streams are closed already. */
    @Override
    public void close() {
        lanes.forEach(Lane::close);
        lanes.forEach(lane -> lane.batch().close());
    }
}
