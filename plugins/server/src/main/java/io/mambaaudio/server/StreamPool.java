package io.mambaaudio.server;

import io.mambaaudio.engine.StreamFormat;
import io.mambaaudio.models.ModelException;
import io.mambaaudio.speech.Hotwords;
import io.mambaaudio.speech.SpeechException;
import io.mambaaudio.speech.Transcriber;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.DoubleAdder;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.IntConsumer;
import java.util.function.Supplier;

/** The streams that are open, over one model. Admits only as many as can be heard in time. Any thread. */
final class StreamPool implements AutoCloseable {
    /** Streams that have room if nobody says how many there will be: in all, and for each thread. */
    private static final int ROOM = 1024;

    private static final int ROOM_EACH = 128;
    /** Of the patience with a stream, what a batch may take: its last stream and those that come due meanwhile wait for it. */
    private static final int BATCHES_IN_PATIENCE = 4;
    /** From this share of the lanes' time on larger batches than the trial's are tried, as far as the patience allows. */
    private static final double CROWDED = 0.8;

    private final Settings settings;
    private final Supplier<Transcriber.Builder> recogniser;
    private final Metrics metrics;
    private final Lanes lanes;
    private final Set<LiveStream> open = ConcurrentHashMap.newKeySet();
    /** These, and those that are spare. */
    private final Set<LiveStream> alive = ConcurrentHashMap.newKeySet();

    private final AtomicInteger live = new AtomicInteger();
    private final AtomicInteger uploads = new AtomicInteger();
    private final LongAdder pastSteps = new LongAdder();
    private final DoubleAdder pastStepSeconds = new DoubleAdder();
    private final LongAdder heardNanos = new LongAdder();
    private final Capacity.Measured trial;
    private final Admission admission;
    private volatile boolean draining;

    /** What a stream is for. Both are heard by the same threads, but a file can wait. */
    enum Kind {
        LIVE,
        FILE
    }

    /** Measures this machine, which takes some seconds. */
    StreamPool(Settings settings, Supplier<Transcriber.Builder> recogniser, Metrics metrics)
            throws InterruptedException {
        this(settings, recogniser, metrics, metrics::batch);
    }

    /** With somebody who is told of each batch before it is stepped, on the thread that will. */
    StreamPool(Settings settings, Supplier<Transcriber.Builder> recogniser, Metrics metrics, IntConsumer beforeBatch)
            throws InterruptedException {
        this.settings = settings;
        this.recogniser = recogniser;
        this.metrics = metrics;
        int threads = settings.threads();
        int room = settings.maxStreams().orElse(Math.max(ROOM, threads * ROOM_EACH)) + settings.maxUploads();
        lanes = new Lanes(recogniser.get(), threads, room, beforeBatch);
        try {
            trial = Capacity.measure(
                    lanes,
                    lane -> stream(lane, Capacity.format(), Optional.empty()),
                    this::close,
                    settings.patience().dividedBy(BATCHES_IN_PATIENCE));
            admission = new Admission(threads, trial.secondsPerSecond());
        } catch (RuntimeException | InterruptedException e) {
            close();
            throw e;
        }
    }

    /**
     * Admits a stream.
     *
     * @param protocol for the metrics
     * @throws Refused with the reason in one line
     */
    LiveStream open(Kind kind, String protocol, StreamFormat format, Optional<Hotwords> hotwords) throws Refused {
        AtomicInteger count = kind == Kind.LIVE ? live : uploads;
        try {
            admit(kind, count.incrementAndGet());
            LiveStream stream = enter(format, hotwords);
            open.add(stream);
            metrics.streamOpened(protocol);
            return stream;
        } catch (SpeechException | ModelException | IllegalArgumentException e) {
            count.decrementAndGet();
            metrics.streamRefused(Refused.Why.UNUSABLE);
            throw new Refused(String.valueOf(e.getMessage()), e);
        } catch (Refused e) {
            count.decrementAndGet();
            metrics.streamRefused(e.why());
            throw e;
        }
    }

    private LiveStream enter(StreamFormat format, Optional<Hotwords> hotwords) {
        Lane lane = lanes.enter();
        try {
            Optional<LiveStream> used = hotwords.isPresent() ? Optional.empty() : lane.spare(format);
            if (used.isEmpty()
                    && lane.open().get() + lane.spares() > lane.batch().capacity()) {
                lane.anySpare().ifPresent(this::close);
            }
            return used.orElseGet(() -> stream(lane, format, hotwords));
        } catch (RuntimeException e) {
            lane.open().decrementAndGet();
            throw e;
        }
    }

    private LiveStream stream(Lane lane, StreamFormat format, Optional<Hotwords> hotwords) {
        LiveStream stream = new LiveStream(
                listener -> {
                    Transcriber.Builder builder =
                            recogniser.get().batch(lane.batch()).listener(listener);
                    hotwords.ifPresent(builder::hotwords);
                    return builder.build();
                },
                format,
                lane,
                settings.patience(),
                heardNanos,
                hotwords.isEmpty());
        alive.add(stream);
        return stream;
    }

    private void admit(Kind kind, int wanted) throws Refused {
        if (draining) {
            throw new Refused(Refused.Why.DRAINING, "the server is stopping; try another");
        }
        if (kind == Kind.FILE && wanted > settings.maxUploads()) {
            throw new Refused(
                    Refused.Why.FULL, settings.maxUploads() + " files are being transcribed already; try again later");
        }
        if (kind == Kind.LIVE && wanted > settings.maxStreams().orElse(Integer.MAX_VALUE)) {
            throw new Refused(Refused.Why.FULL, (wanted - 1) + " streams are open already; try again later");
        }
        if (kind == Kind.LIVE && wanted > admission.streams()) {
            throw new Refused(
                    Refused.Why.BUSY,
                    "%d streams are open already, and this machine hears %.1f times real time just now; try again later"
                            .formatted(wanted - 1, admission.secondsPerSecond()));
        }
        if (kind == Kind.LIVE && admission.isLate()) {
            throw new Refused(Refused.Why.LATE, "the streams that are open are heard late just now; try again later");
        }
    }

    /** Gives a stream up. */
    void release(Kind kind, LiveStream stream) {
        if (open.remove(stream)) {
            if (!keep(stream)) {
                close(stream);
            }
            stream.lane().open().decrementAndGet();
            (kind == Kind.LIVE ? live : uploads).decrementAndGet();
        }
    }

    private void close(LiveStream stream) {
        stream.close();
        alive.remove(stream);
        pastSteps.add(stream.steps());
        pastStepSeconds.add(stream.stepSeconds());
    }

    private boolean keep(LiveStream stream) {
        if (draining || !stream.isPlain() || lanes.spares() >= maxStreams()) {
            return false;
        }
        try {
            var _ = stream.settle();
            stream.restart();
        } catch (RuntimeException e) {
            return false; // it failed, or is still being heard
        }
        stream.lane().keep(stream);
        return true;
    }

    /** Once a second, by one thread: looks whether the streams are heard in time, and at what cost. */
    void tick() {
        admission.tick(lanes.stats(), heardNanos.sum(), System.nanoTime());
        if (admission.load() > CROWDED) {
            double millis = settings.patience().toMillis() / (double) BATCHES_IN_PATIENCE;
            double fits = millis * admission.secondsPerSecond() / (LiveStream.SLICE_MILLIS * lanes.count());
            lanes.maxBatch((int) Math.max(lanes.maxBatch(), Math.min(fits, 2.0 * lanes.maxBatch())));
        }
    }

    /** No stream is admitted any more. */
    void drain() {
        draining = true;
    }

    boolean isDraining() {
        return draining;
    }

    /** Whether a live stream would be admitted now, as a reason against it. */
    Optional<String> refusal() {
        try {
            admit(Kind.LIVE, live.get() + 1);
            return Optional.empty();
        } catch (Refused e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    int maxStreams() {
        return Math.min(settings.maxStreams().orElse(Integer.MAX_VALUE), admission.streams());
    }

    /** What was found out at the start. */
    Capacity.Measured trial() {
        return trial;
    }

    int openStreams() {
        return live.get() + uploads.get();
    }

    /** Model and backend, in one line. */
    String description() {
        return lanes.describe();
    }

    Metrics.Moment moment(int parked, int saved, int connections) {
        long steps = pastSteps.sum();
        double seconds = pastStepSeconds.sum();
        double worst = 0;
        for (LiveStream stream : alive) {
            steps += stream.steps();
            seconds += stream.stepSeconds();
            worst = Math.max(worst, stream.worstStepSeconds());
        }
        return new Metrics.Moment(
                live.get(),
                uploads.get(),
                maxStreams(),
                parked,
                saved,
                connections,
                steps,
                seconds,
                worst,
                admission.secondsPerSecond(),
                admission.load(),
                lanes.maxBatch(),
                lanes.stats());
    }

    @Override
    public void close() {
        alive.forEach(LiveStream::close);
        lanes.close();
    }
}
