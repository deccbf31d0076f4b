package io.mambaaudio.models;

import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonReadFeature;
import tools.jackson.jr.ob.JSON;

/** JSON from files that nobody vouches for: nesting, numbers and strings are bounded. */
final class Json {
    /** Longest text of a configuration that is read; those of real models have about a thousand characters. */
    static final int MAX_CONFIG_BYTES = 1 << 20;

    private static final int MAX_NESTING = 16;
    private static final int MAX_NUMBER_CHARS = 64;
    private static final int MAX_NAME_CHARS = 1024;

    private Json() {}

    /**
     * A bounded parser.
     *
     * @param refuseDuplicates whether the parser keeps every key to find those that are there twice; costly for long headers
     */
    static JsonFactory factory(int maxStringChars, boolean refuseDuplicates) {
        return JsonFactory.builder()
                .streamReadConstraints(StreamReadConstraints.builder()
                        .maxNestingDepth(MAX_NESTING)
                        .maxNumberLength(MAX_NUMBER_CHARS)
                        .maxNameLength(MAX_NAME_CHARS)
                        .maxStringLength(maxStringChars)
                        .build())
                .configure(StreamReadFeature.STRICT_DUPLICATE_DETECTION, refuseDuplicates)
                .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
                .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
                .disable(tools.jackson.core.TokenStreamFactory.Feature.INTERN_PROPERTY_NAMES)
                .disable(tools.jackson.core.TokenStreamFactory.Feature.CANONICALIZE_PROPERTY_NAMES)
                .build();
    }

    /** A JSON object as maps, lists, strings, numbers and booleans. */
    static Map<String, Object> object(String text, String where) {
        return parse(text, where, "a JSON object", () -> reader().mapFrom(text));
    }

    /** A JSON array as a list. */
    static List<Object> array(String text, String where) {
        return parse(text, where, "a JSON array", () -> reader().listFrom(text));
    }

    private static JSON reader() {
        return JSON.builder(factory(MAX_CONFIG_BYTES, true))
                .enable(JSON.Feature.FAIL_ON_DUPLICATE_MAP_KEYS)
                .build();
    }

    private static <T> T parse(String text, String where, String expected, Supplier<@Nullable T> read) {
        if (text.length() > MAX_CONFIG_BYTES) {
            throw new CheckpointException(
                    where + ": found " + text.length() + " characters, expected at most " + MAX_CONFIG_BYTES);
        }
        try {
            T value = read.get();
            if (value == null) { // the text is the word null
                throw new CheckpointException(where + ": found null, expected " + expected);
            }
            return value;
        } catch (JacksonException e) {
            throw new CheckpointException(where + ": found " + reason(e) + ", expected " + expected, e);
        }
    }

    /** What is wrong, in one line without the input itself. */
    static String reason(JacksonException e) {
        String text = String.valueOf(e.getOriginalMessage()).lines().findFirst().orElse("unreadable text");
        return printable(text.length() > 160 ? text.substring(0, 160) + "..." : text);
    }

    /** The text with everything that could disturb a terminal replaced. */
    static String printable(String text) {
        StringBuilder out = new StringBuilder(text.length());
        text.codePoints().limit(200).forEach(c -> {
            boolean plain = !Character.isISOControl(c)
                    && Character.getType(c) != Character.FORMAT
                    && Character.getType(c) != Character.SURROGATE
                    && Character.getType(c) != Character.LINE_SEPARATOR
                    && Character.getType(c) != Character.PARAGRAPH_SEPARATOR;
            out.appendCodePoint(plain ? c : '?');
        });
        return out.toString();
    }
}
