package io.mambaaudio.dsp;

import java.util.Arrays;

/**
 * The discrete Fourier transform of complex doubles, {@code Z[k] = sum over j of z[j] exp(-2 pi i j k / n)}, for one power-of-two
 * length: the heart of {@link RealFft}.
 *
 * <p>Stockham's self-sorting passes, decimating in time (Van Loan, <i>Computational Frameworks for the Fast Fourier Transform</i>,
 * 1992, section 1.7): each reads one array and writes the other, and no bit reversal is needed. A pass of radix R that finds
 * {@code stride} frequencies of every sequence of {@code n = length / stride} places leaves {@code R stride} frequencies:
 *
 * <pre>
 * y[q + stride (k + R p)] = sum over j of exp(-2 pi i j k / R) exp(-2 pi i j q / (R stride)) x[q + stride (p + j n / R)]
 * </pre>
 *
 * <p>Tried and slower: radix 4 throughout (1.5 times the time; its inner loops start too short). Tried and left: fused multiply-add,
 * 6 % faster, but emulated at a microsecond each on a processor without it. What remains is bound by scalar additions.
 */
final class ComplexFft {
    private static final double SQRT_HALF = Math.sqrt(0.5);

    private final int length;
    private final int[] radices; // of the passes after the first
    private final double[][] twiddles; // (passes after the first)(stride, radix - 1, 2)
    private final double[] spare; // (length, 2)

    /**
     * Makes a transform.
     *
     * @param length complex values, a power of two
     */
    ComplexFft(int length) {
        this.length = length;
        this.radices = radices(length);
        this.twiddles = new double[radices.length][];
        int stride = length >= 8 ? 8 : 1;
        for (int pass = 0; pass < radices.length; pass++) {
            twiddles[pass] = twiddles(stride, radices[pass]);
            stride *= radices[pass];
        }
        this.spare = new double[2 * length];
    }

    /**
     * Transforms.
     *
     * @param data (length, 2) values; overwritten
     * @return the array that has the result: {@code data} or one of this object
     */
    double[] transform(double[] data) {
        double[] x = data;
        double[] y = spare;
        int stride = 1;
        if (length >= 8) {
            firstRadix8(data, spare);
            x = spare;
            y = data;
            stride = 8;
        }
        for (int pass = 0; pass < radices.length; pass++) {
            switch (radices[pass]) {
                case 2 -> radix2(x, y, stride, twiddles[pass]);
                case 4 -> radix4(x, y, stride, twiddles[pass]);
                default -> radix8(x, y, stride, twiddles[pass]);
            }
            stride *= radices[pass];
            double[] swap = x;
            x = y;
            y = swap;
        }
        return x;
    }

    /** The first pass, whose twiddles are all 1: two transforms of four, even and odd, joined by the eighth roots of one. */
    private void firstRadix8(double[] x, double[] y) {
        int leg = length / 4; // doubles between the inputs of a butterfly
        for (int p = 0; p < length / 8; p++) {
            int in = 2 * p;
            int out = 16 * p;
            double x0r = x[in];
            double x0i = x[in + 1];
            double x4r = x[in + 4 * leg];
            double x4i = x[in + 4 * leg + 1];
            double x2r = x[in + 2 * leg];
            double x2i = x[in + 2 * leg + 1];
            double x6r = x[in + 6 * leg];
            double x6i = x[in + 6 * leg + 1];
            double sumR = x0r + x4r;
            double sumI = x0i + x4i;
            double difR = x0r - x4r;
            double difI = x0i - x4i;
            double oddR = x2r + x6r;
            double oddI = x2i + x6i;
            double turnR = x2i - x6i; // -i (x2 - x6)
            double turnI = x6r - x2r;
            double e0r = sumR + oddR;
            double e0i = sumI + oddI;
            double e1r = difR + turnR;
            double e1i = difI + turnI;
            double e2r = sumR - oddR;
            double e2i = sumI - oddI;
            double e3r = difR - turnR;
            double e3i = difI - turnI;
            double x1r = x[in + leg];
            double x1i = x[in + leg + 1];
            double x5r = x[in + 5 * leg];
            double x5i = x[in + 5 * leg + 1];
            double x3r = x[in + 3 * leg];
            double x3i = x[in + 3 * leg + 1];
            double x7r = x[in + 7 * leg];
            double x7i = x[in + 7 * leg + 1];
            sumR = x1r + x5r;
            sumI = x1i + x5i;
            difR = x1r - x5r;
            difI = x1i - x5i;
            oddR = x3r + x7r;
            oddI = x3i + x7i;
            turnR = x3i - x7i;
            turnI = x7r - x3r;
            double o0r = sumR + oddR;
            double o0i = sumI + oddI;
            double r = difR + turnR;
            double i = difI + turnI;
            double o1r = SQRT_HALF * (r + i); // times (1 - i) / sqrt 2
            double o1i = SQRT_HALF * (i - r);
            double o2r = sumI - oddI; // times -i
            double o2i = oddR - sumR;
            r = difR - turnR;
            i = difI - turnI;
            double o3r = SQRT_HALF * (i - r); // times (-1 - i) / sqrt 2
            double o3i = -SQRT_HALF * (r + i);
            y[out] = e0r + o0r;
            y[out + 1] = e0i + o0i;
            y[out + 2] = e1r + o1r;
            y[out + 3] = e1i + o1i;
            y[out + 4] = e2r + o2r;
            y[out + 5] = e2i + o2i;
            y[out + 6] = e3r + o3r;
            y[out + 7] = e3i + o3i;
            y[out + 8] = e0r - o0r;
            y[out + 9] = e0i - o0i;
            y[out + 10] = e1r - o1r;
            y[out + 11] = e1i - o1i;
            y[out + 12] = e2r - o2r;
            y[out + 13] = e2i - o2i;
            y[out + 14] = e3r - o3r;
            y[out + 15] = e3i - o3i;
        }
    }

    private void radix8(double[] x, double[] y, int stride, double[] w) {
        int leg = length / 4;
        int step = 2 * stride; // doubles between the outputs of a butterfly
        for (int p = 0; p < length / stride / 8; p++) {
            int in = step * p;
            int out = 8 * in;
            for (int q = 0; q < step; q += 2) {
                int t = 7 * q;
                double x0r = x[in + q];
                double x0i = x[in + q + 1];
                double x4r = x[in + q + 4 * leg] * w[t + 6] - x[in + q + 4 * leg + 1] * w[t + 7];
                double x4i = x[in + q + 4 * leg] * w[t + 7] + x[in + q + 4 * leg + 1] * w[t + 6];
                double x2r = x[in + q + 2 * leg] * w[t + 2] - x[in + q + 2 * leg + 1] * w[t + 3];
                double x2i = x[in + q + 2 * leg] * w[t + 3] + x[in + q + 2 * leg + 1] * w[t + 2];
                double x6r = x[in + q + 6 * leg] * w[t + 10] - x[in + q + 6 * leg + 1] * w[t + 11];
                double x6i = x[in + q + 6 * leg] * w[t + 11] + x[in + q + 6 * leg + 1] * w[t + 10];
                double sumR = x0r + x4r;
                double sumI = x0i + x4i;
                double difR = x0r - x4r;
                double difI = x0i - x4i;
                double oddR = x2r + x6r;
                double oddI = x2i + x6i;
                double turnR = x2i - x6i; // -i (x2 - x6)
                double turnI = x6r - x2r;
                double e0r = sumR + oddR;
                double e0i = sumI + oddI;
                double e1r = difR + turnR;
                double e1i = difI + turnI;
                double e2r = sumR - oddR;
                double e2i = sumI - oddI;
                double e3r = difR - turnR;
                double e3i = difI - turnI;
                double x1r = x[in + q + leg] * w[t] - x[in + q + leg + 1] * w[t + 1];
                double x1i = x[in + q + leg] * w[t + 1] + x[in + q + leg + 1] * w[t];
                double x5r = x[in + q + 5 * leg] * w[t + 8] - x[in + q + 5 * leg + 1] * w[t + 9];
                double x5i = x[in + q + 5 * leg] * w[t + 9] + x[in + q + 5 * leg + 1] * w[t + 8];
                double x3r = x[in + q + 3 * leg] * w[t + 4] - x[in + q + 3 * leg + 1] * w[t + 5];
                double x3i = x[in + q + 3 * leg] * w[t + 5] + x[in + q + 3 * leg + 1] * w[t + 4];
                double x7r = x[in + q + 7 * leg] * w[t + 12] - x[in + q + 7 * leg + 1] * w[t + 13];
                double x7i = x[in + q + 7 * leg] * w[t + 13] + x[in + q + 7 * leg + 1] * w[t + 12];
                sumR = x1r + x5r;
                sumI = x1i + x5i;
                difR = x1r - x5r;
                difI = x1i - x5i;
                oddR = x3r + x7r;
                oddI = x3i + x7i;
                turnR = x3i - x7i;
                turnI = x7r - x3r;
                double o0r = sumR + oddR;
                double o0i = sumI + oddI;
                double r = difR + turnR;
                double i = difI + turnI;
                double o1r = SQRT_HALF * (r + i); // times (1 - i) / sqrt 2
                double o1i = SQRT_HALF * (i - r);
                double o2r = sumI - oddI; // times -i
                double o2i = oddR - sumR;
                r = difR - turnR;
                i = difI - turnI;
                double o3r = SQRT_HALF * (i - r); // times (-1 - i) / sqrt 2
                double o3i = -SQRT_HALF * (r + i);
                y[out + q] = e0r + o0r;
                y[out + q + 1] = e0i + o0i;
                y[out + q + step] = e1r + o1r;
                y[out + q + step + 1] = e1i + o1i;
                y[out + q + 2 * step] = e2r + o2r;
                y[out + q + 2 * step + 1] = e2i + o2i;
                y[out + q + 3 * step] = e3r + o3r;
                y[out + q + 3 * step + 1] = e3i + o3i;
                y[out + q + 4 * step] = e0r - o0r;
                y[out + q + 4 * step + 1] = e0i - o0i;
                y[out + q + 5 * step] = e1r - o1r;
                y[out + q + 5 * step + 1] = e1i - o1i;
                y[out + q + 6 * step] = e2r - o2r;
                y[out + q + 6 * step + 1] = e2i - o2i;
                y[out + q + 7 * step] = e3r - o3r;
                y[out + q + 7 * step + 1] = e3i - o3i;
            }
        }
    }

    private void radix4(double[] x, double[] y, int stride, double[] w) {
        int leg = length / 2;
        int step = 2 * stride;
        for (int p = 0; p < length / stride / 4; p++) {
            int in = step * p;
            int out = 4 * in;
            for (int q = 0; q < step; q += 2) {
                int t = 3 * q;
                double x0r = x[in + q];
                double x0i = x[in + q + 1];
                double x1r = x[in + q + leg] * w[t] - x[in + q + leg + 1] * w[t + 1];
                double x1i = x[in + q + leg] * w[t + 1] + x[in + q + leg + 1] * w[t];
                double x2r = x[in + q + 2 * leg] * w[t + 2] - x[in + q + 2 * leg + 1] * w[t + 3];
                double x2i = x[in + q + 2 * leg] * w[t + 3] + x[in + q + 2 * leg + 1] * w[t + 2];
                double x3r = x[in + q + 3 * leg] * w[t + 4] - x[in + q + 3 * leg + 1] * w[t + 5];
                double x3i = x[in + q + 3 * leg] * w[t + 5] + x[in + q + 3 * leg + 1] * w[t + 4];
                double sumR = x0r + x2r;
                double sumI = x0i + x2i;
                double difR = x0r - x2r;
                double difI = x0i - x2i;
                double oddR = x1r + x3r;
                double oddI = x1i + x3i;
                double turnR = x1i - x3i; // -i (x1 - x3)
                double turnI = x3r - x1r;
                y[out + q] = sumR + oddR;
                y[out + q + 1] = sumI + oddI;
                y[out + q + step] = difR + turnR;
                y[out + q + step + 1] = difI + turnI;
                y[out + q + 2 * step] = sumR - oddR;
                y[out + q + 2 * step + 1] = sumI - oddI;
                y[out + q + 3 * step] = difR - turnR;
                y[out + q + 3 * step + 1] = difI - turnI;
            }
        }
    }

    /** Comes last if at all, so that only one place is left. */
    private void radix2(double[] x, double[] y, int stride, double[] w) {
        int leg = 2 * stride;
        for (int q = 0; q < leg; q += 2) {
            double x1r = x[q + leg] * w[q] - x[q + leg + 1] * w[q + 1];
            double x1i = x[q + leg] * w[q + 1] + x[q + leg + 1] * w[q];
            y[q] = x[q] + x1r;
            y[q + 1] = x[q + 1] + x1i;
            y[q + leg] = x[q] - x1r;
            y[q + leg + 1] = x[q + 1] - x1i;
        }
    }

    /** What the first pass leaves: radix 4 until only eights are left, which like long inner loops best; radix 2 where nothing fits. */
    private static int[] radices(int length) {
        int doublings = Integer.numberOfTrailingZeros(length >= 8 ? length / 8 : length);
        int[] radices = new int[doublings];
        int passes = 0;
        while (doublings > 0) {
            int taken = doublings == 1 ? 1 : doublings % 3 == 0 ? 3 : 2;
            radices[passes++] = 1 << taken;
            doublings -= taken;
        }
        return Arrays.copyOf(radices, passes);
    }

    /** {@code exp(-2 pi i j q / (radix stride))} for (q, j from 1). */
    private static double[] twiddles(int stride, int radix) {
        double[] table = new double[stride * (radix - 1) * 2];
        int at = 0;
        for (int q = 0; q < stride; q++) {
            for (int j = 1; j < radix; j++) {
                double angle = -2 * Math.PI * ((long) j * q) / ((long) radix * stride);
                table[at++] = Math.cos(angle);
                table[at++] = Math.sin(angle);
            }
        }
        return table;
    }
}
