package io.mambaaudio.server;

import io.mambaaudio.speech.Hotwords;
import io.mambaaudio.speech.SpeechException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a client of the vosk-server protocol asked for.
 *
 * @param sampleRateHz of its samples
 * @param words whether results list their words
 * @param alternatives whether results come as a list of alternatives
 * @param phrases to prefer
 */
record VoskConfig(int sampleRateHz, boolean words, boolean alternatives, List<String> phrases) {
    static final VoskConfig DEFAULT = new VoskConfig(16_000, true, false, List.of());

    private static final int LEAST_HZ = 4_000;
    private static final int MOST_HZ = 192_000;
    private static final int MOST_PHRASES = 1_000;

    /**
     * With what the fields of a config message change.
     *
     * @throws IllegalArgumentException in one line
     */
    VoskConfig with(Map<?, ?> fields) {
        return new VoskConfig(
                fields.containsKey("sample_rate") ? rate(fields.get("sample_rate")) : sampleRateHz,
                fields.containsKey("words") ? truth("words", fields.get("words")) : words,
                fields.containsKey("max_alternatives")
                        ? number("max_alternatives", fields.get("max_alternatives")) > 0
                        : alternatives,
                fields.containsKey("phrase_list") ? phrases(fields.get("phrase_list")) : phrases);
    }

    private static int rate(Object value) {
        double rate = number("sample_rate", value);
        if (!(rate >= LEAST_HZ && rate <= MOST_HZ)) {
            throw new IllegalArgumentException(
                    "sample_rate=" + rate + " is out of range; choose " + LEAST_HZ + " to " + MOST_HZ);
        }
        return (int) Math.round(rate);
    }

    static double number(String name, Object value) {
        if (value instanceof Number number) {
            return number.doubleValue();
        }
        throw new IllegalArgumentException(name + " is not a number");
    }

    private static boolean truth(String name, Object value) {
        return value instanceof Boolean b ? b : number(name, value) != 0;
    }

    /** Kaldi's word for everything else has no meaning here: phrases are preferred, and all other words stay possible. */
    private static List<String> phrases(Object value) {
        if (!(value instanceof List<?> list) || !list.stream().allMatch(String.class::isInstance)) {
            throw new IllegalArgumentException("phrase_list is not a list of strings");
        }
        if (list.size() > MOST_PHRASES) {
            throw new IllegalArgumentException(
                    "phrase_list has " + list.size() + " phrases; keep to " + MOST_PHRASES + " or fewer");
        }
        List<String> phrases = list.stream().map(String.class::cast).toList();
        var _ = hotwords(phrases); // says so if one can't be
        return phrases;
    }

    /** The phrases as the recogniser takes them. */
    Optional<Hotwords> hotwords() {
        return hotwords(phrases);
    }

    /** Words to prefer, as they come from any client. */
    static Optional<Hotwords> hotwords(List<String> phrases) {
        String[] usable = phrases.stream()
                .map(String::strip)
                .filter(phrase -> !phrase.isEmpty() && !phrase.equals("[unk]"))
                .toArray(String[]::new);
        try {
            return usable.length == 0 ? Optional.empty() : Optional.of(Hotwords.of(usable));
        } catch (SpeechException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }
}
