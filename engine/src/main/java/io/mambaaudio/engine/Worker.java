package io.mambaaudio.engine;

import org.jspecify.annotations.Nullable;

/**
 * The worker thread: input ring, chain, output ring. It also sees the stream to its end: it stops waiting for a device that
 * does not answer, finishes the chain, and lets the output drain.
 */
final class Worker implements Runnable {
    private final OneToOneFloatRing inRing;
    private final @Nullable OneToOneFloatRing outRing; // none where the output wants no frames
    private final Chain chain;
    private final EngineControl control;
    private final EngineStats stats;
    private final IdleStrategy idle;
    private final int blockFrames;
    private final boolean lossy; // a live input must not wait for the output
    private final boolean realTime;
    private final EngineEvents.Block event = new EngineEvents.Block();
    private final String inputName;
    private final String outputName;
    private boolean playbackLeft;

    Worker(
            AudioInput input,
            AudioOutput output,
            OneToOneFloatRing inRing,
            @Nullable OneToOneFloatRing outRing,
            Chain chain,
            EngineControl control,
            EngineStats stats,
            IdleStrategy idle,
            int blockFrames) {
        this.inRing = inRing;
        this.outRing = outRing;
        this.chain = chain;
        this.control = control;
        this.stats = stats;
        this.idle = idle;
        this.blockFrames = blockFrames;
        this.lossy = input.live();
        this.realTime = input.realTime();
        this.inputName = input.name();
        this.outputName = output.name();
    }

    @Override
    public void run() {
        try {
            while (cycle()) {}
        } catch (Throwable e) {
            control.fail("the worker failed", e);
        } finally {
            chain.finish(this::deliver, control::fail);
            control.workEnded = true;
            awaitPlayback();
            EngineEvents.stop(inputName, control, stats);
        }
    }

    /** Full blocks while sound comes, the rest at the end: the same blocks however fast the input is. */
    private boolean cycle() {
        boolean ended = control.captureEnded || captureIsLeft(); // asked before the ring, see Playback
        int frames = ended || inRing.readableFrames() >= blockFrames ? inRing.read(chain.in(), blockFrames) : 0;
        if (frames > 0) {
            deliver(process(frames));
        }
        idle.idle(frames);
        return frames > 0 || !ended;
    }

    /** Returns the frames that come out. */
    private int process(int frames) {
        event.begin();
        long start = System.nanoTime();
        int made = chain.run(frames);
        stats.processed(frames, System.nanoTime() - start);
        if (realTime) {
            stats.waiting(inRing.readableFrames());
        }
        if (event.isEnabled()) {
            event.end();
            event.frames = frames;
            event.waitingFrames = inRing.readableFrames();
            event.commit();
        }
        return made;
    }

    private void deliver(int frames) {
        stats.made(frames);
        if (outRing == null) {
            stats.played(frames);
            return;
        }
        int taken = outRing.write(chain.out(), 0, frames);
        long progress = System.nanoTime();
        while (taken < frames && !lossy && !playbackIsLeft(progress)) {
            int count = outRing.write(chain.out(), taken, frames - taken);
            taken += count;
            progress = count > 0 ? System.nanoTime() : progress;
            idle.idle(count);
        }
        if (taken < frames) {
            stats.droppedOutput(frames - taken);
            EngineEvents.drop("output", frames - taken);
        }
    }

    /** A device that still holds the capture thread when the grace is over is left behind. */
    private boolean captureIsLeft() {
        return control.reading && control.graceIsOver();
    }

    private boolean playbackIsLeft(long progress) {
        playbackLeft |= control.playbackEnded
                || (control.graceIsOver() && System.nanoTime() - progress > control.stopGraceNanos());
        return playbackLeft;
    }

    /** Waits while the output goes on, and the grace longer. */
    private void awaitPlayback() {
        long played = stats.framesOut();
        long progress = System.nanoTime();
        while (outRing != null && !control.playbackEnded) {
            long now = System.nanoTime();
            if (stats.framesOut() != played) {
                played = stats.framesOut();
                progress = now;
            } else if (now - progress > control.stopGraceNanos()) {
                control.fail(new EngineException(outputName + " takes no sound since " + (now - progress) / 1_000_000
                        + " ms; is it unplugged?"));
                break;
            }
            idle.idle(0);
        }
        stats.droppedOutput(stats.framesOnTheWay());
    }
}
