package io.mambaaudio.speech;

import io.mambaaudio.dsp.FrameSink;
import io.mambaaudio.dsp.MelFrontend;
import io.mambaaudio.dsp.MelSpec;
import io.mambaaudio.dsp.Resampler;
import io.mambaaudio.engine.StreamFormat;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * From blocks of sound in any format to mel frames and how loud it was: mixes down, resamples, makes frames. What comes out depends on
 * the sound alone, not on how it was cut into blocks. One thread at a time; allocates in {@link #prepare} only.
 */
final class FrameSource implements SavedState.Part {
    /** Receives the frames. */
    @FunctionalInterface
    interface Taker {
        /**
         * Takes one frame.
         *
         * @param frame its number, from 0 at the start of the stream
         * @param values (nMels) to be read now
         * @param levelDb loudness of the newest sound, dB relative to full scale
         */
        void frame(long frame, float[] values, double levelDb);
    }

    /** Silence at the end, so that words that the model holds back come out: on the development set 0.1 s was enough. */
    private static final double TAIL_SECONDS = 0.4;

    private static final int CHUNK = 1024;

    private final MelSpec spec;
    private final MelFrontend mel;
    private final Taker taker;
    private final FrameSink onFrame = this::frame;
    private final double[] hopPower; // (stride) mean square of the last hops
    private float[] mono = new float[0]; // (CHUNK) at the input's rate
    private float[] resampled = new float[0]; // (most that a chunk or the flush gives) at the model's rate
    private @Nullable Resampler resampler;
    private int inputRateHz;
    private History inputHistory = new History(1); // what the resampler may still look at
    private final History history; // what the next frame may still look at
    private long frames;
    private long hops;
    private int inHop; // samples
    private double power; // sum of squares in the hop

    /**
     * A source that has heard nothing.
     *
     * @param levelHops over how many hops the loudness is taken
     */
    FrameSource(MelSpec spec, int levelHops, Taker taker) {
        this.spec = spec;
        this.taker = taker;
        mel = new MelFrontend(spec);
        hopPower = new double[levelHops];
        history = new History(spec.windowSamples() + spec.hopSamples());
    }

    /** How much later than its sound a resampled sample appears. */
    double resamplerDelaySeconds() {
        return resampler == null ? 0 : resampler.delaySeconds();
    }

    int inputRateHz() {
        return inputRateHz;
    }

    void prepare(StreamFormat format) {
        boolean same = format.sampleRateHz() == spec.sampleRateHz();
        resampler = same ? null : resampler(format.sampleRateHz());
        inputRateHz = format.sampleRateHz();
        inputHistory = new History(resampler == null ? 1 : reach(resampler) + phasePeriod());
        mono = new float[CHUNK];
        int room = resampler == null ? CHUNK : Math.max(resampler.maxOutput(CHUNK), resampler.maxFlush());
        resampled = new float[Math.max(room, CHUNK)];
        reset();
    }

    private Resampler resampler(int fromHz) {
        try {
            return Resampler.of(fromHz, spec.sampleRateHz());
        } catch (IllegalArgumentException e) {
            throw new SpeechException(
                    "sound of " + fromHz + " Hz cannot be brought to the model's " + spec.sampleRateHz()
                            + " Hz; give sound of 8000 Hz or more",
                    e);
        }
    }

    /** Takes a block. */
    void push(float[][] in, int count) {
        for (int at = 0; at < count; at += CHUNK) {
            int n = Math.min(CHUNK, count - at);
            mixDown(in, at, n);
            if (resampler == null) {
                hear(mono, n);
            } else {
                inputHistory.push(mono, 0, n);
                hear(resampled, resampler.push(mono, 0, n, resampled, 0));
            }
        }
    }

    private void mixDown(float[][] in, int at, int n) {
        System.arraycopy(in[0], at, mono, 0, n);
        for (int c = 1; c < in.length; c++) {
            for (int i = 0; i < n; i++) {
                mono[i] += in[c][at + i];
            }
        }
        float scale = 1f / in.length;
        for (int i = 0; i < n && in.length > 1; i++) {
            mono[i] *= scale;
        }
    }

    /** Hears what the resampler still holds, then some silence. */
    void finish() {
        if (resampler != null) {
            hear(resampled, resampler.flush(resampled, 0));
        }
        Arrays.fill(mono, 0);
        for (int left = (int) (TAIL_SECONDS * spec.sampleRateHz()); left > 0; left -= CHUNK) {
            hear(mono, Math.min(left, CHUNK));
        }
    }

    /** Takes samples at the model's rate, hop by hop, so that a frame always finds the same hops measured, however blocks are cut. */
    private void hear(float[] samples, int count) {
        for (int at = 0; at < count; ) {
            int n = Math.min(count - at, spec.hopSamples() - inHop);
            history.push(samples, at, n);
            mel.push(samples, at, n, onFrame);
            measure(samples, at, n);
            at += n;
        }
    }

    private void measure(float[] samples, int at, int n) {
        for (int i = at; i < at + n; i++) {
            double s = samples[i];
            power += Math.abs(s) <= Float.MAX_VALUE ? s * s : 0;
        }
        inHop += n;
        if (inHop == spec.hopSamples()) {
            hopPower[(int) (hops++ % hopPower.length)] = power / inHop;
            inHop = 0;
            power = 0;
        }
    }

    private void frame(float[] values) {
        taker.frame(frames++, values, levelDb());
    }

    private double levelDb() {
        double sum = 0;
        for (double p : hopPower) {
            sum += p;
        }
        return Math.max(Endpointer.SILENCE_DB, 10 * Math.log10(sum / hopPower.length));
    }

    void reset() {
        mel.reset();
        if (resampler != null) {
            resampler.reset();
        }
        inputHistory.reset();
        history.reset();
        Arrays.fill(hopPower, 0);
        frames = 0;
        hops = 0;
        inHop = 0;
        power = 0;
    }

    /** More input samples than a resampler's filter covers: it is symmetrical about its delay. */
    private int reach(Resampler r) {
        return 4 * (int) Math.ceil(r.delaySeconds() * inputRateHz) + 64;
    }

    /** Input samples after which the resampler's phase is the same again. */
    private int phasePeriod() {
        return inputRateHz
                / BigInteger.valueOf(inputRateHz)
                        .gcd(BigInteger.valueOf(spec.sampleRateHz()))
                        .intValue();
    }

    /** The sound that resampler and front end hold at the moment: they hear it again on loading. */
    @Override
    public void save(DataOutputStream out) throws IOException {
        inputHistory.save(out);
        history.save(out);
        SavedState.write(out, hopPower);
        out.writeLong(frames);
        out.writeLong(hops);
        out.writeInt(inHop);
        out.writeDouble(power);
    }

    @Override
    public void load(DataInputStream in) throws IOException {
        inputHistory.load(in);
        history.load(in);
        SavedState.read(in, hopPower);
        frames = in.readLong();
        hops = in.readLong();
        inHop = in.readInt();
        power = in.readDouble();
        hearAgain();
    }

    private void hearAgain() {
        if (resampler != null) {
            resampler.reset();
            long start = Math.max(0, inputHistory.total() - reach(resampler));
            float[] past = inputHistory.since(start - start % phasePeriod());
            resampler.push(past, 0, past.length, new float[resampler.maxOutput(past.length)], 0);
        }
        mel.reset();
        float[] past = history.since(frames * spec.hopSamples());
        mel.push(past, 0, past.length, values -> {
            throw new IllegalStateException("a frame while hearing again; this is a bug");
        });
    }
}
