package io.mambaaudio.dsp;

/**
 * The discrete Fourier transform of real samples, for one power-of-two length.
 *
 * <p>Floats go in and come out; between them everything is double, which scalar code has for free. A bin is therefore right to
 * float's last digits even where it lies 100 dB below its neighbours, and that is where a log-mel frame looks.
 *
 * <p>How: {@code n} real samples are read as {@code n / 2} complex ones, transformed by Stockham's self-sorting radix-4 passes
 * (closed by one of radix 8 or 2 where the length asks for it), and the two interleaved real transforms are taken apart. See Van
 * Loan, <i>Computational Frameworks for the Fast Fourier Transform</i> (1992), sections 1.7 and 4.3.
 *
 * <p>Threads: the work space belongs to the object, so one thread at a time. Nothing allocates after construction.
 */
public final class RealFft {
    private static final int MAX_SIZE = 1 << 24;

    private final int size;
    private final int half;
    private final double[] twiddles; // (half / 4, 3, 2): w^p, w^2p, w^3p with w = exp(-2 pi i / half)
    private final double[] untangle; // (half / 2 + 1, 2): cosine and sine of 2 pi k / size
    private final double[] wide; // (size) the samples as doubles
    private final double[] spare; // (size) what the passes write to and fro

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
        this.twiddles = twiddles(half);
        this.untangle = new double[2 * (half / 2 + 1)];
        for (int k = 0; k <= half / 2; k++) {
            putUnitRoot(untangle, 2 * k, k, size);
        }
        this.wide = new double[size];
        this.spare = new double[size];
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
        tangle(wide);
        double[] z = transform(wide);
        double scale = 1.0 / half;
        for (int i = 0; i < size; i += 2) {
            data[i] = (float) (z[i] * scale);
            data[i + 1] = (float) (z[i + 1] * -scale);
        }
    }

    /** The same as the public one, for callers of this package that have doubles already. */
    void forward(double[] data) {
        checkSize(data.length);
        untangle(transform(data), data);
    }

    private void checkSize(int length) {
        if (length != size) {
            throw new IllegalArgumentException("data.length=" + length + " does not fit; give exactly size=" + size);
        }
    }

    /** Complex transform of (half) interleaved values; overwrites its argument and returns the array that has the result. */
    private double[] transform(double[] data) {
        double[] x = data;
        double[] y = spare;
        int length = half;
        int stride = 1;
        while (length >= 16) {
            radix4(x, y, length, stride);
            double[] swap = x;
            x = y;
            y = swap;
            length /= 4;
            stride *= 4;
        }
        if (length == 1) {
            return x;
        }
        switch (length) {
            case 2 -> lastRadix2(x, y, stride);
            case 4 -> lastRadix4(x, y, stride);
            default -> lastRadix8(x, y, stride);
        }
        return y;
    }

    /** One pass: {@code stride} interleaved transforms of {@code length} become four times as many of a quarter. */
    private void radix4(double[] x, double[] y, int length, int stride) {
        int leg = half / 2; // doubles between the four inputs of a butterfly, the same in every pass
        int step = 2 * stride;
        for (int p = 0; p < length / 4; p++) {
            int w = 6 * p * stride;
            double w1r = twiddles[w];
            double w1i = twiddles[w + 1];
            double w2r = twiddles[w + 2];
            double w2i = twiddles[w + 3];
            double w3r = twiddles[w + 4];
            double w3i = twiddles[w + 5];
            int out = 4 * step * p;
            for (int in = step * p, end = in + step; in < end; in += 2, out += 2) {
                double ar = x[in];
                double ai = x[in + 1];
                double br = x[in + leg];
                double bi = x[in + leg + 1];
                double cr = x[in + 2 * leg];
                double ci = x[in + 2 * leg + 1];
                double dr = x[in + 3 * leg];
                double di = x[in + 3 * leg + 1];
                double sumR = ar + cr;
                double sumI = ai + ci;
                double difR = ar - cr;
                double difI = ai - ci;
                double oddR = br + dr;
                double oddI = bi + di;
                double turnR = bi - di; // -i (b - d)
                double turnI = dr - br;
                y[out] = sumR + oddR;
                y[out + 1] = sumI + oddI;
                double r = difR + turnR;
                double i = difI + turnI;
                y[out + step] = r * w1r - i * w1i;
                y[out + step + 1] = r * w1i + i * w1r;
                r = sumR - oddR;
                i = sumI - oddI;
                y[out + 2 * step] = r * w2r - i * w2i;
                y[out + 2 * step + 1] = r * w2i + i * w2r;
                r = difR - turnR;
                i = difI - turnI;
                y[out + 3 * step] = r * w3r - i * w3i;
                y[out + 3 * step + 1] = r * w3i + i * w3r;
            }
        }
    }

    private static void lastRadix2(double[] x, double[] y, int stride) {
        int step = 2 * stride;
        for (int q = 0; q < step; q++) {
            y[q] = x[q] + x[q + step];
            y[q + step] = x[q] - x[q + step];
        }
    }

    private static void lastRadix4(double[] x, double[] y, int stride) {
        int step = 2 * stride;
        for (int q = 0; q < step; q += 2) {
            double sumR = x[q] + x[q + 2 * step];
            double sumI = x[q + 1] + x[q + 2 * step + 1];
            double difR = x[q] - x[q + 2 * step];
            double difI = x[q + 1] - x[q + 2 * step + 1];
            double oddR = x[q + step] + x[q + 3 * step];
            double oddI = x[q + step + 1] + x[q + 3 * step + 1];
            double turnR = x[q + step + 1] - x[q + 3 * step + 1];
            double turnI = x[q + 3 * step] - x[q + step];
            y[q] = sumR + oddR;
            y[q + 1] = sumI + oddI;
            y[q + step] = difR + turnR;
            y[q + step + 1] = difI + turnI;
            y[q + 2 * step] = sumR - oddR;
            y[q + 2 * step + 1] = sumI - oddI;
            y[q + 3 * step] = difR - turnR;
            y[q + 3 * step + 1] = difI - turnI;
        }
    }

    /** Two transforms of four (even and odd inputs), joined by the eighth roots of one. */
    private static void lastRadix8(double[] x, double[] y, int stride) {
        double h = Math.sqrt(0.5);
        int step = 2 * stride;
        for (int q = 0; q < step; q += 2) {
            double sumR = x[q] + x[q + 4 * step];
            double sumI = x[q + 1] + x[q + 4 * step + 1];
            double difR = x[q] - x[q + 4 * step];
            double difI = x[q + 1] - x[q + 4 * step + 1];
            double oddR = x[q + 2 * step] + x[q + 6 * step];
            double oddI = x[q + 2 * step + 1] + x[q + 6 * step + 1];
            double turnR = x[q + 2 * step + 1] - x[q + 6 * step + 1];
            double turnI = x[q + 6 * step] - x[q + 2 * step];
            double e0r = sumR + oddR;
            double e0i = sumI + oddI;
            double e1r = difR + turnR;
            double e1i = difI + turnI;
            double e2r = sumR - oddR;
            double e2i = sumI - oddI;
            double e3r = difR - turnR;
            double e3i = difI - turnI;
            sumR = x[q + step] + x[q + 5 * step];
            sumI = x[q + step + 1] + x[q + 5 * step + 1];
            difR = x[q + step] - x[q + 5 * step];
            difI = x[q + step + 1] - x[q + 5 * step + 1];
            oddR = x[q + 3 * step] + x[q + 7 * step];
            oddI = x[q + 3 * step + 1] + x[q + 7 * step + 1];
            turnR = x[q + 3 * step + 1] - x[q + 7 * step + 1];
            turnI = x[q + 7 * step] - x[q + 3 * step];
            double o0r = sumR + oddR;
            double o0i = sumI + oddI;
            double o1r = h * (difR + turnR + difI + turnI); // times (1 - i) / sqrt 2
            double o1i = h * (difI + turnI - difR - turnR);
            double o2r = sumI - oddI; // times -i
            double o2i = oddR - sumR;
            double o3r = h * (difI - turnI - difR + turnR); // times (-1 - i) / sqrt 2
            double o3i = h * (turnR - difR - difI + turnI);
            y[q] = e0r + o0r;
            y[q + 1] = e0i + o0i;
            y[q + step] = e1r + o1r;
            y[q + step + 1] = e1i + o1i;
            y[q + 2 * step] = e2r + o2r;
            y[q + 2 * step + 1] = e2i + o2i;
            y[q + 3 * step] = e3r + o3r;
            y[q + 3 * step + 1] = e3i + o3i;
            y[q + 4 * step] = e0r - o0r;
            y[q + 4 * step + 1] = e0i - o0i;
            y[q + 5 * step] = e1r - o1r;
            y[q + 5 * step + 1] = e1i - o1i;
            y[q + 6 * step] = e2r - o2r;
            y[q + 6 * step + 1] = e2i - o2i;
            y[q + 7 * step] = e3r - o3r;
            y[q + 7 * step + 1] = e3i - o3i;
        }
    }

    /** From the transform of (even sample + i odd sample) to that of the samples; {@code z} and {@code x} may be one array. */
    private void untangle(double[] z, double[] x) {
        double evens = z[0];
        double odds = z[1];
        x[0] = evens + odds;
        x[1] = evens - odds;
        for (int k = 2, m = size - 2; k <= m; k += 2, m -= 2) {
            double evenR = 0.5 * (z[k] + z[m]);
            double evenI = 0.5 * (z[k + 1] - z[m + 1]);
            double oddR = 0.5 * (z[k + 1] + z[m + 1]);
            double oddI = 0.5 * (z[m] - z[k]);
            double c = untangle[k];
            double s = untangle[k + 1];
            double turnR = c * oddR + s * oddI;
            double turnI = c * oddI - s * oddR;
            x[k] = evenR + turnR;
            x[k + 1] = evenI + turnI;
            x[m] = evenR - turnR;
            x[m + 1] = turnI - evenI;
        }
    }

    /** The way back of {@link #untangle}, conjugated, so that the forward passes invert. */
    private void tangle(double[] x) {
        double first = x[0];
        double last = x[1];
        x[0] = 0.5 * (first + last);
        x[1] = 0.5 * (last - first);
        for (int k = 2, m = size - 2; k <= m; k += 2, m -= 2) {
            double evenR = 0.5 * (x[k] + x[m]);
            double evenI = 0.5 * (x[k + 1] - x[m + 1]);
            double turnR = 0.5 * (x[k] - x[m]);
            double turnI = 0.5 * (x[k + 1] + x[m + 1]);
            double c = untangle[k];
            double s = untangle[k + 1];
            double oddR = c * turnR - s * turnI;
            double oddI = c * turnI + s * turnR;
            x[k] = evenR - oddI;
            x[k + 1] = -evenI - oddR;
            x[m] = evenR + oddI;
            x[m + 1] = evenI - oddR;
        }
    }

    private static double[] twiddles(int length) {
        double[] table = new double[6 * (length / 4)];
        for (int p = 0; p < length / 4; p++) {
            for (int leg = 1; leg <= 3; leg++) {
                int at = 6 * p + 2 * (leg - 1);
                putUnitRoot(table, at, (long) leg * p, length);
                table[at + 1] = -table[at + 1];
            }
        }
        return table;
    }

    private static void putUnitRoot(double[] table, int at, long k, int n) {
        double angle = 2 * Math.PI * k / n;
        table[at] = Math.cos(angle);
        table[at + 1] = Math.sin(angle);
    }
}
