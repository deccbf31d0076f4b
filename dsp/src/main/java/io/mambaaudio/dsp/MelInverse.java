package io.mambaaudio.dsp;

import java.util.Arrays;

/**
 * From a log-mel frame to the magnitudes of a spectrum that has these bands: the least Kullback-Leibler divergence under the constraint
 * that no bin is negative, by Richardson and Lucy's multiplicative steps (Richardson 1972, Lucy 1974; equal to the updates of Lee and
 * Seung 2001). Compared with a pseudo-inverse it keeps the sharp peaks of tones, and every step costs two passes over the triangles.
 *
 * <p>Keeps nothing from frame to frame. A band at the floor is taken as silent.
 */
final class MelInverse {
    private static final double TINY = 1e-12;

    private final MelSpec spec;
    private final int iterations;
    private final MelFilterbank filterbank;
    private final double[] target; // (nMels) power that the bands should have
    private final double[] bandArea; // (nMels) sum of each triangle
    private final double[] reach; // (bins) how much of a bin the triangles see in all
    private final double[] power; // (bins)
    private final double[] correction; // (bins)

    MelInverse(MelSpec spec, int iterations) {
        this.spec = spec;
        this.iterations = iterations;
        this.filterbank = new MelFilterbank(spec);
        int bins = spec.fftSize() / 2 + 1;
        this.target = new double[spec.nMels()];
        this.bandArea = new double[spec.nMels()];
        this.reach = new double[bins];
        this.power = new double[bins];
        this.correction = new double[bins];
        double[] ones = new double[bins];
        Arrays.fill(ones, 1);
        for (int b = 0; b < spec.nMels(); b++) {
            bandArea[b] = filterbank.sum(ones, b);
            filterbank.spread(1, b, reach);
        }
    }

    /** Writes the magnitudes (fftSize / 2 + 1) of log-mel values (nMels); values that are not finite count as the floor. */
    void magnitudes(float[] frame, double[] out) {
        for (int b = 0; b < target.length; b++) {
            double value = Float.isFinite(frame[b]) ? Math.exp(Math.min(frame[b], 60)) - spec.floor() : 0;
            target[b] = Math.max(value, 0);
        }
        guess();
        for (int i = 0; i < iterations; i++) {
            correct();
        }
        for (int k = 0; k < out.length; k++) {
            out[k] = spec.power() == 2 ? Math.sqrt(power[k]) : Math.pow(power[k], 1 / spec.power());
        }
    }

    /** Every band spread evenly. */
    private void guess() {
        Arrays.fill(power, 0);
        for (int b = 0; b < target.length; b++) {
            if (bandArea[b] > 0) {
                filterbank.spread(target[b] / bandArea[b], b, power);
            }
        }
        for (int k = 0; k < power.length; k++) {
            power[k] = reach[k] > 0 ? power[k] / reach[k] : 0;
        }
    }

    private void correct() {
        Arrays.fill(correction, 0);
        for (int b = 0; b < target.length; b++) {
            filterbank.spread(target[b] / Math.max(filterbank.sum(power, b), TINY), b, correction);
        }
        for (int k = 0; k < power.length; k++) {
            power[k] = reach[k] > 0 ? power[k] * (correction[k] / reach[k]) : 0;
        }
    }
}
