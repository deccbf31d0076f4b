package io.mambaaudio.models.cpu;

/** The specification of what only S4D needs: see {@link Kernels}. */
final class ScalarS4d {
    private ScalarS4d() {}

    /** The channels from first on. */
    static void diagonal(
            float[] aRe,
            float[] aIm,
            float[] cRe,
            float[] cIm,
            float[] d,
            float[] u,
            float[] h,
            int hAt,
            float[] y,
            int from,
            int to,
            int first) {
        int channels = d.length;
        int pairs = aRe.length / channels;
        for (int t = from; t < to; t++) {
            for (int c = first; c < channels; c++) {
                float in = u[t * channels + c];
                float sum = d[c] * in;
                for (int n = 0; n < pairs; n++) {
                    int i = n * channels + c;
                    int re = hAt + 2 * n * channels + c;
                    int im = re + channels;
                    float next = aRe[i] * h[re] - aIm[i] * h[im] + in;
                    h[im] = aRe[i] * h[im] + aIm[i] * h[re];
                    h[re] = next;
                    sum += cRe[i] * h[re] - cIm[i] * h[im];
                }
                y[t * channels + c] = sum;
            }
        }
    }

    /**
     * {@code x} times the normal distribution's share below x, by Abramowitz and Stegun's formula 7.1.26 for erf, whose error is at most
     * 1.5e-7.
     */
    static float gelu(float x) {
        double z = Math.abs(x) * Math.sqrt(0.5);
        double t = 1 / (1 + 0.3275911 * z);
        double p = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
        double tail = 0.5 * p * Math.exp(-z * z);
        return (float) (x * (x < 0 ? tail : 1 - tail));
    }

    static float sigmoid(float x) {
        return (float) (1 / (1 + Math.exp(-x)));
    }
}
