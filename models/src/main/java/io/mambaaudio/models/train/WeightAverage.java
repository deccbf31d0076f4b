package io.mambaaudio.models.train;

import java.util.ArrayList;
import java.util.List;

/** The running average of all weights, which predicts better than the last step's. */
public final class WeightAverage {
    private final List<Parameter> parameters;
    private final List<float[]> averages = new ArrayList<>();
    private final double horizon;
    private int steps;

    /**
     * Begins with the weights as they are.
     *
     * @param parameters what is averaged
     * @param horizon how many steps back it looks; until then it is the plain mean
     */
    public WeightAverage(List<Parameter> parameters, int horizon) {
        if (horizon < 1) {
            throw new IllegalArgumentException("horizon=" + horizon + " is out of range; choose at least 1");
        }
        this.parameters = List.copyOf(parameters);
        this.horizon = horizon;
        parameters.forEach(p -> averages.add(p.value().clone()));
    }

    /** Takes the weights of one more step in. */
    public void update() {
        steps++;
        float part = (float) (1 / Math.min(steps + 1, horizon));
        for (int i = 0; i < averages.size(); i++) {
            float[] average = averages.get(i);
            float[] w = parameters.get(i).value();
            for (int j = 0; j < w.length; j++) {
                average[j] += part * (w[j] - average[j]);
            }
        }
    }

    /** Weights and average change places: once to use the average, and once more to go on training. */
    public void swap() {
        for (int i = 0; i < averages.size(); i++) {
            float[] average = averages.get(i);
            float[] w = parameters.get(i).value();
            for (int j = 0; j < w.length; j++) {
                float kept = w[j];
                w[j] = average[j];
                average[j] = kept;
            }
        }
    }
}
