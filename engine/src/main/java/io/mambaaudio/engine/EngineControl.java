package io.mambaaudio.engine;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** What the three threads of an engine tell each other. Every flag goes from false to true once. */
final class EngineControl {
    private final AudioInput input;
    private final long stopGraceNanos;
    private final AtomicBoolean stopRequested = new AtomicBoolean();
    private final AtomicReference<@Nullable EngineException> failure = new AtomicReference<>();
    private volatile long stopNanoTime;

    /** The capture thread is inside {@link AudioInput#read}, which only the device can end. */
    volatile boolean reading;

    /** No frame will be written to the input ring any more. */
    volatile boolean captureEnded;

    /** No frame will be written to the output ring any more. */
    volatile boolean workEnded;

    /** No frame will be read from the output ring any more. */
    volatile boolean playbackEnded;

    EngineControl(AudioInput input, long stopGraceNanos) {
        this.input = input;
        this.stopGraceNanos = stopGraceNanos;
    }

    /** Asks for the end of the input; what was captured goes on. From any thread, any number of times. */
    void requestStop() {
        if (stopRequested.compareAndSet(false, true)) {
            stopNanoTime = System.nanoTime();
            try {
                input.stop();
            } catch (RuntimeException e) {
                fail(new EngineException(input.name() + " does not stop: " + EngineException.reason(e), e));
            }
        }
    }

    boolean stopRequested() {
        return stopRequested.get();
    }

    /** Whether a stop was asked for and the grace is over. */
    boolean graceIsOver() {
        return stopRequested.get() && stopNanoTime != 0 && System.nanoTime() - stopNanoTime > stopGraceNanos;
    }

    long stopGraceNanos() {
        return stopGraceNanos;
    }

    /** The first failure is the one that is reported; later ones hang on to it. Every failure ends the stream. */
    void fail(EngineException e) {
        if (!failure.compareAndSet(null, e)) {
            EngineException first = failure.get();
            if (first != null && first != e) {
                first.addSuppressed(e);
            }
        }
        requestStop();
    }

    /** As {@link #fail(EngineException)} with a message for whatever was thrown. */
    void fail(String what, Throwable thrown) {
        fail(
                thrown instanceof EngineException e
                        ? e
                        : new EngineException(what + ": " + EngineException.reason(thrown), thrown));
    }

    Optional<EngineException> failure() {
        return Optional.ofNullable(failure.get());
    }
}
