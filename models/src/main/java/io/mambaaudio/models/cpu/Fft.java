package io.mambaaudio.models.cpu;

/** The discrete Fourier transform of complex numbers, a power of two of them, in place: radix 2, decimation in time. Immutable. */
final class Fft {
    private final int n;
    private final double[] cos; // (n / 2)
    private final double[] sin; // (n / 2)

    Fft(int n) {
        if (n < 1 || Integer.bitCount(n) != 1) {
            throw new IllegalArgumentException("n=" + n + " is out of range; choose a power of two");
        }
        this.n = n;
        cos = new double[n / 2];
        sin = new double[n / 2];
        for (int i = 0; i < n / 2; i++) {
            cos[i] = Math.cos(-2 * Math.PI * i / n);
            sin[i] = Math.sin(-2 * Math.PI * i / n);
        }
    }

    /** {@code X_k = sum x_j exp(-2 pi i j k / n)}; the inverse, times n, with the two arrays exchanged. */
    void transform(double[] re, double[] im) {
        reorder(re);
        reorder(im);
        for (int half = 1; half < n; half *= 2) {
            for (int start = 0; start < n; start += 2 * half) {
                for (int i = 0; i < half; i++) {
                    butterfly(re, im, start + i, start + i + half, i * (n / (2 * half)));
                }
            }
        }
    }

    private void butterfly(double[] re, double[] im, int a, int b, int twiddle) {
        double bRe = re[b] * cos[twiddle] - im[b] * sin[twiddle];
        double bIm = re[b] * sin[twiddle] + im[b] * cos[twiddle];
        re[b] = re[a] - bRe;
        im[b] = im[a] - bIm;
        re[a] += bRe;
        im[a] += bIm;
    }

    private void reorder(double[] x) {
        int unused = Integer.numberOfLeadingZeros(n) + 1;
        for (int i = 1; i < n; i++) {
            int j = Integer.reverse(i) >>> unused;
            if (i < j) {
                double swap = x[i];
                x[i] = x[j];
                x[j] = swap;
            }
        }
    }
}
