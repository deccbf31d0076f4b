package io.mambaaudio.music;

import io.mambaaudio.dsp.FrameSink;
import io.mambaaudio.dsp.MelFrontend;
import io.mambaaudio.dsp.MelSpec;
import io.mambaaudio.dsp.Resampler;
import io.mambaaudio.engine.StreamFormat;
import io.mambaaudio.models.Backend;
import io.mambaaudio.models.Session;
import io.mambaaudio.models.Snapshot;
import java.util.Arrays;

/**
 * The listening half: sound to frames to the model's state. Keeps what a voice needs to go on from here: the state, the last row, the last
 * four frames, and the sound under the frames to come.
 */
final class Ear implements AutoCloseable {
    private static final int RING = 1 << 14;

    private final MelSpec spec;
    private final Session session;
    private final Resampler resampler;
    private final MelFrontend frontend;
    private final FrameSink sink = this::hear;
    private final Pairs pairs;
    private final float[] mono;
    private final float[] sound; // at the model's rate
    private final float[] ring = new float[RING]; // the last samples at the model's rate
    private final float[] row; // what the model said last
    private final float[] past; // (4, nMels), oldest first
    private long samples; // heard, at the model's rate
    private final float[] first; // (nMels) of a pair that is not whole yet
    private boolean odd; // there is one
    private long frames; // in whole pairs
    private double power; // mean square of the newest pair

    /** Told after every pair of frames: the moments at which a voice can go on from here. */
    interface Pairs {
        void heard();
    }

    Ear(MusicModel model, Backend backend, StreamFormat format, int maxFrames, Pairs pairs) {
        this.pairs = pairs;
        this.spec = model.spec();
        this.session = model.mamba().open(backend);
        this.resampler = Resampler.of(format.sampleRateHz(), spec.sampleRateHz());
        this.frontend = new MelFrontend(spec);
        this.mono = new float[maxFrames];
        this.sound = new float[resampler.maxOutput(maxFrames)];
        this.row = new float[model.mamba().config().vocabSize()];
        this.first = new float[spec.nMels()];
        this.past = new float[FrameHead.CONTEXT_FRAMES * spec.nMels()];
        if (sound.length > RING / 4) {
            throw new IllegalArgumentException("maxFrames=" + maxFrames + " at sampleRateHz=" + format.sampleRateHz()
                    + " is too much at once; hand over at most " + RING / 4 + " samples of the model's rate");
        }
    }

    void push(float[][] in, int from, int count) {
        for (int i = 0; i < count; i++) {
            float sum = 0;
            for (float[] channel : in) {
                sum += channel[from + i];
            }
            mono[i] = sum / in.length;
        }
        int n = resampler.push(mono, 0, count, sound, 0);
        for (int i = 0; i < n; i++) {
            ring[(int) (samples + i) & (RING - 1)] = sound[i]; // finite: the resampler sees to it
        }
        samples += n;
        frontend.push(sound, 0, n, sink);
    }

    /** The first frame of a pair waits for the second, so that the state always stands between two pairs. */
    private void hear(float[] frame) {
        if (!odd) {
            System.arraycopy(frame, 0, first, 0, frame.length);
            odd = true;
            return;
        }
        odd = false;
        System.arraycopy(past, 2 * frame.length, past, 0, 2 * frame.length);
        System.arraycopy(first, 0, past, 2 * frame.length, frame.length);
        System.arraycopy(frame, 0, past, 3 * frame.length, frame.length);
        session.step(first, row);
        session.step(frame, row);
        frames += 2;
        power = powerOfNewestPair();
        pairs.heard();
    }

    private double powerOfNewestPair() {
        long end = pairEnd();
        double sum = 0;
        int count = 2 * spec.hopSamples();
        for (int i = count; i > 0; i--) {
            float sample = ring[(int) (end - i) & (RING - 1)];
            sum += sample * sample;
        }
        return sum / count;
    }

    /** Whether a voice can go on from here. */
    boolean ready() {
        return frames >= FrameHead.CONTEXT_FRAMES;
    }

    /** Where the pair to come begins, in samples of the model's rate. */
    long nextPair() {
        return frames * spec.hopSamples();
    }

    /** Where the sound of the newest whole pair ends. */
    long pairEnd() {
        return nextPair() - spec.hopSamples() + spec.windowSamples();
    }

    double power() {
        return power;
    }

    /** Copies the sound from {@link #nextPair} on, which lies under frames that are heard already. */
    void soundUnderNextPair(float[] out) {
        long at = nextPair();
        for (int i = 0; i < out.length; i++) {
            out[i] = ring[(int) (at + i) & (RING - 1)];
        }
    }

    /** How long after its time a sample is heard. */
    double delaySeconds() {
        return resampler.delaySeconds();
    }

    Snapshot snapshot() {
        return session.snapshot();
    }

    /** What the model said after the newest whole pair. */
    float[] row() {
        return row;
    }

    /** The last four frames. */
    void lastFrames(float[] out) {
        System.arraycopy(past, 0, out, 0, past.length);
    }

    void reset() {
        session.reset();
        resampler.reset();
        frontend.reset();
        Arrays.fill(ring, 0);
        Arrays.fill(past, 0);
        samples = 0;
        frames = 0;
        odd = false;
        power = 0;
    }

    @Override
    public void close() {
        session.close();
    }
}
