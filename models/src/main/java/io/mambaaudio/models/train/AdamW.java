package io.mambaaudio.models.train;

import java.util.ArrayList;
import java.util.List;

/** AdamW (Loshchilov and Hutter 2019): Adam with the weight decay beside it, after clipping by the norm of all gradients together. */
public final class AdamW {
    private final Settings settings;
    private final List<Parameter> parameters;
    private final List<float[]> first = new ArrayList<>();
    private final List<float[]> second = new ArrayList<>();
    private int steps;

    /**
     * How it moves.
     *
     * @param beta1 how much of the mean gradient stays from a step to the next
     * @param beta2 how much of the mean square stays
     * @param eps added to the root of the mean square
     * @param weightDecay share of a matrix that goes in a step of rate 1
     * @param clip largest norm of all gradients together
     */
    public record Settings(double beta1, double beta2, double eps, double weightDecay, double clip) {
        /** What the Mamba paper trains language models with: 0.9, 0.95, decay 0.1, clipping at 1. */
        public static final Settings LANGUAGE = new Settings(0.9, 0.95, 1e-8, 0.1, 1);

        /** Without decay. */
        public static final Settings SYNTHETIC = new Settings(0.9, 0.999, 1e-8, 0, 1);
    }

    /**
     * Begins without moments.
     *
     * @param parameters what is trained
     * @param settings how
     */
    public AdamW(List<Parameter> parameters, Settings settings) {
        this.parameters = List.copyOf(parameters);
        this.settings = settings;
        for (Parameter p : parameters) {
            first.add(new float[p.size()]);
            second.add(new float[p.size()]);
        }
    }

    /**
     * One step along the gradients, which are left as they are.
     *
     * @param rate the learning rate
     * @return the norm of all gradients before clipping
     * @throws ArithmeticException if it is not finite; nothing has changed then
     */
    public double step(double rate) {
        double norm = norm();
        if (!Double.isFinite(norm)) {
            throw new ArithmeticException(
                    "the gradient's norm is " + norm + " at step " + steps + "; lower the learning rate");
        }
        steps++;
        float scale = (float) Math.min(1, settings.clip / Math.max(norm, 1e-12));
        double correction = Math.sqrt(1 - Math.pow(settings.beta2, steps)) / (1 - Math.pow(settings.beta1, steps));
        for (int i = 0; i < parameters.size(); i++) {
            Parameter p = parameters.get(i);
            float keep = (float) (1 - (p.decay() ? rate * settings.weightDecay : 0));
            move(p, first.get(i), second.get(i), scale, (float) (rate * correction), keep);
        }
        return norm;
    }

    private void move(Parameter p, float[] m, float[] v, float scale, float rate, float keep) {
        float beta1 = (float) settings.beta1;
        float beta2 = (float) settings.beta2;
        float eps = (float) (settings.eps * Math.sqrt(1 - Math.pow(settings.beta2, steps)));
        float[] w = p.value();
        float[] gradient = p.gradient();
        for (int i = 0; i < w.length; i++) {
            float g = gradient[i] * scale;
            m[i] = beta1 * m[i] + (1 - beta1) * g;
            v[i] = beta2 * v[i] + (1 - beta2) * g * g;
            w[i] = keep * w[i] - rate * m[i] / ((float) Math.sqrt(v[i]) + eps);
        }
    }

    private double norm() {
        double squares = 0;
        for (Parameter p : parameters) {
            for (float g : p.gradient()) {
                squares += (double) g * g;
            }
        }
        return Math.sqrt(squares);
    }
}
