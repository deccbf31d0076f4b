package io.mambaaudio.dsp;

/**
 * The discrete Fourier transform of real samples, for one power-of-two length.
 *
 * <p>Floats go in and come out; between them everything is double, which scalar code has for free. A bin is therefore right to
 * float's last digits even where it lies 100 dB below its neighbours, and that is where a log-mel frame looks.
 *
 * <p>How: {@code n} real samples are read as {@code n / 2} complex ones, transformed by passes of radix 8 and 4, and
 * the two interleaved real transforms are taken apart. See Van Loan, <i>Computational Frameworks for the Fast Fourier
 * Transform</i> (1992), sections 1.7 and 4.3.
 *
 * <p>Threads: the work space belongs to the object, so one thread at a time. Nothing allocates after construction.
 */
public final class RealFft {
    private static final int MAX_SIZE = 1 << 24;

    private final int size;
    private final int half;
    private final ComplexFft complex; // of length half
    private final double[] mix; // (half / 2 + 1, 2): (1 + i exp(-2 pi i k / size)) / 2
    private final double[] wide; // (size) the samples as doubles

    /**
     * Makes a transform of one length.
     *
     * @param size samples, a power of two from 2 to 16,777,216
     */
    public RealFft(int size) {
        if (size < 2 || size > MAX_SIZE || Integer.bitCount(size) != 1) {
            throw new IllegalArgumentException(
                    "size=" + size + " is out of range; choose a power of two from 2 to " + MAX_SIZE);
        }
        this.size = size;
        this.half = size / 2;
        this.complex = new ComplexFft(half);
        this.mix = new double[2 * (half / 2 + 1)];
        for (int k = 0; k <= half / 2; k++) {
            double angle = 2 * Math.PI * k / size;
            mix[2 * k] = 0.5 * (1 + Math.sin(angle));
            mix[2 * k + 1] = 0.5 * Math.cos(angle);
        }
        this.wide = new double[size];
    }

    /**
     * The length of the transform.
     *
     * @return samples
     */
    public int size() {
        return size;
    }

    /**
     * Replaces samples by their spectrum, {@code X[k] = sum over j of x[j] exp(-2 pi i j k / n)}, without scaling.
     *
     * @param data (size) samples; afterwards packed bins: {@code data[0]} is the real bin 0, {@code data[1]} the real bin
     *     {@code size / 2}, {@code data[2k]} and {@code data[2k + 1]} are the real and imaginary parts of bin {@code k}
     */
    public void forward(float[] data) {
        checkSize(data.length);
        for (int i = 0; i < size; i++) {
            wide[i] = data[i];
        }
        forward(wide);
        for (int i = 0; i < size; i++) {
            data[i] = (float) wide[i];
        }
    }

    /**
     * Replaces a spectrum by its samples: {@code inverse} after {@code forward} gives back what there was.
     *
     * @param data (size) packed bins as {@link #forward(float[])} leaves them; afterwards samples
     */
    public void inverse(float[] data) {
        checkSize(data.length);
        for (int i = 0; i < size; i++) {
            wide[i] = data[i];
        }
        inverse(wide);
        for (int i = 0; i < size; i++) {
            data[i] = (float) wide[i];
        }
    }

    /** The same as the public one, for callers of this package that have doubles already. */
    void forward(double[] data) {
        checkSize(data.length);
        untangle(complex.transform(data), data);
    }

    /** The same as the public one, for callers of this package that have doubles already. */
    void inverse(double[] data) {
        checkSize(data.length);
        tangle(data);
        double[] z = complex.transform(data);
        double scale = 1.0 / half;
        for (int i = 0; i < size; i += 2) {
            data[i] = z[i] * scale;
            data[i + 1] = z[i + 1] * -scale;
        }
    }

    private void checkSize(int length) {
        if (length != size) {
            throw new IllegalArgumentException("data.length=" + length + " does not fit; give exactly size=" + size);
        }
    }

    /**
     * From the transform {@code Z} of (even sample + i odd sample) to the transform {@code X} of the samples, with
     * {@code g = (1 + i exp(-2 pi i k / n)) / 2} and a star for the conjugate: {@code Y = g (Z[k] - Z*[n/2 - k])},
     * {@code X[k] = Z[k] - Y}, {@code X[n/2 - k] = Z[n/2 - k] + Y*}. The two arrays may be one.
     */
    private void untangle(double[] z, double[] x) {
        double evens = z[0];
        double odds = z[1];
        x[0] = evens + odds;
        x[1] = evens - odds;
        for (int k = 2; k <= half; k += 2) {
            int m = size - k;
            double difR = z[k] - z[m];
            double difI = z[k + 1] + z[m + 1];
            double turnR = difR * mix[k] - difI * mix[k + 1];
            double turnI = difR * mix[k + 1] + difI * mix[k];
            double r = z[m] + turnR;
            double i = z[m + 1] - turnI;
            x[k] = z[k] - turnR;
            x[k + 1] = z[k + 1] - turnI;
            x[m] = r;
            x[m + 1] = i;
        }
    }

    /** The way back of {@link #untangle}, with {@code g*} for {@code g}, and conjugated, so that a forward transform inverts. */
    private void tangle(double[] x) {
        double first = x[0];
        double last = x[1];
        x[0] = 0.5 * (first + last);
        x[1] = 0.5 * (last - first);
        for (int k = 2; k <= half; k += 2) {
            int m = size - k;
            double difR = x[k] - x[m];
            double difI = x[k + 1] + x[m + 1];
            double turnR = difR * mix[k] + difI * mix[k + 1];
            double turnI = difI * mix[k] - difR * mix[k + 1];
            double r = x[m] + turnR;
            double i = turnI - x[m + 1];
            x[k] -= turnR;
            x[k + 1] = turnI - x[k + 1];
            x[m] = r;
            x[m + 1] = i;
        }
    }
}
