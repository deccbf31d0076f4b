package io.mambaaudio.music;

import java.util.Arrays;

/**
 * The key of what was heard of late: which of the 24 major and minor keys the sounding pitch classes of the last quarter of a minute fit
 * best (Krumhansl and Kessler's profiles, 1982). State: twelve numbers.
 */
final class Harmony {
    static final int ANY = (1 << 12) - 1;
    private static final double[] MAJOR =
            centred(6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88);
    private static final double[] MINOR =
            centred(6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17);
    private static final int MAJOR_SCALE = 0b101010110101; // C D E F G A B, C the lowest bit
    private static final int MINOR_SCALE = 0b110110101101; // C D Es F G As B, and H, which leads back
    private static final double SECONDS = 15;
    private static final double LEAST_NOTES = 20; // steps of sounding notes: below it there is no key

    private final double keep; // of a step
    private final double[] heard = new double[12];
    private final int lowestPitch;

    Harmony(double stepsPerSecond, int lowestPitch) {
        this.keep = Math.exp(-1 / (SECONDS * stepsPerSecond));
        this.lowestPitch = lowestPitch;
    }

    private static double[] centred(double... profile) {
        double mean = Arrays.stream(profile).average().orElseThrow();
        double[] less = Arrays.stream(profile).map(v -> v - mean).toArray();
        double length = Math.sqrt(Arrays.stream(less).map(v -> v * v).sum());
        return Arrays.stream(less).map(v -> v / length).toArray();
    }

    /** The notes that sound in a step, as logits: those that are likelier to sound than not. */
    void hear(float[] row, int soundingAt, int pitches) {
        for (int c = 0; c < 12; c++) {
            heard[c] *= keep;
        }
        for (int p = 0; p < pitches; p++) {
            if (row[soundingAt + p] > 0) {
                heard[(lowestPitch + p) % 12]++;
            }
        }
    }

    /** A bit for each pitch class of the key, C the lowest; all, if there is none yet. */
    int key() {
        double sum = 0;
        for (double h : heard) {
            sum += h;
        }
        if (sum < LEAST_NOTES) {
            return ANY;
        }
        int best = ANY;
        double most = Double.NEGATIVE_INFINITY;
        for (int tonic = 0; tonic < 12; tonic++) {
            double major = fit(MAJOR, tonic);
            double minor = fit(MINOR, tonic);
            if (Math.max(major, minor) > most) {
                most = Math.max(major, minor);
                best = turned(major >= minor ? MAJOR_SCALE : MINOR_SCALE, tonic);
            }
        }
        return best;
    }

    /** The correlation, but for what is the same for all keys. */
    private double fit(double[] profile, int tonic) {
        double sum = 0;
        for (int c = 0; c < 12; c++) {
            sum += profile[c] * heard[(tonic + c) % 12];
        }
        return sum;
    }

    private static int turned(int scale, int tonic) {
        return ((scale << tonic) | (scale >> (12 - tonic))) & ANY;
    }

    void reset() {
        Arrays.fill(heard, 0);
    }
}
