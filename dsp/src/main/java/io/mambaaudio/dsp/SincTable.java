package io.mambaaudio.dsp;

/**
 * The weights of a {@link Resampler}: a low-pass (sinc under a Kaiser window), sampled at every position that an output sample can
 * have between two input samples, or, where there are too many of those, at even steps between which the resampler interpolates.
 *
 * <p>Immutable, so that any number of resamplers share one.
 */
final class SincTable {
    /** Half the filter's length in samples of the slower rate, from Kaiser's formula for 100 dB over a tenth of its Nyquist. */
    private static final int REACH = 64;
    /** Kaiser's shape for 100 dB: 0.1102 (100 − 8.7). */
    private static final double BETA = 10.06;

    private static final double PEAK = besselI0(BETA);
    /** The middle of the transition: 0.9 to 1 of the slower Nyquist. */
    private static final double CUTOFF = 0.95;

    /** Beyond this a table would leave the processor's caches (half a megabyte). */
    private static final int MAX_EXACT_WEIGHTS = 1 << 17;
    /** Steps between two samples of the slower rate; straight lines between them stay 107 dB below the signal. */
    private static final int STEPS = 512;

    final int reach; // input samples before and after an output sample that it depends on
    final int taps; // weights of a row, a multiple of 8
    final int steps; // rows between two input samples
    final float[] weights; // (steps + 1, taps), oldest input sample first

    private SincTable(int reach, int taps, int steps, float[] weights) {
        this.reach = reach;
        this.taps = taps;
        this.steps = steps;
        this.weights = weights;
    }

    /**
     * The table for one pair of rates without a common divisor.
     *
     * @param from input samples for every {@code to} output samples
     */
    static SincTable of(int from, int to) {
        if (from == to) {
            return new SincTable(0, 8, 1, new float[] {0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0});
        }
        double slowing = Math.min(1.0, (double) to / from);
        int reach = (int) Math.ceil(REACH / slowing);
        int taps = (2 * reach + 7) / 8 * 8;
        int steps = (long) to * taps <= MAX_EXACT_WEIGHTS ? to : (int) Math.ceil(STEPS * slowing);
        float[] weights = new float[(steps + 1) * taps];
        for (int row = 0; row <= steps; row++) {
            double late = (double) row / steps;
            for (int tap = 0; tap < taps; tap++) {
                double distance = late + taps - 1 - tap - reach;
                weights[row * taps + tap] = (float) (slowing * lowPass(distance * slowing));
            }
        }
        return new SincTable(reach, taps, steps, weights);
    }

    /** The low-pass at a distance in samples of the slower rate. */
    private static double lowPass(double distance) {
        double place = distance / REACH;
        if (Math.abs(place) > 1) {
            return 0;
        }
        double angle = Math.PI * CUTOFF * distance;
        double sinc = angle == 0 ? 1 : Math.sin(angle) / angle;
        return CUTOFF * sinc * besselI0(BETA * Math.sqrt(1 - place * place)) / PEAK;
    }

    /** Modified Bessel function of the first kind, order 0: its power series. */
    private static double besselI0(double x) {
        double quarter = x * x / 4;
        double term = 1;
        double sum = 1;
        for (int k = 1; term > sum * 1e-17; k++) {
            term *= quarter / ((double) k * k);
            sum += term;
        }
        return sum;
    }
}
