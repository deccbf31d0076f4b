package io.mambaaudio.demo;

import io.mambaaudio.engine.AudioEngine;
import io.mambaaudio.engine.AudioInput;
import io.mambaaudio.engine.AudioOutputs;
import io.mambaaudio.engine.EngineStats;
import io.mambaaudio.speech.Transcriber;
import io.mambaaudio.speech.TranscriptEvent;
import io.mambaaudio.speech.TranscriptWriter;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** One input through the engine. Events cross over to the main thread, which alone writes, so that a slow pipe never delays sound. */
final class TranscriptionRun {
    private static final System.Logger LOG = System.getLogger(TranscriptionRun.class.getName());
    private static final long POLL_MILLIS = 10;

    private final Terminal terminal;
    private final SpeechOptions.Recogniser recogniser;
    private final TranscriptWriter writer;
    private final Interruption interruption;
    private final BlockingQueue<TranscriptEvent> events = new LinkedBlockingQueue<>();
    private final long openedNanos = System.nanoTime();
    private boolean heardText;

    TranscriptionRun(
            Terminal terminal,
            SpeechOptions.Recogniser recogniser,
            TranscriptWriter writer,
            Interruption interruption) {
        this.terminal = terminal;
        this.recogniser = recogniser;
        this.writer = writer;
        this.interruption = interruption;
    }

    /** Runs to the end of the input, Ctrl-C, or a failure; gives the exit code. */
    int run(String name, Supplier<AudioInput> source) {
        writer.begin(name);
        boolean ended = false;
        try {
            AudioInput input = source.get();
            Transcriber transcriber = recogniser.transcriber(events::add, input.realTime());
            try (AudioEngine engine = AudioEngine.open(input, List.of(transcriber), AudioOutputs.discard())) {
                engine.start();
                follow(engine, input);
                writer.end();
                ended = true;
                return result(engine, input);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Main.INTERRUPTED;
        } finally {
            if (!ended) {
                writer.end(); // before anyone complains: what is drawn on a terminal must be cleared first
            }
        }
    }

    private void follow(AudioEngine engine, AudioInput input) throws InterruptedException {
        boolean ended = false;
        while (!ended) {
            ended = engine.await(Duration.ZERO);
            for (@Nullable TranscriptEvent event = next(ended); event != null; event = events.poll()) {
                writer.accept(event);
                logFirst(event);
            }
            showProgress(engine.stats(), input);
            if (interruption.asked() || terminal.outputFailure().isPresent()) {
                engine.stop();
            }
        }
    }

    private @Nullable TranscriptEvent next(boolean ended) throws InterruptedException {
        return ended ? events.poll() : events.poll(POLL_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** With --verbose: how long a user waits for the first text, from before the input was opened. */
    private void logFirst(TranscriptEvent event) {
        if (!heardText) {
            heardText = true;
            double seconds = (System.nanoTime() - openedNanos) / 1e9;
            LOG.log(
                    System.Logger.Level.DEBUG,
                    () -> String.format(Locale.ROOT, "first text after %.2f s: %s", seconds, event));
        }
    }

    private void showProgress(EngineStats stats, AudioInput input) {
        if (writer instanceof LiveView view) {
            double rate = input.format().sampleRateHz();
            OptionalDouble total = input.totalFrames().isPresent()
                    ? OptionalDouble.of(input.totalFrames().getAsLong() / rate)
                    : OptionalDouble.empty();
            OptionalDouble took = input.realTime()
                    ? OptionalDouble.empty()
                    : OptionalDouble.of((System.nanoTime() - openedNanos) / 1e9);
            view.progress(stats.framesProcessed() / rate, total, took);
        }
    }

    private int result(AudioEngine engine, AudioInput input) {
        if (engine.failure().isPresent()) {
            int code = Failures.report(terminal, engine.failure().get());
            return input.live() ? Main.FAILED : code;
        }
        Optional<String> warning = engine.warning();
        warning.ifPresent(terminal::complain);
        long dropped = engine.stats().droppedFrames() + engine.stats().overflows();
        if (dropped > 0) {
            terminal.complain("sound was lost: " + engine.stats());
        }
        return warning.isPresent() ? Main.MISTAKE : Main.OK;
    }
}
