package io.mambaaudio.demo.desktop;

import io.mambaaudio.engine.AudioEngine;
import io.mambaaudio.engine.AudioInput;
import io.mambaaudio.engine.AudioOutputs;
import io.mambaaudio.engine.EngineException;
import io.mambaaudio.engine.EngineStats;
import io.mambaaudio.speech.Transcriber;
import io.mambaaudio.speech.TranscriptEvent;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/**
 * One input on its way through the engine, from the first sample to the last word. It is opened and awaited by a background worker,
 * for both may take long; everything else may be asked by the event thread at any time and returns at once.
 */
final class Take implements AutoCloseable {
    private final AudioEngine engine;
    private final Transcriber transcriber;
    private final Columns columns = new Columns();
    private final ScopeTap tap = new ScopeTap(columns);
    private final ConcurrentLinkedQueue<Heard> events = new ConcurrentLinkedQueue<>();
    private final int rateHz;
    private final boolean realTime;
    private final OptionalDouble totalSeconds;
    private double delayMillis = Double.NaN; // event thread

    /** An event, and how long after its sound it came; NaN where that has no meaning. */
    private record Heard(TranscriptEvent event, double delayMillis) {}

    private Take(AudioInput input, Transcriber.Builder builder) {
        rateHz = input.format().sampleRateHz();
        realTime = input.realTime();
        totalSeconds = input.totalFrames().isPresent()
                ? OptionalDouble.of(input.totalFrames().getAsLong() / (double) rateHz)
                : OptionalDouble.empty();
        transcriber = builder.listener(this::hear).build();
        engine = AudioEngine.open(input, List.of(transcriber, tap), AudioOutputs.discard());
    }

    /** Prepares all and starts nothing. The input is closed if that fails. */
    static Take open(AudioInput input, Transcriber.Builder builder) {
        try {
            return new Take(input, builder);
        } catch (RuntimeException | Error e) {
            input.close();
            throw e;
        }
    }

    /** On the engine's worker. */
    private void hear(TranscriptEvent event) {
        double delay = realTime
                ? transcriber.lookaheadMillis() + tap.delayMillis(event.atSeconds(), System.nanoTime())
                : Double.NaN;
        events.add(new Heard(event, delay));
    }

    /** Lets the sound flow. */
    void start() {
        engine.start();
    }

    /** Asks for the end, and returns at once. */
    void stop() {
        engine.stop();
    }

    /** Waits until the last word is out. */
    void await() throws InterruptedException {
        engine.await();
    }

    /** What the user should know about how it ended, one line. */
    Optional<String> complaint() {
        return engine.failure().map(EngineException::getMessage).or(engine::warning);
    }

    /** The next event, if there is one. Event thread only. */
    @Nullable
    TranscriptEvent nextEvent() {
        Heard heard = events.poll();
        if (heard == null) {
            return null;
        }
        delayMillis = heard.delayMillis;
        return heard.event;
    }

    Columns columns() {
        return columns;
    }

    /** The engine's own counts. */
    EngineStats stats() {
        return engine.stats();
    }

    /** Sound that was transcribed so far. */
    double seconds() {
        return engine.stats().framesProcessed() / (double) rateHz;
    }

    /** Sound that was lost so far. */
    double lostSeconds() {
        return engine.stats().droppedFrames() / (double) rateHz;
    }

    /** The length of the input, if it has one. */
    OptionalDouble totalSeconds() {
        return totalSeconds;
    }

    /** Whether the sound comes at the pace of a clock. */
    boolean realTime() {
        return realTime;
    }

    /** From sound to text at the last event taken, the model's look-ahead included; NaN before there was one. Event thread only. */
    double delayMillis() {
        return delayMillis;
    }

    /** The model and where it computes. */
    String describe() {
        return transcriber.describe();
    }

    @Override
    public void close() {
        engine.close();
    }
}
