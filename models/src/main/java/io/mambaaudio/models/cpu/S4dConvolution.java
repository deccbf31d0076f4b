package io.mambaaudio.models.cpu;

import io.mambaaudio.models.backend.Layer;

/**
 * S4D as a convolution: since it does not select, a channel that starts from rest is its input convolved with one kernel,
 * {@code K_l = Re(sum over n of c_n a_n^l)}. By Fourier transforms of twice the length that takes L log L. It is the form in which S4D is trained
 * elsewhere; sessions take the recurrence, which goes on from any state, in L.
 */
public final class S4dConvolution {
    private final Layer.S4d layer;
    private final int length;
    private final Fft fft;
    private final double[] re; // (2 length or more)
    private final double[] im;

    /** For sequences of so many steps, or fewer. */
    public S4dConvolution(Layer.S4d layer, int length) {
        if (length < 1 || length > 1 << 28) {
            throw new IllegalArgumentException("length=" + length + " is out of range; choose 1 to " + (1 << 28));
        }
        this.layer = layer;
        this.length = length;
        int n = Integer.highestOneBit(2 * length - 1) * 2;
        fft = new Fft(n);
        re = new double[n];
        im = new double[n];
    }

    /**
     * What {@link Kernels#diagonal} gives from a state of zeros.
     *
     * @param u (rows, channels)
     * @param y (rows, channels)
     * @param rows at most the length
     */
    public void forward(float[] u, float[] y, int rows) {
        if (rows > length) {
            throw new IllegalArgumentException("rows=" + rows + " is out of range; choose 0 to " + length);
        }
        int channels = layer.d().length;
        for (int channel = 0; channel < channels; channel++) {
            java.util.Arrays.fill(re, 0);
            java.util.Arrays.fill(im, 0);
            for (int t = 0; t < rows; t++) {
                re[t] = u[t * channels + channel];
            }
            kernel(channel, rows, im);
            convolve();
            for (int t = 0; t < rows; t++) {
                y[t * channels + channel] = (float) (re[t] + layer.d()[channel] * u[t * channels + channel]);
            }
        }
    }

    /** The first values of a channel's impulse response. */
    void kernel(int channel, int count, double[] out) {
        int channels = layer.d().length;
        java.util.Arrays.fill(out, 0, count, 0);
        for (int i = channel; i < layer.aRe().length; i += channels) {
            double powRe = layer.cRe()[i];
            double powIm = layer.cIm()[i];
            for (int l = 0; l < count; l++) {
                out[l] += powRe;
                double next = powRe * layer.aRe()[i] - powIm * layer.aIm()[i];
                powIm = powRe * layer.aIm()[i] + powIm * layer.aRe()[i];
                powRe = next;
            }
        }
    }

    /**
     * Convolves re with im, into re. The two real signals share a transform: the even part of it is that of re, the odd part i times that of
     * im.
     */
    private void convolve() {
        int n = re.length;
        fft.transform(re, im);
        for (int k = 0; k <= n / 2; k++) {
            int mirrored = (n - k) & (n - 1);
            double uRe = (re[k] + re[mirrored]) / 2;
            double uIm = (im[k] - im[mirrored]) / 2;
            double kRe = (im[k] + im[mirrored]) / 2;
            double kIm = (re[mirrored] - re[k]) / 2;
            re[k] = (uRe * kRe - uIm * kIm) / n;
            im[k] = (uRe * kIm + uIm * kRe) / n;
            re[mirrored] = re[k];
            im[mirrored] = -im[k];
        }
        im[0] = 0;
        fft.transform(im, re); // exchanged: the inverse
    }
}
