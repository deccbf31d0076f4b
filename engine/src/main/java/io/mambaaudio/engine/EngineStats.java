package io.mambaaudio.engine;

import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What an engine has done so far. A live view: any thread may ask while the engine runs and after; each number is exact at
 * some moment of the call, two numbers may come from neighbouring moments.
 */
public final class EngineStats {
    private final AudioInput input;
    private final AudioOutput output;
    private final Chain chain;
    private final int sampleRateHz;
    private final LogHistogram process = new LogHistogram();

    // Each is written by one thread: capture, worker or playback.
    private final AtomicLong framesIn = new AtomicLong();
    private final AtomicLong framesProcessed = new AtomicLong();
    private final AtomicLong framesMade = new AtomicLong(); // by the chain, for the output
    private final AtomicLong framesOut = new AtomicLong();
    private final AtomicLong inputDropped = new AtomicLong();
    private final AtomicLong outputDropped = new AtomicLong();
    private final AtomicLong blocks = new AtomicLong();
    private final AtomicLong processNanos = new AtomicLong();
    private final AtomicLong worstProcessNanos = new AtomicLong();
    private final AtomicLong worstLateFrames = new AtomicLong();

    EngineStats(AudioInput input, Chain chain, AudioOutput output) {
        this.input = input;
        this.chain = chain;
        this.output = output;
        this.sampleRateHz = input.format().sampleRateHz();
    }

    /**
     * Frames that the input gave, those dropped later included.
     *
     * @return a count
     */
    public long framesIn() {
        return framesIn.get();
    }

    /**
     * Frames that went through the chain.
     *
     * @return a count
     */
    public long framesProcessed() {
        return framesProcessed.get();
    }

    /**
     * Frames that the output took.
     *
     * @return a count
     */
    public long framesOut() {
        return framesOut.get();
    }

    /**
     * Captured frames that the worker came too late for. Always 0 for files, arrays and pipes.
     *
     * @return a count
     */
    public long droppedFrames() {
        return inputDropped.get();
    }

    /**
     * Processed frames that the output came too late for, or that were left when it failed.
     *
     * @return a count
     */
    public long droppedOutputFrames() {
        return outputDropped.get();
    }

    /**
     * How often the input device lost sound by itself.
     *
     * @return a count
     */
    public long overflows() {
        return input.overflows();
    }

    /**
     * How often the output device ran dry.
     *
     * @return a count
     */
    public long underruns() {
        return output.underruns();
    }

    /**
     * Blocks that went through the chain.
     *
     * @return a count
     */
    public long blocks() {
        return blocks.get();
    }

    /**
     * Events that the processors handed to listeners.
     *
     * @return a count over the whole chain
     */
    public long events() {
        return chain.events();
    }

    /**
     * The longest time that the chain took for a block.
     *
     * @return nanoseconds
     */
    public long worstProcessNanos() {
        return worstProcessNanos.get();
    }

    /**
     * The average time that the chain took for a block.
     *
     * @return nanoseconds, 0 before the first block
     */
    public double meanProcessNanos() {
        long count = blocks.get();
        return count == 0 ? 0 : (double) processNanos.get() / count;
    }

    /**
     * The time that the chain stayed within for a share of the blocks, at most 6.25 % too high.
     *
     * @param fraction the share, above 0 and up to 1: 0.99 for the 99th percentile
     * @return nanoseconds, 0 before the first block
     */
    public long processNanosAt(double fraction) {
        return process.atFraction(fraction);
    }

    /**
     * The most sound that was still waiting when the worker had finished a block: how far it was behind at worst. Only inputs
     * that follow a clock can be late.
     *
     * @return nanoseconds of sound; 0 for inputs that are read as fast as possible
     */
    public long worstLatenessNanos() {
        return worstLateFrames.get() * 1_000_000_000L / sampleRateHz;
    }

    /** One line for people. */
    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%d frames in, %d out, %d dropped, %d overflows, %d underruns; %d blocks: mean %.3f ms, p99 %.3f ms, worst %.3f ms; late %.1f ms",
                framesIn(),
                framesOut(),
                droppedFrames() + droppedOutputFrames(),
                overflows(),
                underruns(),
                blocks(),
                meanProcessNanos() / 1e6,
                process.atFraction(0.99) / 1e6,
                worstProcessNanos() / 1e6,
                worstLatenessNanos() / 1e6);
    }

    void captured(int frames, int dropped) {
        add(framesIn, frames);
        add(inputDropped, dropped);
    }

    void processed(int frames, long nanos) {
        process.record(nanos);
        add(framesProcessed, frames);
        add(processNanos, nanos);
        add(blocks, 1);
        if (nanos > worstProcessNanos.getPlain()) {
            worstProcessNanos.lazySet(nanos);
        }
    }

    void waiting(int frames) {
        if (frames > worstLateFrames.getPlain()) {
            worstLateFrames.lazySet(frames);
        }
    }

    void made(int frames) {
        add(framesMade, frames);
    }

    /** What the chain wrote and nobody has taken or dropped. */
    long framesOnTheWay() {
        return framesMade.get() - framesOut() - droppedOutputFrames();
    }

    void played(int frames) {
        add(framesOut, frames);
    }

    void droppedOutput(long frames) {
        add(outputDropped, frames);
    }

    /** No read-modify-write needed: one thread writes each counter. */
    private static void add(AtomicLong counter, long amount) {
        counter.lazySet(counter.getPlain() + amount);
    }
}
