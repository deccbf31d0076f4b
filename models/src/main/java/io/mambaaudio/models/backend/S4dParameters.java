package io.mambaaudio.models.backend;

import io.mambaaudio.models.cpu.Matrix;

/**
 * What an S4D layer learns: a continuous system for every channel, {@code x' = A x + B u, y = 2 Re(C x) + D u} with B = 1, and the time step at
 * which it is sampled. One of each conjugate pair of the N states is kept. Immutable by convention: nobody writes to the arrays.
 *
 * @param logDt (channels) logarithm of the time step
 * @param logAReal (channels, N / 2) logarithm of minus the real part of A, so that no state ever grows
 * @param aImag (channels, N / 2) imaginary part of A
 * @param c (channels, N / 2, 2) C, real and imaginary part
 * @param d (channels) D
 */
@SuppressWarnings("ArrayRecordComponent") // never compared, never printed
public record S4dParameters(float[] logDt, float[] logAReal, float[] aImag, float[] c, float[] d) {
    /** Minus the real part of every A in the beginning, in both initialisations. */
    public static final double INITIAL_DECAY = 0.5;

    /**
     * S4D-Lin: {@code A_n = -1/2 + i pi n}, frequencies of a Fourier series.
     *
     * @param dState N
     * @return imaginary parts (N / 2)
     */
    public static float[] linear(int dState) {
        float[] imag = new float[dState / 2];
        for (int n = 0; n < imag.length; n++) {
            imag[n] = (float) (Math.PI * n);
        }
        return imag;
    }

    /**
     * S4D-Inv: {@code A_n = -1/2 + i (N / pi) (N / (2 n + 1) - 1)}, which approximates the diagonal of S4's HiPPO matrix.
     *
     * @param dState N
     * @return imaginary parts (N / 2)
     */
    public static float[] inverse(int dState) {
        float[] imag = new float[dState / 2];
        for (int n = 0; n < imag.length; n++) {
            imag[n] = (float) (dState / Math.PI * (dState / (2.0 * n + 1) - 1));
        }
        return imag;
    }

    /** Zero-order hold: {@code A~ = exp(dt A)}, {@code B~ = (A~ - 1) / A}, the latter kept with C; transposed, so that channels lie side by side. */
    public Layer.S4d discretised(float[] norm, Matrix outProj, float[] outBias) {
        int channels = logDt.length;
        int pairs = logAReal.length / channels;
        float[][] out = new float[4][pairs * channels];
        for (int channel = 0; channel < channels; channel++) {
            for (int n = 0; n < pairs; n++) {
                discretise(channel, channel * pairs + n, n * channels + channel, out);
            }
        }
        return new Layer.S4d(norm, out[0], out[1], out[2], out[3], d, outProj, outBias);
    }

    private void discretise(int channel, int from, int to, float[][] out) {
        double dt = Math.exp(logDt[channel]);
        double re = -Math.exp(logAReal[from]);
        double im = aImag[from];
        double aRe = Math.exp(dt * re) * Math.cos(dt * im);
        double aIm = Math.exp(dt * re) * Math.sin(dt * im);
        double size = re * re + im * im;
        double bRe = ((aRe - 1) * re + aIm * im) / size;
        double bIm = (aIm * re - (aRe - 1) * im) / size;
        out[0][to] = (float) aRe;
        out[1][to] = (float) aIm;
        out[2][to] = (float) (2 * (c[2 * from] * bRe - c[2 * from + 1] * bIm));
        out[3][to] = (float) (2 * (c[2 * from] * bIm + c[2 * from + 1] * bRe));
    }
}
