package io.mambaaudio.dsp;

/**
 * The triangles of a {@link MelSpec} over the bins of a spectrum. A triangle touches few bins, so only those are kept: 500 weights
 * instead of 20,000 for the usual speech spec.
 *
 * <p>Triangle {@code b} rises from edge {@code b} to edge {@code b + 1} and falls to edge {@code b + 2}, straight in Hz; the edges
 * are evenly spaced in mel.
 */
final class MelFilterbank {
    private static final double SLANEY_LINEAR_HZ_PER_MEL = 200.0 / 3;
    private static final double SLANEY_KNEE_HZ = 1000;
    private static final double SLANEY_KNEE_MEL = SLANEY_KNEE_HZ / SLANEY_LINEAR_HZ_PER_MEL;
    private static final double SLANEY_LOG_STEP = Math.log(6.4) / 27;

    private final int[] firstBin; // (nMels) first bin under the triangle
    private final int[] start; // (nMels + 1) where the triangle's weights begin in weights
    private final double[] weights; // (bins under the first triangle, of the second, ...)

    MelFilterbank(MelSpec spec) {
        double[] edges = edgesHz(spec);
        this.firstBin = new int[spec.nMels()];
        this.start = new int[spec.nMels() + 1];
        double hzPerBin = (double) spec.sampleRateHz() / spec.fftSize();
        for (int b = 0; b < spec.nMels(); b++) {
            // Open interval: at its two feet a triangle is zero.
            firstBin[b] = (int) Math.floor(edges[b] / hzPerBin) + 1;
            int pastLast = (int) Math.ceil(edges[b + 2] / hzPerBin);
            start[b + 1] = start[b] + Math.max(0, pastLast - firstBin[b]);
        }
        this.weights = new double[start[spec.nMels()]];
        for (int b = 0; b < spec.nMels(); b++) {
            double scale = spec.norm() == MelSpec.Norm.SLANEY ? 2 / (edges[b + 2] - edges[b]) : 1;
            for (int i = start[b]; i < start[b + 1]; i++) {
                double hz = (firstBin[b] + i - start[b]) * hzPerBin;
                double rise = (hz - edges[b]) / (edges[b + 1] - edges[b]);
                double fall = (edges[b + 2] - hz) / (edges[b + 2] - edges[b + 1]);
                weights[i] = scale * Math.max(0, Math.min(rise, fall));
            }
        }
    }

    /** The first bin that any triangle touches. */
    int firstBin() {
        return firstBin[0];
    }

    /** One more than the last bin that any triangle touches. */
    int pastLastBin() {
        int last = firstBin.length - 1;
        return firstBin[last] + start[last + 1] - start[last];
    }

    /** The weighted sum of the bins (fftSize / 2 + 1) under triangle {@code band}. */
    double sum(double[] bins, int band) {
        int shift = firstBin[band] - start[band];
        double sum = 0;
        for (int i = start[band]; i < start[band + 1]; i++) {
            sum += weights[i] * bins[shift + i];
        }
        return sum;
    }

    /** Adds {@code amount} of triangle {@code band} to the bins: the transpose of {@link #sum}. */
    void spread(double amount, int band, double[] bins) {
        int shift = firstBin[band] - start[band];
        for (int i = start[band]; i < start[band + 1]; i++) {
            bins[shift + i] += amount * weights[i];
        }
    }

    private static double[] edgesHz(MelSpec spec) {
        double low = toMel(spec.minHz(), spec.scale());
        double high = toMel(spec.maxHz(), spec.scale());
        double[] edges = new double[spec.nMels() + 2];
        for (int i = 0; i < edges.length; i++) {
            edges[i] = toHz(low + (high - low) * i / (edges.length - 1), spec.scale());
        }
        return edges;
    }

    private static double toMel(double hz, MelSpec.Scale scale) {
        return switch (scale) {
            case HTK -> 2595 * Math.log10(1 + hz / 700);
            case SLANEY ->
                hz < SLANEY_KNEE_HZ
                        ? hz / SLANEY_LINEAR_HZ_PER_MEL
                        : SLANEY_KNEE_MEL + Math.log(hz / SLANEY_KNEE_HZ) / SLANEY_LOG_STEP;
        };
    }

    private static double toHz(double mel, MelSpec.Scale scale) {
        return switch (scale) {
            case HTK -> 700 * (Math.pow(10, mel / 2595) - 1);
            case SLANEY ->
                mel < SLANEY_KNEE_MEL
                        ? mel * SLANEY_LINEAR_HZ_PER_MEL
                        : SLANEY_KNEE_HZ * Math.exp(SLANEY_LOG_STEP * (mel - SLANEY_KNEE_MEL));
        };
    }
}
