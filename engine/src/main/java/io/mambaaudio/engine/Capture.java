package io.mambaaudio.engine;

/** The capture thread: input to ring. A live input drops what the ring refuses, any other waits until it is taken. */
final class Capture implements Runnable {
    private final AudioInput input;
    private final OneToOneFloatRing ring;
    private final EngineControl control;
    private final EngineStats stats;
    private final IdleStrategy idle;
    private final float[][] block; // (channels, blockFrames)
    private final int blockFrames;
    private final boolean live;
    private long overflows;

    Capture(
            AudioInput input,
            OneToOneFloatRing ring,
            EngineControl control,
            EngineStats stats,
            IdleStrategy idle,
            int blockFrames) {
        this.input = input;
        this.ring = ring;
        this.control = control;
        this.stats = stats;
        this.idle = idle;
        this.blockFrames = blockFrames;
        this.live = input.live();
        this.block = new float[input.format().channels()][blockFrames];
    }

    @Override
    public void run() {
        try {
            while (mayRead()) {
                control.reading = true;
                int frames = input.read(block, blockFrames);
                control.reading = false;
                if (frames < 0 || (frames == 0 && control.stopRequested())) {
                    break;
                }
                push(frames);
                idle.idle(frames);
            }
        } catch (Throwable e) { // a device driver may throw anything, and the words spoken so far must not be lost
            control.fail(input.name() + " failed", e);
        } finally {
            control.captureEnded = true;
            close();
        }
    }

    /** After a stop a live input is read until it has no more; others end at once. */
    private boolean mayRead() {
        return !control.stopRequested() || (live && !control.graceIsOver());
    }

    private void push(int frames) {
        int taken = ring.write(block, 0, frames);
        while (!live && taken < frames && !control.workEnded) {
            int count = ring.write(block, taken, frames - taken);
            taken += count;
            idle.idle(count);
        }
        stats.captured(frames, frames - taken);
        if (taken < frames) {
            EngineEvents.drop("input", frames - taken);
        }
        if (live && input.overflows() != overflows) {
            overflows = input.overflows();
            EngineEvents.drop("input device", 0);
        }
    }

    private void close() {
        try {
            input.close();
        } catch (RuntimeException e) {
            control.fail(input.name() + " does not close", e);
        }
    }
}
