package io.mambaaudio.models;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Text to the tokens of a language model, and back. Immutable, shared by threads. Two kinds: every byte of UTF-8 is a token, or byte-level byte
 * pairs as in the {@code tokenizer.json} of the published Mamba and Mamba-2 models (GPT-2's and GPT-NeoX's way).
 */
public final class Tokenizer {
    private static final long MAX_FILE_BYTES = 1 << 26;
    private static final int BYTES = 256;
    private static final String END_OF_TEXT = "<|endoftext|>";

    /** GPT-2's words: a space belongs to the word behind it. */
    private static final Pattern WORDS = Pattern.compile(
            "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+",
            Pattern.UNICODE_CHARACTER_CLASS);

    private final byte[][] bytes; // of each token
    private final BytePairs pairs; // none for bytes
    private final List<Added> added; // longest first
    private final boolean normalise;

    /** A token that is found in the text before words are. */
    record Added(String content, int token) {}

    Tokenizer(byte[][] bytes, BytePairs pairs, List<Added> added, boolean normalise) {
        this.bytes = bytes;
        this.pairs = pairs;
        this.added = added.stream()
                .sorted(Comparator.comparingInt((Added a) -> a.content().length())
                        .reversed())
                .toList();
        this.normalise = normalise;
    }

    /**
     * Every byte of UTF-8 is a token.
     *
     * @return the tokenizer
     */
    public static Tokenizer ofBytes() {
        byte[][] bytes = new byte[BYTES][1];
        for (int i = 0; i < BYTES; i++) {
            bytes[i][0] = (byte) i;
        }
        return new Tokenizer(bytes, BytePairs.NONE, List.of(), false);
    }

    /**
     * The tokenizer that lies beside a model: {@code tokenizer.json} of its folder, or bytes if there is none and the model has 256 tokens.
     *
     * @param model the model's folder or file
     * @param vocabSize tokens of the model
     * @return the tokenizer
     * @throws CheckpointException if there is none, or if it is of a kind that is not read here; the message says what to do
     */
    public static Tokenizer beside(Path model, int vocabSize) {
        Path file = Files.isDirectory(model) ? model.resolve("tokenizer.json") : model.resolveSibling("tokenizer.json");
        if (Files.isRegularFile(file)) {
            Tokenizer tokenizer = read(file);
            if (tokenizer.size() > vocabSize) {
                throw new CheckpointException(file + ": found " + tokenizer.size()
                        + " tokens, expected at most vocab_size=" + vocabSize + "; take the tokenizer of this model");
            }
            return tokenizer;
        }
        if (vocabSize == BYTES) {
            return ofBytes();
        }
        throw new CheckpointException(file + ": found no such file, expected the tokenizer of a model with vocab_size="
                + vocabSize + "; download it together with the model");
    }

    /**
     * Reads a {@code tokenizer.json} of byte-level byte pairs.
     *
     * @param file the file
     * @return the tokenizer
     * @throws CheckpointException if it cannot be read, or is of another kind
     */
    public static Tokenizer read(Path file) {
        try {
            if (Files.size(file) > MAX_FILE_BYTES) {
                throw new CheckpointException(
                        file + ": found " + Files.size(file) + " bytes, expected at most " + MAX_FILE_BYTES);
            }
            return new TokenizerReader(file.toString(), Files.readString(file)).read();
        } catch (IOException e) {
            throw new CheckpointException(file + ": cannot be read as UTF-8 text; check the file", e);
        }
    }

    /**
     * Text to tokens.
     *
     * @param text any text
     * @return its tokens
     */
    public int[] encode(String text) {
        if (pairs == BytePairs.NONE) {
            byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
            int[] tokens = new int[utf8.length];
            for (int i = 0; i < utf8.length; i++) {
                tokens[i] = Byte.toUnsignedInt(utf8[i]);
            }
            return tokens;
        }
        List<Integer> tokens = new ArrayList<>();
        String normal = normalise ? Normalizer.normalize(text, Normalizer.Form.NFC) : text;
        int from = 0;
        for (int at = 0; at < normal.length(); ) {
            Added found = addedAt(normal, at);
            if (found == null) {
                at++;
            } else {
                words(normal.substring(from, at), tokens);
                tokens.add(found.token());
                at += found.content().length();
                from = at;
            }
        }
        words(normal.substring(from), tokens);
        return tokens.stream().mapToInt(Integer::intValue).toArray();
    }

    private @org.jspecify.annotations.Nullable Added addedAt(String text, int at) {
        for (Added a : added) {
            if (text.startsWith(a.content(), at)) {
                return a;
            }
        }
        return null;
    }

    private void words(String text, List<Integer> tokens) {
        Matcher word = WORDS.matcher(text);
        while (word.find()) {
            pairs.encode(word.group().getBytes(StandardCharsets.UTF_8), tokens);
        }
    }

    /**
     * What a token stands for; a character of several bytes may be spread over several tokens.
     *
     * @param token from 0
     * @return its bytes of UTF-8; none for a token beyond {@link #size}, which some models have for padding
     */
    public byte[] bytes(int token) {
        return token < bytes.length ? bytes[token].clone() : new byte[0];
    }

    /**
     * How many tokens there are.
     *
     * @return one more than the largest
     */
    public int size() {
        return bytes.length;
    }

    /**
     * The token between texts.
     *
     * @return that of {@code <|endoftext|>}, if there is one
     */
    public OptionalInt endOfText() {
        return added.stream()
                .filter(a -> a.content().equals(END_OF_TEXT))
                .mapToInt(Added::token)
                .findFirst();
    }
}
