package io.mambaaudio.models.train;

/**
 * The learning rate over a training: up in a line, then down along half a cosine.
 *
 * @param peak the largest rate
 * @param warmUp steps until it is reached
 * @param steps all steps
 * @param least the rate at the end, as a share of the peak
 */
public record Schedule(double peak, int warmUp, int steps, double least) {
    /** Checks the values. */
    public Schedule {
        if (!(peak > 0) || warmUp < 0 || steps < 1 || warmUp > steps || !(least >= 0 && least <= 1)) {
            throw new IllegalArgumentException("found peak=" + peak + ", warmUp=" + warmUp + ", steps=" + steps
                    + ", least=" + least + ", expected peak > 0, 0 <= warmUp <= steps, 0 <= least <= 1");
        }
    }

    /**
     * The rate of a step.
     *
     * @param step from 0
     * @return the learning rate
     */
    public double rate(int step) {
        if (step < warmUp) {
            return peak * (step + 1) / warmUp;
        }
        double along = Math.min(1, (step - warmUp) / (double) Math.max(1, steps - warmUp));
        return peak * (least + (1 - least) * 0.5 * (1 + Math.cos(Math.PI * along)));
    }
}
