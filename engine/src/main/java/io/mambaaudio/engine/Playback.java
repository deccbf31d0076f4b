package io.mambaaudio.engine;

/** The playback thread: ring to output, until the worker has ended and the ring is empty. */
final class Playback implements Runnable {
    private final AudioOutput output;
    private final OneToOneFloatRing ring;
    private final EngineControl control;
    private final EngineStats stats;
    private final IdleStrategy idle;
    private final float[][] block; // (channels, blockFrames)
    private final int blockFrames;
    private long underruns;

    Playback(
            AudioOutput output,
            OneToOneFloatRing ring,
            EngineControl control,
            EngineStats stats,
            IdleStrategy idle,
            StreamFormat format,
            int blockFrames) {
        this.output = output;
        this.ring = ring;
        this.control = control;
        this.stats = stats;
        this.idle = idle;
        this.blockFrames = blockFrames;
        this.block = new float[format.channels()][blockFrames];
    }

    @Override
    public void run() {
        try {
            while (cycle()) {}
            output.drain();
        } catch (Throwable e) { // as in Capture: whatever a driver throws, the chain is still finished
            control.fail(output.name() + " failed", e);
        } finally {
            close();
            control.playbackEnded = true;
        }
    }

    private boolean cycle() {
        boolean ended = control.workEnded; // asked before the ring: what was written before the end is seen
        int frames = ring.read(block, blockFrames);
        if (frames > 0) {
            output.write(block, frames);
            stats.played(frames);
            countUnderruns();
        }
        idle.idle(frames);
        return frames > 0 || !ended;
    }

    private void countUnderruns() {
        long now = output.underruns();
        if (now != underruns) {
            underruns = now;
            EngineEvents.underrun(now);
        }
    }

    private void close() {
        try {
            output.close();
        } catch (RuntimeException e) {
            control.fail(output.name() + " does not close", e);
        }
    }
}
