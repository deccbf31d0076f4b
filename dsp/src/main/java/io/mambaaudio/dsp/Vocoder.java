package io.mambaaudio.dsp;

import java.util.Arrays;
import java.util.Objects;

/**
 * Turns a stream of log-mel frames back into sound: {@link MelFrontend} the other way.
 *
 * <p>Bands become magnitudes by {@link MelInverse}; phases are found by real-time iterative spectrogram inversion with look-ahead
 * (RTISI-LA; Zhu, Beauregard and Wyse, <i>Real-Time Signal Estimation From Modified Short-Time Fourier Transform Magnitude Spectra</i>,
 * 2007): of the newest frames, which are not final yet, one after the other is transformed, keeps its phases and gets its magnitudes
 * back, several times; then the oldest of them becomes final. Nothing is trained, so any sound will do.
 *
 * <p>Sound comes out {@link #lookaheadFrames} frames after the frame that it begins with; every {@code push} after that gives one hop.
 * Sample 0 of the output is sample 0 of frame 0, so sound and frames stay aligned. A stream fades in over its first window, unless
 * {@link #prime} tells what was heard before: then it grows out of that sound, its phases included, which is how a machine takes over
 * from a player without a click.
 *
 * <p>The output depends on the frames alone. State: some windows of samples. One thread at a time; nothing allocates after construction.
 */
public final class Vocoder {
    private static final int DEFAULT_LOOKAHEAD = 3;
    private static final int DEFAULT_ITERATIONS = 8;
    private static final int MEL_ITERATIONS = 40;
    private static final double LEAST_GAIN = 1e-3;
    private static final double TINY = 1e-15;

    private final MelSpec spec;
    private final int lookahead;
    private final int iterations;
    private final int hop;
    private final int size;
    private final MelInverse inverse;
    private final RealFft fft;
    private final double[] window; // (size) periodic Hann, for analysis and synthesis
    private final double fullGain; // what the squared windows over a sample add up to
    private final double[] overlap; // (size) what the frames before frame 0 would add up to under it
    private final double[][] magnitudes; // (lookahead + 1, size / 2 + 1), oldest first
    private final double[][] pieces; // (lookahead + 1, size) windowed sound of each frame that is not final
    private final double[] settled; // (size + (lookahead + 1) * hop) windowed sound of the final frames
    private final double[] total; // the same with the pieces
    private final double[] gain; // the same shape: sum of the squared windows over a sample
    private final double[] settledGain;
    private final double[] work; // (size) one frame, then its packed bins
    private final float[] primer; // (size - hop)
    private int pending; // frames among the pieces that belong to the stream

    /**
     * Makes a vocoder with a look-ahead of three frames and eight iterations.
     *
     * @param spec what a frame is; windows must overlap evenly: {@code windowSamples = fftSize}, a multiple of {@code 4 * hopSamples}
     */
    public Vocoder(MelSpec spec) {
        this(spec, DEFAULT_LOOKAHEAD, DEFAULT_ITERATIONS);
    }

    /**
     * Makes a vocoder.
     *
     * @param spec as in {@link #Vocoder(MelSpec)}
     * @param lookaheadFrames frames that are waited for, 0 to 16: more are better and later
     * @param iterations passes over the frames that are not final, 0 to 100: the cost is proportional
     */
    public Vocoder(MelSpec spec, int lookaheadFrames, int iterations) {
        if (spec.windowSamples() != spec.fftSize() || spec.windowSamples() % (4 * spec.hopSamples()) != 0) {
            throw new IllegalArgumentException("windowSamples=" + spec.windowSamples() + ", fftSize=" + spec.fftSize()
                    + ", hopSamples=" + spec.hopSamples()
                    + " do not overlap evenly; choose windowSamples = fftSize = a multiple of 4 * hopSamples");
        }
        check("lookaheadFrames", lookaheadFrames, 16);
        check("iterations", iterations, 100);
        this.spec = spec;
        this.lookahead = lookaheadFrames;
        this.iterations = iterations;
        this.hop = spec.hopSamples();
        this.size = spec.windowSamples();
        this.inverse = new MelInverse(spec, MEL_ITERATIONS);
        this.fft = new RealFft(size);
        this.window = MelFrontend.periodicHann(size);
        this.fullGain = energyOfWindow() / hop;
        this.overlap = overlapOfEarlierFrames();
        this.magnitudes = new double[lookahead + 1][size / 2 + 1];
        this.pieces = new double[lookahead + 1][size];
        this.settled = new double[size + (lookahead + 1) * hop];
        this.total = new double[settled.length];
        this.gain = new double[settled.length];
        this.settledGain = new double[settled.length];
        this.work = new double[size];
        this.primer = new float[size - hop];
    }

    private static void check(String name, int value, int most) {
        if (value < 0 || value > most) {
            throw new IllegalArgumentException(name + "=" + value + " is out of range; choose 0 to " + most);
        }
    }

    private double energyOfWindow() {
        double sum = 0;
        for (double w : window) {
            sum += w * w;
        }
        return sum;
    }

    private double[] overlapOfEarlierFrames() {
        double[] sum = new double[size];
        for (int back = hop; back < size; back += hop) {
            for (int i = 0; i + back < size; i++) {
                sum[i] += window[i + back] * window[i + back];
            }
        }
        return sum;
    }

    /**
     * Takes one frame and gives the sound that it makes final.
     *
     * @param frame (nMels) log-mel values; one that is not finite counts as silence
     * @param out receives the samples
     * @param offset where to write the first
     * @return samples written: {@code hopSamples}, or 0 for the first {@link #lookaheadFrames} frames of a stream
     */
    public int push(float[] frame, float[] out, int offset) {
        if (frame.length != spec.nMels()) {
            throw new IllegalArgumentException(
                    "frame has " + frame.length + " values, the vocoder expects nMels=" + spec.nMels());
        }
        Objects.checkFromIndexSize(offset, hop, out.length);
        advance();
        pending = Math.min(pending + 1, lookahead + 1);
        inverse.magnitudes(frame, magnitudes[lookahead]);
        refine();
        return settle(out, offset);
    }

    /**
     * Gives the rest of the sound, which fades out with the last window, and starts afresh.
     *
     * @param out receives the samples
     * @param offset where to write the first
     * @return samples written: {@link #tailSamples}, or 0 if no frame came since the start
     */
    public int flush(float[] out, int offset) {
        int written = 0;
        if (pending > 0) {
            Objects.checkFromIndexSize(offset, tailSamples(), out.length);
            for (int left = lookahead + size / hop - 1; left > 0; left--) {
                advance();
                pending = Math.min(pending + 1, lookahead + 1); // by an empty frame
                written += settle(out, offset + written);
            }
        }
        reset();
        return written;
    }

    /**
     * Tells what was heard before: the sound that comes out grows out of it, in phase. For the start of a stream.
     *
     * @param samples sound at the spec's rate
     * @param offset where the last {@link #primeSamples} samples start; they lie under frame 0, which begins with the first of them
     * @throws IllegalStateException if frames came already
     */
    public void prime(float[] samples, int offset) {
        Objects.checkFromIndexSize(offset, primeSamples(), samples.length);
        if (pending > 0) {
            throw new IllegalStateException("the vocoder is in the middle of a stream; call reset first");
        }
        Samples.copyFinite(samples, offset, primer, 0, primer.length);
        int at = (lookahead + 1) * hop; // one advance for each frame from now to the first that is let out
        for (int i = 0; i < primer.length && at + i < settled.length; i++) {
            settledGain[at + i] = overlap[i];
            settled[at + i] = primer[i] * overlap[i];
        }
    }

    /** All that is held moves one hop into the past; the newest frame is empty. */
    private void advance() {
        System.arraycopy(settled, hop, settled, 0, settled.length - hop);
        Arrays.fill(settled, settled.length - hop, settled.length, 0);
        System.arraycopy(settledGain, hop, settledGain, 0, settledGain.length - hop);
        Arrays.fill(settledGain, settledGain.length - hop, settledGain.length, 0);
        double[] piece = pieces[0];
        double[] magnitude = magnitudes[0];
        System.arraycopy(pieces, 1, pieces, 0, lookahead);
        System.arraycopy(magnitudes, 1, magnitudes, 0, lookahead);
        Arrays.fill(piece, 0);
        Arrays.fill(magnitude, 0);
        pieces[lookahead] = piece;
        magnitudes[lookahead] = magnitude;
    }

    /** Finds phases for all frames that are not final, the newest for the first time. */
    private void refine() {
        sumUp();
        project(lookahead);
        for (int pass = 0; pass < iterations; pass++) {
            for (int k = lookahead + 1 - pending; k <= lookahead; k++) {
                project(k);
            }
        }
    }

    /** The sound as it stands, and how much window lies over each sample of it. */
    private void sumUp() {
        System.arraycopy(settled, 0, total, 0, total.length);
        System.arraycopy(settledGain, 0, gain, 0, gain.length);
        for (int k = lookahead + 1 - pending; k <= lookahead; k++) {
            for (int i = 0; i < size; i++) {
                total[k * hop + i] += pieces[k][i];
                gain[k * hop + i] += window[i] * window[i];
            }
        }
    }

    /** Frame k gets its magnitudes, with the phases of the sound as it stands. */
    private void project(int k) {
        int at = k * hop;
        for (int i = 0; i < size; i++) {
            work[i] = total[at + i] / Math.max(gain[at + i], LEAST_GAIN) * window[i];
        }
        fft.forward(work);
        impose(magnitudes[k]);
        fft.inverse(work);
        double[] piece = pieces[k];
        for (int i = 0; i < size; i++) {
            double next = work[i] * window[i];
            total[at + i] += next - piece[i];
            piece[i] = next;
        }
    }

    private void impose(double[] magnitude) {
        int half = size / 2;
        work[0] = Math.copySign(magnitude[0], work[0]);
        work[1] = Math.copySign(magnitude[half], work[1]);
        for (int bin = 1; bin < half; bin++) {
            double re = work[2 * bin];
            double im = work[2 * bin + 1];
            double found = Math.sqrt(re * re + im * im);
            double scale = found > TINY ? magnitude[bin] / found : 0;
            work[2 * bin] = found > TINY ? re * scale : magnitude[bin];
            work[2 * bin + 1] = im * scale;
        }
    }

    /** The oldest frame becomes final and with it one hop of sound, unless it lies before the start of the stream. */
    private int settle(float[] out, int offset) {
        boolean started = pending > lookahead;
        if (started) {
            for (int i = 0; i < size; i++) {
                settled[i] += pieces[0][i];
                settledGain[i] += window[i] * window[i];
            }
            for (int i = 0; i < hop; i++) {
                out[offset + i] = (float) (settled[i] / fullGain);
            }
        }
        return started ? hop : 0;
    }

    /** Forgets the stream so far. */
    public void reset() {
        pending = 0;
        Arrays.fill(settled, 0);
        Arrays.fill(settledGain, 0);
        for (int k = 0; k <= lookahead; k++) {
            Arrays.fill(pieces[k], 0);
            Arrays.fill(magnitudes[k], 0);
        }
    }

    /**
     * Frames that are waited for before the sound of one comes out.
     *
     * @return frames
     */
    public int lookaheadFrames() {
        return lookahead;
    }

    /**
     * How much sound {@link #prime} takes: a window less a hop.
     *
     * @return samples
     */
    public int primeSamples() {
        return size - hop;
    }

    /**
     * How much sound {@link #flush} gives.
     *
     * @return samples
     */
    public int tailSamples() {
        return lookahead * hop + size - hop;
    }

    /**
     * What a frame is.
     *
     * @return the spec as given
     */
    public MelSpec spec() {
        return spec;
    }
}
