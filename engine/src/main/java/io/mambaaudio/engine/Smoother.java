package io.mambaaudio.engine;

import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;

/**
 * What a {@link Parameter} does to the sound, without a click: after a change the value moves along an S-shaped curve and has
 * arrived after {@value #MILLIS} ms. Every further change on the way adds its own curve, so the slope never jumps either: between two
 * frames the value bends by at most 4 / {@code frames}² of the change, {@code frames} being those of the {@value #MILLIS} ms
 * (−95 dB at 48 kHz).
 *
 * <p>It is the target's mean over half the time, and of that the mean again. One thread at a time: the one that processes. Nothing
 * allocates but {@link #prepare}. Any block size gives the same values for the same changes at the same frames.
 */
public final class Smoother {
    /** How long a change takes, in milliseconds. */
    public static final int MILLIS = 10;

    private final Parameter parameter;
    private final DoubleUnaryOperator mapping;
    private double[] targets = {0}; // the last half * targets
    private double[] means = {0}; // and the means of them
    private double targetSum;
    private double meanSum;
    private int at; // oldest of both
    private int left; // frames until it has arrived
    private float seen;
    private double target;

    /**
     * Makes one for the parameter's value itself.
     *
     * @param parameter what is set by other threads
     */
    public Smoother(Parameter parameter) {
        this(parameter, value -> value);
    }

    /**
     * Makes one for what a value means to the sound.
     *
     * @param parameter what is set by other threads
     * @param mapping from the parameter's value to the smoothed one: from decibels to a factor, say; called where the value changed
     */
    public Smoother(Parameter parameter, DoubleUnaryOperator mapping) {
        this.parameter = parameter;
        this.mapping = mapping;
        reset();
    }

    /**
     * Allocates for a rate and jumps to the parameter's value.
     *
     * @param sampleRateHz frames a second
     */
    public void prepare(int sampleRateHz) {
        int half = Math.max(1, (int) ((long) sampleRateHz * MILLIS / 2000));
        targets = new double[half];
        means = new double[half];
        reset();
    }

    /** Jumps to the parameter's value. */
    public void reset() {
        seen = parameter.value();
        target = mapping.applyAsDouble(seen);
        arrive();
    }

    private void arrive() {
        Arrays.fill(targets, target);
        Arrays.fill(means, target);
        targetSum = target * targets.length;
        meanSum = targetSum;
        at = 0;
        left = 0;
    }

    /**
     * Looks at the parameter; call it at the start of each block.
     *
     * @return whether the value moves; if not, {@link #next} gives the same for every frame of the block
     */
    public boolean update() {
        float value = parameter.value();
        if (value != seen) {
            seen = value;
            target = mapping.applyAsDouble(value);
            left = 2 * targets.length;
        }
        return left > 0;
    }

    /**
     * The value at the next frame.
     *
     * @return between the old and the new one, exactly the new one once it has arrived
     */
    public double next() {
        if (left == 0) {
            return target;
        }
        targetSum += target - targets[at];
        targets[at] = target;
        double mean = targetSum / targets.length;
        meanSum += mean - means[at];
        means[at] = mean;
        at = at + 1 == targets.length ? 0 : at + 1;
        double value = meanSum / means.length;
        if (--left == 0) {
            arrive(); // also forgets what rounding has left in the sums
            return target;
        }
        return value;
    }
}
