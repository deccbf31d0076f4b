package io.mambaaudio.dsp;

import java.util.Arrays;
import java.util.Objects;

/**
 * Turns a stream of samples into log-mel frames, as a {@link MelSpec} defines them.
 *
 * <p>Samples come in pieces of any size; a frame goes to the sink within the {@code push} that brings its last sample. The frames do
 * not depend on the pieces: one sample at a time and all at once give the same bits.
 *
 * <p>A sample that is not a number, or infinite, is taken as silence (zero), so that one bad buffer of a driver costs at most the
 * frames that it lies in. Every value of every frame is finite.
 *
 * <p>The arithmetic is double inside, so values agree with librosa and torchaudio run in float64 to float's last digits also in bands
 * far below the loudest one. A band so narrow that no bin lies under its triangle always has the value {@code ln(floor)}.
 *
 * <p>State: less than one window of samples, and a frame count. Threads: one at a time. Nothing allocates after construction.
 */
public final class MelFrontend {
    private final MelSpec spec;
    private final RealFft fft;
    private final MelFilterbank filterbank;
    private final double[] window; // (windowSamples)
    private final float[] pending; // (windowSamples) samples of the next frame
    private final double[] spectrum; // (fftSize) windowed samples, then packed bins
    private final double[] bins; // (fftSize / 2 + 1) magnitude to the power
    private final float[] frame; // (nMels)
    private int filled; // samples in pending
    private int toSkip; // samples that no frame covers, where hops are longer than windows
    private long framesOut;

    /**
     * Makes a front end at the start of a stream.
     *
     * @param spec what a frame is
     */
    public MelFrontend(MelSpec spec) {
        this.spec = spec;
        this.fft = new RealFft(spec.fftSize());
        this.filterbank = new MelFilterbank(spec);
        this.window = periodicHann(spec.windowSamples());
        this.pending = new float[spec.windowSamples()];
        this.spectrum = new double[spec.fftSize()];
        this.bins = new double[spec.fftSize() / 2 + 1];
        this.frame = new float[spec.nMels()];
    }

    /**
     * Takes samples and gives every frame that they complete, in order.
     *
     * @param samples mono sound at {@code spec().sampleRateHz()}, nominally −1 to 1
     * @param offset where the samples start
     * @param count how many there are; none is allowed
     * @param sink takes the frames before this method returns; it must not push to this front end
     * @throws IndexOutOfBoundsException if the range does not lie in the array; nothing was taken then
     */
    public void push(float[] samples, int offset, int count, FrameSink sink) {
        Objects.checkFromIndexSize(offset, count, samples.length);
        int at = offset;
        int end = offset + count;
        while (at < end) {
            int skipped = Math.min(toSkip, end - at);
            toSkip -= skipped;
            at += skipped;
            int taken = Math.min(pending.length - filled, end - at);
            Samples.copyFinite(samples, at, pending, filled, taken);
            filled += taken;
            at += taken;
            if (filled == pending.length) {
                computeFrame();
                hop();
                sink.accept(frame);
            }
        }
    }

    /** Forgets the stream so far: the next sample is the first of frame 0. */
    public void reset() {
        filled = 0;
        toSkip = 0;
        framesOut = 0;
    }

    /**
     * How many frames there were since the start or the last {@link #reset}.
     *
     * @return frames
     */
    public long framesOut() {
        return framesOut;
    }

    /**
     * What a frame is.
     *
     * @return the spec as given
     */
    public MelSpec spec() {
        return spec;
    }

    private void computeFrame() {
        for (int i = 0; i < window.length; i++) {
            spectrum[i] = pending[i] * window[i];
        }
        Arrays.fill(spectrum, window.length, spectrum.length, 0);
        fft.forward(spectrum);
        int first = filterbank.firstBin();
        int pastLast = filterbank.pastLastBin();
        powerSpectrum(first, pastLast);
        raise(first, pastLast);
        for (int band = 0; band < frame.length; band++) {
            double value = Math.max(filterbank.sum(bins, band), spec.floor());
            frame[band] = (float) Math.log(Math.min(value, Double.MAX_VALUE));
        }
    }

    private void powerSpectrum(int first, int pastLast) {
        int nyquist = bins.length - 1;
        for (int k = Math.max(1, first); k < Math.min(nyquist, pastLast); k++) {
            double re = spectrum[2 * k];
            double im = spectrum[2 * k + 1];
            bins[k] = re * re + im * im;
        }
        bins[0] = spectrum[0] * spectrum[0];
        bins[nyquist] = spectrum[1] * spectrum[1];
    }

    /** From squared magnitudes to magnitudes to the power that the spec asks for. */
    private void raise(int first, int pastLast) {
        if (spec.power() == 2) {
            return;
        }
        for (int k = first; k < pastLast; k++) {
            bins[k] = spec.power() == 1 ? Math.sqrt(bins[k]) : Math.pow(bins[k], spec.power() / 2);
        }
    }

    private void hop() {
        int kept = Math.max(0, pending.length - spec.hopSamples());
        System.arraycopy(pending, pending.length - kept, pending, 0, kept);
        filled = kept;
        toSkip = spec.hopSamples() - (pending.length - kept);
        framesOut++;
    }

    static double[] periodicHann(int length) {
        double[] window = new double[length];
        for (int i = 0; i < length; i++) {
            window[i] = 0.5 - 0.5 * Math.cos(2 * Math.PI * i / length);
        }
        return window;
    }
}
