package io.mambaaudio.speech;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Phrases that the beam search shall prefer: names, terms, commands. Immutable.
 *
 * <p>A phrase earns its boost letter by letter while it is being said, and keeps it when its last word is complete; if the text turns
 * elsewhere before, what it earned is taken back. Only whole words count: "art" does not match in "party". Phrases that share words
 * (New York, New York City) earn independently.
 */
public final class Hotwords {
    /**
     * Boost of a letter, in units of the natural logarithm, for phrases that name none. More finds more of the phrases, and more where
     * there are none.
     */
    public static final double DEFAULT_BOOST = 1;

    /** The largest boost of a letter. */
    public static final double MAX_BOOST = 20;

    /** The most phrases. */
    public static final int MAX_PHRASES = 10_000;

    /** The longest phrase, in characters. */
    public static final int MAX_LETTERS = 100;

    private static final long MAX_BYTES = 2 << 20;

    private final String source;
    private final List<Phrase> phrases;

    /**
     * One phrase.
     *
     * @param words lower case, joined by single spaces
     * @param boost of each letter, in units of the natural logarithm; negative to avoid the phrase
     * @param line where it was read, from 1
     */
    record Phrase(String words, double boost, int line) {}

    private Hotwords(String source, List<Phrase> phrases) {
        this.source = source;
        this.phrases = List.copyOf(phrases);
    }

    /**
     * Phrases with the default boost.
     *
     * @param phrases in the form of the lines of a file
     * @return hotwords
     */
    public static Hotwords of(String... phrases) {
        return parse("hotwords", List.of(phrases));
    }

    /**
     * Reads a UTF-8 file with one phrase a line. A number at the end of a line is the boost of each of the phrase's letters in units of
     * the natural logarithm (default {@link #DEFAULT_BOOST}). Empty lines and lines that begin with {@code #} do not count.
     *
     * @param file the file, at most 2 MiB
     * @return hotwords
     * @throws SpeechException in one line, with file and line, if it cannot be read or a line is wrong
     */
    public static Hotwords read(Path file) {
        try {
            if (Files.size(file) > MAX_BYTES) {
                throw new SpeechException(
                        "hotwords file " + file + " has " + Files.size(file) + " bytes; keep it below " + MAX_BYTES);
            }
            return parse(file.toString(), Files.readAllLines(file, StandardCharsets.UTF_8));
        } catch (CharacterCodingException e) {
            throw new SpeechException("hotwords file " + file + " is not UTF-8 text; save it as UTF-8", e);
        } catch (IOException e) {
            throw new SpeechException("cannot read the hotwords file " + file + "; give a readable text file", e);
        }
    }

    private static Hotwords parse(String source, List<String> lines) {
        List<Phrase> phrases = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i).strip();
            if (i == 0 && line.startsWith("\uFEFF")) {
                line = line.substring(1).strip();
            }
            if (!line.isEmpty() && !line.startsWith("#")) {
                phrases.add(phrase(source, i + 1, line));
            }
        }
        if (phrases.size() > MAX_PHRASES) {
            throw new SpeechException(
                    source + " has " + phrases.size() + " phrases; keep to " + MAX_PHRASES + " phrases or fewer");
        }
        return new Hotwords(source, phrases);
    }

    private static Phrase phrase(String source, int number, String line) {
        String[] words = line.toLowerCase(Locale.ROOT).split("\\s+");
        String last = words[words.length - 1];
        boolean boosted = words.length > 1 && last.matches("[-+]?[0-9.].*");
        double boost = boosted ? boost(source, number, last) : DEFAULT_BOOST;
        String text = String.join(" ", List.of(words).subList(0, words.length - (boosted ? 1 : 0)));
        if (text.length() > MAX_LETTERS) {
            throw new SpeechException(source + ":" + number + ": the phrase has " + text.length()
                    + " characters; keep to " + MAX_LETTERS + " or fewer");
        }
        return new Phrase(text, boost, number);
    }

    private static double boost(String source, int number, String text) {
        try {
            double boost = Double.parseDouble(text);
            if (Math.abs(boost) <= MAX_BOOST) {
                return boost;
            }
        } catch (NumberFormatException e) {
            // falls through to the message
        }
        throw new SpeechException(source + ":" + number + ": boost '" + text + "' is not a number between -" + MAX_BOOST
                + " and " + MAX_BOOST + "; correct or drop it");
    }

    /**
     * How many phrases there are.
     *
     * @return at least 0
     */
    public int size() {
        return phrases.size();
    }

    String source() {
        return source;
    }

    List<Phrase> phrases() {
        return phrases;
    }
}
