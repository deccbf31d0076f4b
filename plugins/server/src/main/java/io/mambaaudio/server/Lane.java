package io.mambaaudio.server;

import io.mambaaudio.engine.StepScheduler;
import io.mambaaudio.engine.StreamFormat;
import io.mambaaudio.speech.Transcriber;
import io.mambaaudio.speech.TranscriberBatch;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;

/**
 * One computing thread, the streams that belong to it, and the batch in which their models step. What comes due while a batch runs
 * gathers, and is the next batch: alone if the machine has time, more the less it has. Any thread.
 */
final class Lane implements AutoCloseable {
    private final TranscriberBatch batch;
    private final IntConsumer told;
    private final StepScheduler<LiveStream> scheduler;
    /** Streams that are over and can be used again: a state is large, and clients come and go. */
    private final Map<StreamFormat, Deque<LiveStream>> spare = new ConcurrentHashMap<>();

    private final AtomicInteger spares = new AtomicInteger();
    private final AtomicInteger open = new AtomicInteger();
    private final List<Transcriber> transcribers = new ArrayList<>(); // during a step, of its thread

    /**
     * A lane whose thread runs.
     *
     * @param told the number of streams in each batch, before it is stepped
     */
    Lane(String name, TranscriberBatch batch, IntConsumer told) {
        this.batch = batch;
        this.told = told;
        scheduler = new StepScheduler<>(name, 1, 1, this::step);
    }

    TranscriberBatch batch() {
        return batch;
    }

    StepScheduler.Slot<LiveStream> slot(LiveStream stream) {
        return scheduler.open(stream);
    }

    StepScheduler.Stats stats() {
        return scheduler.stats();
    }

    void maxBatch(int streams) {
        scheduler.maxBatch(streams);
    }

    /** Streams in use, files included. */
    AtomicInteger open() {
        return open;
    }

    /** A slice of each: the sound of one after the other, the steps of all together, the words of one after the other. */
    private void step(List<LiveStream> due) {
        try {
            told.accept(due.size());
            for (LiveStream stream : due) {
                if (stream.hear()) {
                    transcribers.add(stream.transcriber());
                }
            }
            batch.step(transcribers, (transcriber, thrown) -> due.stream()
                    .filter(stream -> stream.transcriber() == transcriber)
                    .forEach(stream -> stream.fail(thrown)));
        } catch (RuntimeException | Error e) {
            due.forEach(stream -> stream.fail(new IllegalStateException("the server failed at this sound", e)));
            throw e; // for the log
        } finally {
            transcribers.clear();
            due.forEach(LiveStream::heard);
        }
    }

    void keep(LiveStream over) {
        spares.incrementAndGet();
        spare.computeIfAbsent(over.format(), format -> new ConcurrentLinkedDeque<>())
                .addLast(over);
    }

    /** A used one like that, at its start. */
    Optional<LiveStream> spare(StreamFormat format) {
        Deque<LiveStream> fitting = spare.get(format);
        Optional<LiveStream> used = fitting == null ? Optional.empty() : Optional.ofNullable(fitting.pollLast());
        used.ifPresent(stream -> spares.decrementAndGet());
        return used;
    }

    /** Any used one, whose place another needs. */
    Optional<LiveStream> anySpare() {
        return spare.keySet().stream()
                .map(this::spare)
                .flatMap(Optional::stream)
                .findFirst();
    }

    int spares() {
        return spares.get();
    }

    /** Ends the thread. The streams and then the batch are closed by who opened them. */
    @Override
    public void close() {
        scheduler.close();
    }
}
