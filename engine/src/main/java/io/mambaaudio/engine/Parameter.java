package io.mambaaudio.engine;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * A value of a {@link Processor} that any thread may set while another processes sound: named, ranged, and without a lock.
 *
 * <p>Smoothing, where a jump would click, is the processor's matter.
 */
public final class Parameter {
    private static final VarHandle VALUE;

    static {
        try {
            VALUE = MethodHandles.lookup().findVarHandle(Parameter.class, "value", float.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final String name;
    private final String unit;
    private final float min;
    private final float max;
    private final float initial;

    @SuppressWarnings("unused") // through VALUE
    private float value;

    /**
     * Makes a parameter that has its initial value.
     *
     * @param name a short lower-case name
     * @param unit the unit in words, or the empty string
     * @param min least value
     * @param max largest value
     * @param initial value before anyone sets it, within the range
     */
    public Parameter(String name, String unit, float min, float max, float initial) {
        if (!(min <= initial && initial <= max)) {
            throw new IllegalArgumentException(name + "=" + initial + " is out of range; choose " + min + " to " + max);
        }
        this.name = name;
        this.unit = unit;
        this.min = min;
        this.max = max;
        this.initial = initial;
        this.value = initial;
    }

    /**
     * Sets the value, from any thread.
     *
     * @param newValue within the range; NaN is out of every range
     */
    public void set(float newValue) {
        if (!(min <= newValue && newValue <= max)) {
            throw new IllegalArgumentException(
                    name + "=" + newValue + " is out of range; choose " + min + " to " + max);
        }
        VALUE.setOpaque(this, newValue);
    }

    /**
     * The value as set last.
     *
     * @return within the range
     */
    public float value() {
        return (float) VALUE.getOpaque(this);
    }

    /**
     * The name.
     *
     * @return as given
     */
    public String name() {
        return name;
    }

    /**
     * The unit.
     *
     * @return as given, or the empty string
     */
    public String unit() {
        return unit;
    }

    /**
     * The least value.
     *
     * @return as given
     */
    public float min() {
        return min;
    }

    /**
     * The largest value.
     *
     * @return as given
     */
    public float max() {
        return max;
    }

    /**
     * The value before anyone set it.
     *
     * @return as given
     */
    public float initial() {
        return initial;
    }
}
