package io.mambaaudio.flink;

import io.mambaaudio.engine.StreamFormat;
import io.mambaaudio.speech.Transcriber;
import io.mambaaudio.speech.TranscriptEvent;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The transcribers of a subtask: at most so many at once, the one that was used least recently makes room. What a transcriber knows
 * more than Flink's state is written there through a {@link Store}. One thread at a time.
 */
final class LiveStreams implements AutoCloseable {
    /** Flink's state of any stream. */
    interface Store {
        /** Keeps the bytes as the state of the stream. */
        void write(String stream, byte[] saved);
    }

    /** One stream's transcriber. */
    static final class Live {
        private final Transcriber transcriber;
        private final List<TranscriptEvent> heard;
        private int rateHz;
        private boolean dirty;

        private Live(SharedRecogniser recogniser) {
            heard = new ArrayList<>();
            transcriber = recogniser.transcriber(heard::add);
        }

        private void prepare(int sampleRateHz) {
            if (sampleRateHz == rateHz) {
                transcriber.reset();
            } else {
                transcriber.prepare(new StreamFormat(sampleRateHz, 1), AudioBlock.MAX_SECONDS * sampleRateHz);
                rateHz = sampleRateHz;
            }
        }

        void hear(float[] samples) {
            float[][] sound = {samples};
            transcriber.process(sound, sound, samples.length);
            dirty = true;
        }

        void finish() {
            transcriber.finish();
        }

        /** The events since the last call. */
        List<TranscriptEvent> heard() {
            List<TranscriptEvent> events = List.copyOf(heard);
            heard.clear();
            return events;
        }

        byte[] save() {
            return transcriber.save();
        }
    }

    private final SharedRecogniser recogniser;
    private final int capacity;
    private final Store store;
    private final Map<String, Live> live = new LinkedHashMap<>(16, 0.75f, true); // least recently used first
    private final Deque<Live> free = new ArrayDeque<>();

    LiveStreams(SharedRecogniser recogniser, int capacity, Store store) {
        this.recogniser = recogniser;
        this.capacity = capacity;
        this.store = store;
    }

    /** The stream's transcriber, if it is here. */
    @Nullable
    Live find(String stream) {
        return live.get(stream);
    }

    /**
     * A transcriber for a stream that has none here.
     *
     * @param saved what the stream's transcriber saved; null for a new stream
     */
    Live add(String stream, int sampleRateHz, byte @Nullable [] saved) {
        Live next = live.size() >= capacity ? evict() : free.isEmpty() ? new Live(recogniser) : free.pop();
        next.prepare(sampleRateHz);
        if (saved != null) {
            next.transcriber.restore(saved);
        }
        next.dirty = saved == null;
        live.put(stream, next);
        return next;
    }

    private Live evict() {
        Map.Entry<String, Live> eldest = live.entrySet().iterator().next();
        Live evicted = eldest.getValue();
        String stream = eldest.getKey();
        live.remove(stream);
        write(stream, evicted);
        return evicted;
    }

    /** Lets a stream's transcriber go, and what it knows. */
    void drop(String stream) {
        Live dropped = live.remove(stream);
        if (dropped != null) {
            free.push(dropped);
        }
    }

    /** Writes what changed since the last call. */
    void writeAll() {
        live.forEach(this::write);
    }

    void write(String stream, Live changed) {
        if (changed.dirty) {
            store.write(stream, changed.save());
            changed.dirty = false;
        }
    }

    int size() {
        return live.size();
    }

    @Override
    public void close() {
        live.values().forEach(l -> l.transcriber.close());
        free.forEach(l -> l.transcriber.close());
        live.clear();
        free.clear();
    }
}
