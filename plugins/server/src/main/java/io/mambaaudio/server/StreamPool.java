package io.mambaaudio.server;

import io.mambaaudio.engine.StepScheduler;
import io.mambaaudio.engine.StreamFormat;
import io.mambaaudio.models.ModelException;
import io.mambaaudio.speech.Hotwords;
import io.mambaaudio.speech.SpeechException;
import io.mambaaudio.speech.Transcriber;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.DoubleAdder;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;

/** The streams that are open, over one model and one scheduler. Admits only as many as can be heard in time. Any thread. */
final class StreamPool implements AutoCloseable {
    /** Nobody else is let in while more than this share of the slices was late, over so many seconds: one hiccup is not enough. */
    private static final double LATE_SHARE = 0.05;

    private static final int LATE_SECONDS = 5;
    /** Enough work in a second to say how fast it was. */
    private static final long LEAST_BUSY_NANOS = 300_000_000;

    private final Settings settings;
    private final Supplier<Transcriber.Builder> recogniser;
    private final Metrics metrics;
    private final StepScheduler<LiveStream> scheduler;
    private final Set<LiveStream> open = ConcurrentHashMap.newKeySet();
    /** These, and those that are spare. */
    private final Set<LiveStream> alive = ConcurrentHashMap.newKeySet();
    /** Streams that are over and can be used again: a state is large, and clients come and go. */
    private final Map<StreamFormat, Deque<LiveStream>> spare = new ConcurrentHashMap<>();

    private final AtomicInteger spares = new AtomicInteger();
    private final AtomicInteger live = new AtomicInteger();
    private final AtomicInteger uploads = new AtomicInteger();
    private final LongAdder pastSteps = new LongAdder();
    private final DoubleAdder pastStepSeconds = new DoubleAdder();
    private final LongAdder heardNanos = new LongAdder();
    private volatile Capacity.Measured capacity;
    private final String description;
    private volatile boolean draining;
    private volatile boolean late;
    private final Deque<StepScheduler.Stats> lastSeconds = new ArrayDeque<>(); // of the ticker
    private long busyBefore; // of the ticker
    private long heardBefore;

    /** What a stream is for. Both are heard by the same threads, but a file can wait. */
    enum Kind {
        LIVE,
        FILE
    }

    /** Measures this machine, which takes some seconds. */
    StreamPool(Settings settings, Supplier<Transcriber.Builder> recogniser, Metrics metrics)
            throws InterruptedException {
        this.settings = settings;
        this.recogniser = recogniser;
        this.metrics = metrics;
        this.scheduler = new StepScheduler<>("mamba-audio-step", settings.threads(), 1, Capacity.steps());
        Supplier<LiveStream> trial = () -> stream(Capacity.format(), Optional.empty());
        try {
            LiveStream first = trial.get();
            description = first.describe();
            close(first);
            capacity = Capacity.measure(settings.threads(), trial, this::close);
        } catch (RuntimeException | InterruptedException e) {
            scheduler.close();
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
            LiveStream stream = hotwords.isPresent() ? stream(format, hotwords) : spareOrNew(format);
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

    private LiveStream spareOrNew(StreamFormat format) {
        Deque<LiveStream> fitting = spare.get(format);
        LiveStream used = fitting == null ? null : fitting.pollLast();
        if (used == null) {
            return stream(format, Optional.empty());
        }
        spares.decrementAndGet();
        return used;
    }

    private LiveStream stream(StreamFormat format, Optional<Hotwords> hotwords) {
        LiveStream stream = new LiveStream(
                listener -> {
                    Transcriber.Builder builder = recogniser.get().listener(listener);
                    hotwords.ifPresent(builder::hotwords);
                    return builder.build();
                },
                format,
                scheduler,
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
        if (kind == Kind.LIVE && wanted > maxStreams()) {
            throw new Refused(Refused.Why.FULL, maxStreams() + " streams are open already; try again later");
        }
        if (kind == Kind.LIVE && late) {
            throw new Refused(Refused.Why.LATE, "the streams that are open are heard late just now; try again later");
        }
    }

    /** Gives a stream up. */
    void release(Kind kind, LiveStream stream) {
        if (open.remove(stream)) {
            if (!keep(stream)) {
                close(stream);
            }
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
        if (draining || !stream.isPlain() || spares.get() >= maxStreams()) {
            return false;
        }
        try {
            var _ = stream.settle();
            stream.restart();
        } catch (RuntimeException e) {
            return false; // it failed, or is still being heard
        }
        spares.incrementAndGet();
        spare.computeIfAbsent(stream.format(), format -> new ConcurrentLinkedDeque<>())
                .addLast(stream);
        return true;
    }

    /** Once a second, by one thread: looks whether the streams are heard in time, and how fast. */
    void tick() {
        StepScheduler.Stats stats = scheduler.stats();
        long busy = stats.busyNanos() - busyBefore;
        long heard = heardNanos.sum() - heardBefore;
        busyBefore += busy;
        heardBefore += heard;
        if (busy > LEAST_BUSY_NANOS) {
            capacity = capacity.or((double) settings.threads() * heard / busy);
        }
        lastSeconds.addLast(stats);
        StepScheduler.Stats then =
                lastSeconds.size() > LATE_SECONDS ? lastSeconds.removeFirst() : lastSeconds.getFirst();
        late = stats.misses() - then.misses() > LATE_SHARE * (stats.runs() - then.runs());
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
        return Math.min(settings.maxStreams().orElse(Integer.MAX_VALUE), capacity.streams());
    }

    Capacity.Measured capacity() {
        return capacity;
    }

    int openStreams() {
        return live.get() + uploads.get();
    }

    /** Model and backend, in one line. */
    String description() {
        return description;
    }

    Metrics.Moment moment(int parked, int connections) {
        long steps = pastSteps.sum();
        double seconds = pastStepSeconds.sum();
        double worst = 0;
        for (LiveStream stream : alive) {
            steps += stream.steps();
            seconds += stream.stepSeconds();
            worst = Math.max(worst, stream.worstStepSeconds());
        }
        return new Metrics.Moment(
                live.get(), uploads.get(), maxStreams(), parked, connections, steps, seconds, worst, scheduler.stats());
    }

    @Override
    public void close() {
        alive.forEach(LiveStream::close);
        scheduler.close();
    }
}
