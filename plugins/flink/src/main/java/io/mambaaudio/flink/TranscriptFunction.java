package io.mambaaudio.flink;

import io.mambaaudio.flink.LiveStreams.Live;
import io.mambaaudio.flink.StreamPlace.Phase;
import io.mambaaudio.models.ModelException;
import io.mambaaudio.speech.SpeechException;
import io.mambaaudio.speech.TranscriptEvent;
import io.mambaaudio.speech.TranscriptEvent.Final;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.PrimitiveArrayTypeInfo;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.metrics.Counter;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;
import org.jspecify.annotations.Nullable;

/**
 * Transcribes the streams of a subtask. Key: the stream's name. State: what {@link io.mambaaudio.speech.Transcriber#save} returns, and
 * a {@link StreamPlace}. Blocks of a stream come in order; what was heard already is left out, what is missing ends the utterance.
 *
 * <p>Between blocks a stream's transcriber stays alive. Its state is written when a checkpoint is taken, or when another stream needs
 * the room, if the function runs in the operator that {@link Transcripts#transcribe} makes, and after every block otherwise: a
 * function alone may write the state of the current key only. Saving costs as much as 30 to 80 ms of sound do, so
 * that writing after every block of 100 ms would cost a third of the machine or more.
 *
 * <p>Time is event time: a stream is idle when the watermark has passed its last sound by {@link TranscriptSettings#idle}. So a
 * restart, however long it takes, ends no utterance.
 */
public final class TranscriptFunction extends KeyedProcessFunction<String, AudioBlock, TranscriptRow> {
    private static final long serialVersionUID = 1L;

    /** Blocks that could not be used. A stream has at most one here, since it fails with the first. */
    public static final OutputTag<RejectedBlock> REJECTED =
            new OutputTag<>("rejected", TypeInformation.of(RejectedBlock.class));

    private final TranscriptSettings settings;
    private transient @Nullable Consumer<String> keySetter;
    private transient @Nullable Task task;

    /**
     * Makes a function that writes the state after every block. {@link Transcripts#transcribe} makes faster ones.
     *
     * @param settings how to recognise
     */
    public TranscriptFunction(TranscriptSettings settings) {
        this.settings = settings;
    }

    /** Lets the function write the state of any key, from now on and before {@link #open}. */
    void keySetter(Consumer<String> setter) {
        keySetter = setter;
    }

    /** A model or a file of words that cannot be had ends the job at once: trying again does not mend it. */
    @Override
    public void open(OpenContext context) {
        try {
            task = new Task();
        } catch (ModelException | SpeechException e) {
            throw new SuppressRestartsException(e);
        }
    }

    @Override
    public void processElement(AudioBlock block, Context context, Collector<TranscriptRow> out) throws Exception {
        task().hear(block, context, out);
    }

    @Override
    public void onTimer(long timestamp, OnTimerContext context, Collector<TranscriptRow> out) throws Exception {
        task().wake(timestamp, context, out);
    }

    /** Writes all that the live transcribers know to the keyed state. */
    void writeAll() {
        task().writeAll();
    }

    private Task task() {
        return Objects.requireNonNull(task, "not open");
    }

    @Override
    public void close() {
        if (task != null) {
            task.close();
        }
        task = null;
    }

    /** The function at work in a subtask. */
    private final class Task implements AutoCloseable {
        private final ValueState<byte[]> sound = getRuntimeContext()
                .getState(new ValueStateDescriptor<>(
                        "transcriber", PrimitiveArrayTypeInfo.BYTE_PRIMITIVE_ARRAY_TYPE_INFO));
        private final ValueState<StreamPlace> places = getRuntimeContext()
                .getState(new ValueStateDescriptor<>("place", TypeInformation.of(StreamPlace.class)));
        private final SharedRecogniser recogniser = SharedRecogniser.open(settings.recogniser());
        private final LiveStreams live = new LiveStreams(recogniser, settings.liveStreams(), this::write);
        private final Counter duplicates = counter("duplicateBlocks");
        private final Counter gaps = counter("gaps");
        private final Counter rejected = counter("rejectedBlocks");
        private final long idleMillis = settings.idle().toMillis();
        private final long forgetMillis = settings.forget().toMillis();
        private @Nullable String currentKey;

        private Counter counter(String name) {
            return getRuntimeContext().getMetricGroup().counter(name);
        }

        void hear(AudioBlock block, Context context, Collector<TranscriptRow> out) throws IOException {
            currentKey = context.getCurrentKey();
            StreamPlace place = places.value();
            if (place != null && place.isOver()) {
                rejected.inc();
                return;
            }
            Optional<String> fault = block.fault(place == null ? block.sampleRateHz() : place.sampleRateHz());
            if (fault.isPresent()) {
                reject(block, fault.get(), place, context, out);
            } else if (place == null) {
                StreamPlace start = StreamPlace.at(block);
                context.timerService().registerEventTimeTimer(dueMillis(start));
                accept(block, start, context, out);
            } else if (block.end() <= place.next() && !block.last()) {
                duplicates.inc();
            } else {
                accept(block, place, context, out);
            }
        }

        private void accept(AudioBlock block, StreamPlace before, Context context, Collector<TranscriptRow> out)
                throws IOException {
            String stream = context.getCurrentKey();
            StreamPlace place = before;
            if (place.phase() == Phase.IDLE) {
                place = place.restarted(block.position());
                context.timerService().registerEventTimeTimer(dueMillis(place.heard(block)));
            } else if (block.position() > place.next()) {
                gaps.inc();
                place = finish(stream, place, out).restarted(block.position());
            }
            Live speaker = live(stream, place);
            speaker.hear(block.toFloats((int) Math.min(place.next() - block.position(), block.count())));
            place = tell(stream, speaker, place.heard(block), out);
            if (block.last()) {
                place = finish(stream, place, out).in(Phase.ENDED);
            } else if (keySetter == null) {
                live.write(stream, speaker);
            }
            places.update(place);
        }

        private Live live(String stream, StreamPlace place) throws IOException {
            Live here = live.find(stream);
            return here != null ? here : live.add(stream, place.sampleRateHz(), sound.value());
        }

        /** Finishes the utterance and forgets the sound. */
        private StreamPlace finish(String stream, StreamPlace place, Collector<TranscriptRow> out) throws IOException {
            Live speaker = live(stream, place);
            speaker.finish();
            StreamPlace told = tell(stream, speaker, place, out);
            live.drop(stream);
            sound.clear();
            return told;
        }

        private StreamPlace tell(String stream, Live speaker, StreamPlace place, Collector<TranscriptRow> out) {
            long index = place.rows();
            for (TranscriptEvent event : speaker.heard()) {
                if (settings.partials() || event instanceof Final) {
                    out.collect(TranscriptRow.of(stream, index++, event, place.offsetSeconds()));
                }
            }
            return place.told(index);
        }

        private void reject(
                AudioBlock block,
                String reason,
                @Nullable StreamPlace before,
                Context context,
                Collector<TranscriptRow> out)
                throws IOException {
            rejected.inc();
            String stream = context.getCurrentKey();
            StreamPlace place =
                    before == null ? StreamPlace.unheard(context.timerService().currentWatermark()) : before;
            if (place.phase() == Phase.LIVE) {
                place = finish(stream, place, out);
            }
            place = place.in(Phase.FAILED);
            places.update(place);
            context.timerService().registerEventTimeTimer(dueMillis(place));
            context.output(REJECTED, new RejectedBlock(stream, block.position(), reason));
        }

        /** A stream has one timer, which is set anew when it rings too early, so that a block sets none. */
        void wake(long timestamp, OnTimerContext context, Collector<TranscriptRow> out) throws IOException {
            currentKey = context.getCurrentKey();
            StreamPlace place = places.value();
            if (place == null) {
                return;
            }
            if (timestamp >= dueMillis(place)) {
                if (place.phase() != Phase.LIVE) {
                    places.clear();
                    return;
                }
                place = finish(context.getCurrentKey(), place, out).in(Phase.IDLE);
                places.update(place);
            }
            context.timerService().registerEventTimeTimer(dueMillis(place));
        }

        private long dueMillis(StreamPlace place) {
            return place.heardMillis() + idleMillis + (place.phase() == Phase.LIVE ? 0 : forgetMillis);
        }

        /** Writes the state of any stream: behind it the key is the one that Flink had set. */
        private void write(String stream, byte[] saved) {
            try {
                if (keySetter == null || stream.equals(currentKey)) {
                    sound.update(saved);
                } else {
                    keySetter.accept(stream);
                    sound.update(saved);
                    if (currentKey != null) {
                        keySetter.accept(currentKey);
                    }
                }
            } catch (IOException e) {
                throw new UncheckedIOException("the state of stream " + stream + " cannot be written", e);
            }
        }

        /** What the live transcribers know goes into the keyed state, whatever key was set before. */
        void writeAll() {
            currentKey = null;
            live.writeAll();
        }

        @Override
        public void close() {
            live.close();
            recogniser.close();
        }
    }
}
