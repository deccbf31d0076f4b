package io.mambaaudio.engine;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The threads of one engine and the rings between them: made at once, started once, and waited for. */
final class EngineThreads {
    private static final Duration LAST_CHANCE = Duration.ofMillis(50);

    private final EngineControl control;
    private final Duration stopGrace;
    private final Thread capture;
    private final Thread worker;
    private final @Nullable Thread playback; // none where the output wants no frames

    EngineThreads(
            AudioInput input,
            Chain chain,
            AudioOutput output,
            EngineOptions options,
            EngineControl control,
            EngineStats stats) {
        this.control = control;
        this.stopGrace = options.stopGrace();
        StreamFormat in = input.format();
        StreamFormat out = chain.outputFormat();
        int block = options.blockFrames(in.sampleRateHz());
        int ringFrames = options.ringFrames(in.sampleRateHz());
        OneToOneFloatRing inRing = new OneToOneFloatRing(in.channels(), ringFrames);
        OneToOneFloatRing outRing = output.wantsFrames()
                ? new OneToOneFloatRing(out.channels(), options.ringFrames(out.sampleRateHz()))
                : null;
        capture = thread(
                "mamba-capture " + input.name(),
                true,
                new Capture(input, inRing, control, stats, idle(options), block));
        // The worker keeps the JVM alive; a driver may hold the other two for ever.
        worker = thread(
                "mamba-worker " + input.name(),
                false,
                new Worker(input, output, inRing, outRing, chain, control, stats, idle(options), block));
        playback = outRing == null
                ? null
                : thread(
                        "mamba-playback " + output.name(),
                        true,
                        new Playback(output, outRing, control, stats, idle(options), out, block));
    }

    private static IdleStrategy idle(EngineOptions options) {
        return options.idle().get();
    }

    private static Thread thread(String name, boolean daemon, Runnable body) {
        Thread thread = new Thread(body, name);
        thread.setDaemon(daemon);
        return thread;
    }

    void start() {
        if (playback != null) {
            playback.start();
        }
        worker.start();
        capture.start();
    }

    boolean include(Thread thread) {
        return thread == worker || thread == capture || thread == playback;
    }

    /** Waits for the end of the stream. */
    void join() throws InterruptedException {
        worker.join();
        joinDevices();
    }

    /** Waits a limited time for the end of the stream; true when it has come. */
    boolean join(Duration limit) throws InterruptedException {
        if (!worker.join(limit)) {
            return false;
        }
        joinDevices();
        return true;
    }

    /** Device threads end by themselves when the worker has; one that a driver holds is told once more and left behind. */
    private void joinDevices() throws InterruptedException {
        joinOrLeave(capture, control.reading);
        if (playback != null) {
            joinOrLeave(playback, !control.playbackEnded);
        }
    }

    private void joinOrLeave(Thread thread, boolean held) throws InterruptedException {
        if (held || !thread.join(stopGrace)) {
            thread.interrupt();
            thread.join(LAST_CHANCE);
        }
    }
}
