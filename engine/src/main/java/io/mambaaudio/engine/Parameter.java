package io.mambaaudio.engine;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.List;
import java.util.Objects;

/**
 * A value of a {@link Processor} that any thread may set while another processes sound: named, typed, ranged, and without a lock.
 * Every kind is a float inside, so that a host can show, store and automate all of them alike.
 *
 * <p>The processing thread reads it once a block; where a jump would click, it does so through a {@link Smoother}.
 */
public final class Parameter {
    private static final int EXACT = 1 << 24;
    private static final VarHandle VALUE;

    static {
        try {
            VALUE = MethodHandles.lookup().findVarHandle(Parameter.class, "value", float.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** What values there are between the least and the largest, and so what a host draws: a slider, steps, a tick, a list. */
    public enum Kind {
        /** Any number of the range. */
        NUMBER,
        /** Whole numbers. */
        WHOLE,
        /** 0 for off, 1 for on. */
        SWITCH,
        /** The number of one of the {@link Parameter#choices}. */
        CHOICE
    }

    private final String name;
    private final String unit;
    private final Kind kind;
    private final float min;
    private final float max;
    private final float initial;
    private final List<String> choices;

    @SuppressWarnings("unused") // through VALUE
    private float value;

    /**
     * Makes a parameter of kind {@link Kind#NUMBER} that has its initial value.
     *
     * @param name a short lower-case name, unique in its processor and stable over versions
     * @param unit the unit in words, or the empty string
     * @param min least value
     * @param max largest value
     * @param initial value before anyone sets it, within the range
     */
    public Parameter(String name, String unit, float min, float max, float initial) {
        this(name, unit, Kind.NUMBER, min, max, initial, List.of());
    }

    private Parameter(String name, String unit, Kind kind, float min, float max, float initial, List<String> choices) {
        this.name = Objects.requireNonNull(name, "name");
        this.unit = Objects.requireNonNull(unit, "unit");
        this.kind = kind;
        this.min = min;
        this.max = max;
        this.initial = initial;
        this.choices = List.copyOf(choices);
        check(initial);
        this.value = initial;
    }

    /**
     * Makes a parameter of whole numbers.
     *
     * @param name see {@link #Parameter}
     * @param unit the unit in words, or the empty string
     * @param min least value, not below −2²⁴
     * @param max largest value, not above 2²⁴, beyond which a float is not exact
     * @param initial value before anyone sets it, within the range
     * @return of kind {@link Kind#WHOLE}
     */
    public static Parameter whole(String name, String unit, int min, int max, int initial) {
        if (min < -EXACT || max > EXACT) {
            throw new IllegalArgumentException(
                    name + " from " + min + " to " + max + " is not exact; choose limits within ±" + EXACT);
        }
        return new Parameter(name, unit, Kind.WHOLE, min, max, initial, List.of());
    }

    /**
     * Makes a parameter that is off or on.
     *
     * @param name see {@link #Parameter}
     * @param initial whether it is on before anyone sets it
     * @return of kind {@link Kind#SWITCH}
     */
    public static Parameter onOff(String name, boolean initial) {
        return new Parameter(name, "", Kind.SWITCH, 0, 1, initial ? 1 : 0, List.of());
    }

    /**
     * Makes a parameter that is one of some words. A later version may add words at the end and nowhere else, since presets keep the
     * number.
     *
     * @param name see {@link #Parameter}
     * @param choices the words, at least one
     * @param initial the word before anyone sets it, one of them
     * @return of kind {@link Kind#CHOICE}
     */
    public static Parameter choice(String name, List<String> choices, String initial) {
        return new Parameter(name, "", Kind.CHOICE, 0, choices.size() - 1f, indexOf(name, choices, initial), choices);
    }

    private static int indexOf(String name, List<String> choices, String word) {
        int index = choices.indexOf(word);
        if (index < 0) {
            throw new IllegalArgumentException(name + "=" + word + " is no choice; choose one of " + choices);
        }
        return index;
    }

    private void check(float newValue) {
        if (!accepts(newValue)) {
            throw new IllegalArgumentException(name + "=" + newValue + " is "
                    + (min <= newValue && newValue <= max ? "not whole" : "out of range") + "; choose " + range());
        }
    }

    /**
     * Whether {@link #set} would take a value.
     *
     * @param newValue any number
     * @return true within the range, where the kind is whole for whole numbers only
     */
    public boolean accepts(float newValue) {
        return min <= newValue && newValue <= max && (kind == Kind.NUMBER || newValue == Math.rint(newValue));
    }

    /** The range in words. */
    String range() {
        return kind == Kind.NUMBER ? min + " to " + max : "a whole number from " + (int) min + " to " + (int) max;
    }

    /**
     * Sets the value to a word.
     *
     * @param word one of the {@link #choices}
     * @throws IllegalArgumentException when it is none of them
     */
    public void choose(String word) {
        set(indexOf(name, choices, word));
    }

    /**
     * Switches on or off.
     *
     * @param on whether it is to be on
     */
    public void turn(boolean on) {
        set(on ? 1 : 0);
    }

    /**
     * Whether a switch is on.
     *
     * @return true where the value is not 0
     */
    public boolean isOn() {
        return value() != 0;
    }

    /**
     * The chosen word.
     *
     * @return one of the {@link #choices}
     * @throws IllegalStateException where there are none
     */
    public String chosen() {
        if (kind != Kind.CHOICE) {
            throw new IllegalStateException(name + " is a " + kind + " and has no choices; ask for its value");
        }
        return choices.get((int) value());
    }

    /**
     * The kind.
     *
     * @return what values there are
     */
    public Kind kind() {
        return kind;
    }

    /**
     * The words to choose from.
     *
     * @return in the order of their numbers; empty for other kinds
     */
    public List<String> choices() {
        return choices;
    }

    /**
     * Sets the value, from any thread.
     *
     * @param newValue within the range, and whole where the kind is; NaN is out of every range
     * @throws IllegalArgumentException when it is not; the value stays
     */
    public void set(float newValue) {
        check(newValue);
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

    /** For people: {@code gain=-6.0 dB}, {@code mode=soft}, {@code wait=on}. */
    @Override
    public String toString() {
        float now = value();
        String text =
                switch (kind) {
                    case NUMBER -> Float.toString(now);
                    case WHOLE -> Integer.toString((int) now);
                    case SWITCH -> now != 0 ? "on" : "off";
                    case CHOICE -> choices.get((int) now);
                };
        return name + "=" + text + (unit.isEmpty() ? "" : " " + unit);
    }
}
