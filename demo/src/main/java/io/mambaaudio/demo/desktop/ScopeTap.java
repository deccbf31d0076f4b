package io.mambaaudio.demo.desktop;

import io.mambaaudio.dsp.FrameSink;
import io.mambaaudio.dsp.MelFrontend;
import io.mambaaudio.dsp.MelSpec;
import io.mambaaudio.dsp.Resampler;
import io.mambaaudio.engine.Processor;
import io.mambaaudio.engine.StreamFormat;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Draws {@link Columns} of the sound that passes, and keeps the time: when, on this machine's clock, the stream's first sample must
 * have sounded. On the engine's worker nothing is allocated after {@link #prepare}. The sound passes through unchanged.
 */
final class ScopeTap implements Processor {
    private static final MelSpec SPEC = MelSpec.speech();
    private static final int CHUNK = 1024;
    private static final int HOPS = 32; // more than a chunk and a window of them; a power of two

    /** How fast a device's clock may fall behind ours before its sound counts as late: 1 in 1,000. */
    private static final long DRIFT = 1_000;

    private final Columns columns;
    private final MelFrontend mel = new MelFrontend(SPEC);
    private final FrameSink onFrame = this::column;
    private final float[] low = new float[HOPS];
    private final float[] high = new float[HOPS];
    private float[] mono = new float[0]; // (CHUNK) at the input's rate
    private float[] resampled = new float[0];
    private @Nullable Resampler resampler;
    private int rateHz = 1;
    private long framesIn;
    private long samples; // at the rate of the columns
    private final AtomicLong startNanos = new AtomicLong(Long.MAX_VALUE);

    ScopeTap(Columns columns) {
        this.columns = columns;
    }

    @Override
    public String id() {
        return "scope";
    }

    @Override
    public StreamFormat prepare(StreamFormat format, int maxFrames) {
        rateHz = format.sampleRateHz();
        resampler = rateHz == SPEC.sampleRateHz() ? null : Resampler.of(rateHz, SPEC.sampleRateHz());
        mono = new float[CHUNK];
        resampled = new float[resampler == null ? 0 : resampler.maxOutput(CHUNK)];
        reset();
        return format;
    }

    @Override
    public void process(float[][] in, float[][] out, int frames) {
        for (int c = 0; c < in.length; c++) {
            System.arraycopy(in[c], 0, out[c], 0, frames);
        }
        for (int at = 0; at < frames; at += CHUNK) {
            int n = Math.min(CHUNK, frames - at);
            mixDown(in, at, n);
            if (resampler == null) {
                draw(mono, n);
            } else {
                draw(resampled, resampler.push(mono, 0, n, resampled, 0));
            }
        }
        framesIn += frames;
        keepTime(System.nanoTime());
    }

    private void mixDown(float[][] in, int from, int count) {
        System.arraycopy(in[0], from, mono, 0, count);
        for (int c = 1; c < in.length; c++) {
            for (int i = 0; i < count; i++) {
                mono[i] += in[c][from + i];
            }
        }
        float share = 1f / in.length;
        for (int i = 0; i < count; i++) {
            mono[i] *= share;
        }
    }

    private void draw(float[] sound, int count) {
        int hop = SPEC.hopSamples();
        for (int i = 0; i < count; i++, samples++) {
            int h = (int) (samples / hop) & (HOPS - 1);
            boolean first = samples % hop == 0;
            low[h] = first ? sound[i] : Math.min(low[h], sound[i]);
            high[h] = first ? sound[i] : Math.max(high[h], sound[i]);
        }
        mel.push(sound, 0, count, onFrame);
    }

    private void column(float[] frame) {
        int h = (int) mel.framesOut() - 1 & (HOPS - 1);
        columns.push(frame, low[h], high[h]);
    }

    /** A block cannot come before it has sounded, so the earliest one knows the start best. */
    private void keepTime(long now) {
        long before = startNanos.getPlain();
        long start = now - framesIn * 1_000_000_000L / rateHz;
        long drifted = before == Long.MAX_VALUE ? before : before + 10_000_000 / DRIFT;
        startNanos.lazySet(Math.min(start, drifted));
    }

    /**
     * How long after its sound something came. Any thread may ask.
     *
     * @param atSeconds the moment in the stream
     * @param now on the clock of {@link System#nanoTime}
     * @return milliseconds, 0 before there was sound
     */
    double delayMillis(double atSeconds, long now) {
        long start = startNanos.get();
        return start == Long.MAX_VALUE ? 0 : Math.max(0, (now - start) / 1e6 - 1000 * atSeconds);
    }

    @Override
    public void reset() {
        mel.reset();
        if (resampler != null) {
            resampler.reset();
        }
        Arrays.fill(low, 0);
        Arrays.fill(high, 0);
        framesIn = 0;
        samples = 0;
        startNanos.set(Long.MAX_VALUE);
    }

    @Override
    public void close() {}
}
