package io.mambaaudio.engine;

import java.util.IdentityHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Values of a processor's parameters under a name. It may name some of them; the others stay as they are when it is applied.
 *
 * @param name for people
 * @param values parameter's name to value
 */
public record Preset(String name, Map<String, Float> values) {
    /** Copies the map. */
    public Preset {
        values = Map.copyOf(values);
    }

    /**
     * As the constructor.
     *
     * @param name for people
     * @param values parameter's name to value
     * @return a preset
     */
    public static Preset of(String name, Map<String, Float> values) {
        return new Preset(name, values);
    }

    /**
     * What is set now.
     *
     * @param name for people
     * @param processor whose parameters are read
     * @return a preset that names all of them
     */
    public static Preset capture(String name, Processor processor) {
        return new Preset(
                name, processor.parameters().stream().collect(Collectors.toMap(Parameter::name, Parameter::value)));
    }

    /**
     * Sets the processor's parameters, from any thread. All are checked first: either all are set or none.
     *
     * @param processor whose parameters are set
     * @throws EngineException when it has no such parameter, or the value is out of its range
     */
    public void applyTo(Processor processor) {
        changes(processor).forEach(Parameter::set);
    }

    /** As {@link #applyTo}, but sets nothing. */
    void checkFor(Processor processor) {
        changes(processor);
    }

    private IdentityHashMap<Parameter, Float> changes(Processor processor) {
        IdentityHashMap<Parameter, Float> changes = new IdentityHashMap<>();
        values.forEach((parameterName, value) -> {
            Parameter parameter = parameter(processor, parameterName);
            if (!parameter.accepts(value)) {
                throw new EngineException("preset \"" + name + "\" wants " + parameterName + "=" + value
                        + ", but processor \"" + processor.id() + "\" takes " + parameter.range());
            }
            changes.put(parameter, value);
        });
        return changes;
    }

    private Parameter parameter(Processor processor, String parameterName) {
        Optional<Parameter> found = processor.parameters().stream()
                .filter(p -> p.name().equals(parameterName))
                .findFirst();
        return found.orElseThrow(() -> new EngineException("preset \"" + name + "\" sets \"" + parameterName
                + "\", but processor \"" + processor.id() + "\" has "
                + processor.parameters().stream().map(Parameter::name).toList()));
    }

    /**
     * As text for a file: the name in brackets, then a line {@code parameter = value} each, in alphabetical order.
     *
     * @return lines that {@link #parse} reads
     */
    public String text() {
        StringBuilder text = new StringBuilder("[" + name + "]\n");
        new TreeMap<>(values).forEach((key, value) -> text.append(String.format(Locale.ROOT, "%s = %s%n", key, value)));
        return text.toString().replace("\r\n", "\n");
    }

    /**
     * Reads what {@link #text} wrote, or a person. Empty lines and those that begin with {@code #} don't count.
     *
     * @param text one preset
     * @return the preset
     * @throws EngineException that names the line, when it is something else
     */
    public static Preset parse(String text) {
        String name = "";
        Map<String, Float> values = new TreeMap<>();
        int number = 0;
        for (String line : text.lines().map(String::strip).toList()) {
            number++;
            if (line.startsWith("[") && line.endsWith("]")) {
                name = line.substring(1, line.length() - 1);
            } else if (!line.isEmpty() && !line.startsWith("#")) {
                addTo(values, line, number);
            }
        }
        return new Preset(name, values);
    }

    private static void addTo(Map<String, Float> values, String line, int number) {
        int equals = line.indexOf('=');
        try {
            values.put(
                    line.substring(0, equals).strip(),
                    Float.valueOf(line.substring(equals + 1).strip()));
        } catch (IndexOutOfBoundsException | NumberFormatException e) {
            throw new EngineException(
                    "preset, line " + number + " is \"" + line + "\"; write \"parameter = number\"", e);
        }
    }
}
