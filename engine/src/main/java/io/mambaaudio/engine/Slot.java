package io.mambaaudio.engine;

import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The place of one processor in a {@link Chain}: its bypass and its clock. Any thread may ask and switch.
 *
 * <p>A bypassed processor goes on hearing and working, so that it is in the midst of the sound when it comes back; what it writes is
 * replaced by the sound that came in, as late as the processor would have made it. Both ways go over a {@link Smoother}.
 */
public final class Slot {
    private final Processor processor;
    private final Parameter bypass = Parameter.onOff("bypass", false);
    private final Smoother dryShare = new Smoother(bypass);
    private final LogHistogram times = new LogHistogram();

    // Written by the processing thread.
    private final AtomicLong blocks = new AtomicLong();
    private final AtomicLong totalNanos = new AtomicLong();
    private final AtomicLong worstNanos = new AtomicLong();

    private float[][] late = {}; // (channels in, latency) ring of the last frames that came in; empty without latency
    private int lateAt;
    private int rateOutHz = 1;

    Slot(Processor processor) {
        this.processor = Objects.requireNonNull(processor, "processor");
    }

    /**
     * Who is here.
     *
     * @return the processor
     */
    public Processor processor() {
        return processor;
    }

    /**
     * Lets the sound pass by the processor or through it again.
     *
     * @param on true for by
     * @throws IllegalStateException for a {@link RateChanger}, which what follows relies on
     */
    public void bypass(boolean on) {
        if (processor instanceof RateChanger) {
            throw new IllegalStateException("processor \"" + processor.id()
                    + "\" changes the number of frames and can't be bypassed; make a chain without it");
        }
        bypass.turn(on);
    }

    /**
     * What was asked for last.
     *
     * @return whether the sound passes by
     */
    public boolean bypassed() {
        return bypass.isOn();
    }

    /**
     * Blocks that the processor took.
     *
     * @return a count
     */
    public long blocks() {
        return blocks.get();
    }

    /**
     * The average time for a block.
     *
     * @return nanoseconds, 0 before the first block
     */
    public double meanNanos() {
        long count = blocks.get();
        return count == 0 ? 0 : (double) totalNanos.get() / count;
    }

    /**
     * The longest time for a block.
     *
     * @return nanoseconds
     */
    public long worstNanos() {
        return worstNanos.get();
    }

    /**
     * The time that the processor stayed within for a share of its blocks, at most 6.25 % too high.
     *
     * @param fraction the share, above 0 and up to 1
     * @return nanoseconds, 0 before the first block
     */
    public long nanosAt(double fraction) {
        return times.atFraction(fraction);
    }

    /** Prepares the processor; returns what it writes. */
    StreamFormat prepare(StreamFormat in, int maxFrames) {
        StreamFormat out;
        try {
            out = processor.prepare(in, maxFrames);
        } catch (RuntimeException | Error e) {
            throw new EngineException(
                    "processor \"" + processor.id() + "\" can't be prepared: " + EngineException.reason(e), e);
        }
        if (out.sampleRateHz() != in.sampleRateHz() && !(processor instanceof RateChanger)) {
            throw new EngineException("processor \"" + processor.id() + "\" gives sampleRateHz=" + out.sampleRateHz()
                    + " from " + in.sampleRateHz() + ", but a block out has as many frames as the block in; only a"
                    + " RateChanger may do so");
        }
        int latency = processor instanceof RateChanger ? 0 : processor.latencyFrames();
        late = latency == 0 ? new float[0][] : new float[in.channels()][latency];
        lateAt = 0;
        rateOutHz = out.sampleRateHz();
        dryShare.prepare(in.sampleRateHz());
        return out;
    }

    int maxOutputFrames(int maxFrames) {
        return processor instanceof RateChanger changer ? changer.maxOutputFrames() : maxFrames;
    }

    double latencySeconds() {
        return (double) processor.latencyFrames() / rateOutHz;
    }

    /** Goes on from a saved state. */
    void restore(boolean bypassed, byte[] stream) {
        bypass.turn(bypassed);
        processor.restore(stream);
        forgetDry();
    }

    void reset() {
        processor.reset();
        forgetDry();
    }

    private void forgetDry() {
        for (float[] channel : late) {
            Arrays.fill(channel, 0);
        }
        dryShare.reset();
    }

    /** Takes a block; returns the frames of the block out. */
    int process(float[][] in, float[][] out, int frames) {
        long start = System.nanoTime();
        int written = frames;
        if (processor instanceof RateChanger changer) {
            written = changer.convert(in, out, frames);
        } else {
            processor.process(in, out, frames);
        }
        count(System.nanoTime() - start);
        if (dryShare.update() || bypassed() || late.length > 0) {
            mix(in, out, frames);
        }
        return written;
    }

    private void count(long nanos) {
        times.record(nanos);
        blocks.lazySet(blocks.getPlain() + 1);
        totalNanos.lazySet(totalNanos.getPlain() + nanos);
        if (nanos > worstNanos.getPlain()) {
            worstNanos.lazySet(nanos);
        }
    }

    private void mix(float[][] in, float[][] out, int frames) {
        for (int i = 0; i < frames; i++) {
            double share = dryShare.next();
            for (int c = 0; c < out.length && share > 0; c++) {
                float dry = late.length == 0 ? channel(in, c, out.length, i) : channel(late, c, out.length, lateAt);
                out[c][i] = share == 1 ? dry : (float) (out[c][i] + share * (dry - out[c][i]));
            }
            for (int c = 0; c < late.length; c++) {
                late[c][lateAt] = in[c][i];
            }
            lateAt = late.length == 0 || lateAt + 1 == late[0].length ? 0 : lateAt + 1;
        }
    }

    /** A sample of the sound that came in, in other channels where the processor makes others: mono goes everywhere, all go into mono. */
    private static float channel(float[][] in, int c, int channelsOut, int at) {
        if (channelsOut > 1 || in.length == 1) {
            return in[Math.min(c, in.length - 1)][at];
        }
        float sum = 0;
        for (float[] channel : in) {
            sum += channel[at];
        }
        return sum / in.length;
    }
}
