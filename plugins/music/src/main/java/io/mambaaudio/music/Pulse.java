package io.mambaaudio.music;

import java.util.Arrays;

/**
 * The beat of what was heard of late: from how many notes began in each step of the last eleven seconds, the period of the strongest
 * autocorrelation and the phase that catches most beginnings. State: one number a step.
 */
final class Pulse {
    private static final int STEPS = 512;
    private static final double SHORTEST_SECONDS = 0.25;
    private static final double LONGEST_SECONDS = 1.1;
    private static final double LEAST_REGULARITY = 0.15; // autocorrelation: below it there is no beat
    private static final double HALF_IS_THE_BEAT = 0.6;
    private static final double SHARPNESS = 1.5;
    private static final double MEAN = 1.6467; // of exp(SHARPNESS cos): the modified Bessel function of order 0

    private final double stepsPerSecond;
    private final float[] began = new float[STEPS]; // a ring
    private final double[] clean = new double[STEPS]; // oldest first, without its mean
    private long heard; // steps
    private double period; // steps; 0 is none
    private double phase; // a step on the beat

    Pulse(double stepsPerSecond) {
        this.stepsPerSecond = stepsPerSecond;
    }

    /** The notes that begin in a step, as logits. Rows speak of the step before the newest. */
    void hear(float[] row, int onsetAt, int pitches) {
        float sum = 0;
        for (int p = 0; p < pitches; p++) {
            if (row[onsetAt + p] > 0) {
                sum++;
            }
        }
        began[(int) (heard % STEPS)] = Math.min(3, sum);
        heard++;
    }

    /** Finds the beat of what was heard until now; {@link #odds} speaks of it from then on. */
    void settle() {
        period = 0;
        double power = gather();
        if (heard < STEPS / 2 || power == 0) {
            return;
        }
        int from = (int) (SHORTEST_SECONDS * stepsPerSecond);
        int to = (int) (LONGEST_SECONDS * stepsPerSecond);
        int best = from;
        for (int lag = from; lag <= to; lag++) {
            best = correlation(lag) > correlation(best) ? lag : best;
        }
        if (correlation(best) < LEAST_REGULARITY * power) {
            return;
        }
        period = refined(best);
        while (period / 2 >= from && nearby(period / 2) > HALF_IS_THE_BEAT * correlation(best)) {
            period /= 2; // every second beat correlates as well as every beat
        }
        double x = 0;
        double y = 0;
        for (int i = 0; i < STEPS; i++) {
            double angle = 2 * Math.PI * (heard - 1 - STEPS + i) / period;
            x += clean[i] * Math.cos(angle);
            y += clean[i] * Math.sin(angle);
        }
        phase = Math.atan2(y, x) * period / (2 * Math.PI);
    }

    /** Between lags: the top of the parabola through three correlations. */
    private double refined(int lag) {
        double left = correlation(lag - 1);
        double right = correlation(lag + 1);
        double bend = 2 * correlation(lag) - left - right;
        return lag + (bend > 0 ? 0.5 * (right - left) / bend : 0);
    }

    private double nearby(double lag) {
        return Math.max(correlation((int) Math.floor(lag)), correlation((int) Math.ceil(lag)));
    }

    private double gather() {
        double sum = 0;
        for (int i = 0; i < STEPS; i++) {
            clean[i] = began[(int) ((heard + i) % STEPS)];
            sum += clean[i];
        }
        double power = 0;
        for (int i = 0; i < STEPS; i++) {
            clean[i] -= sum / STEPS;
            power += clean[i] * clean[i];
        }
        return power;
    }

    /** Onsets jitter by a step, so neighbours count, too. */
    private double correlation(int lag) {
        double sum = 0;
        for (int i = lag + 1; i < STEPS; i++) {
            double near = 0.5 * clean[i - lag] + 0.25 * (clean[i - lag - 1] + clean[i - lag + 1]);
            sum += clean[i] * near;
        }
        return sum;
    }

    /**
     * How much likelier the beat makes notes.
     *
     * @param step of the stream
     * @param follow 0 not at all, 1 much
     * @return a factor for the odds; 1 where there is no beat
     */
    double odds(long step, float follow) {
        if (period == 0 || follow == 0) {
            return 1;
        }
        double angle = 2 * Math.PI * (step - phase) / period;
        double twice = 0.6 * Math.cos(angle) + 0.4 * Math.cos(2 * angle); // and between two beats
        return Math.pow(Math.exp(SHARPNESS * twice) / MEAN, follow);
    }

    void reset() {
        Arrays.fill(began, 0);
        heard = 0;
        period = 0;
    }
}
