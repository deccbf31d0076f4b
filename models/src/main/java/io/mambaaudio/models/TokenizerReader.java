package io.mambaaudio.models;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads the {@code tokenizer.json} of Hugging Face's tokenizers, as far as it is byte-level byte pairs, and refuses all else by name. */
final class TokenizerReader {
    private static final int MAX_TOKENS = 1 << 24;

    private final String where;
    private final Map<String, Object> root;
    private final Map<String, Integer> vocabulary = new HashMap<>();
    private final int[] byteOf = new int[512]; // of a byte-level character
    private final int[] charOf = new int[256]; // of a byte

    TokenizerReader(String where, String text) {
        this.where = where;
        this.root = Json.object(text, where);
        int next = 256;
        Arrays.fill(byteOf, -1);
        for (int b = 0; b < 256; b++) { // GPT-2: bytes that print stand for themselves, all others for 256, 257, ...
            boolean prints = (b >= '!' && b <= '~') || (b >= 0xA1 && b <= 0xAC) || b >= 0xAE;
            charOf[b] = prints ? b : next++;
            byteOf[charOf[b]] = b;
        }
    }

    Tokenizer read() {
        Map<?, ?> model = map("model", root.get("model"));
        require("model.type", model.get("type"), "BPE");
        for (String key : List.of("dropout", "unk_token", "continuing_subword_prefix", "end_of_word_suffix")) {
            Object found = model.get(key);
            if (found != null && !"".equals(found)) {
                throw error("model." + key, found, "none");
            }
        }
        refuseTrue("model.byte_fallback", model.get("byte_fallback"));
        refuseTrue("model.ignore_merges", model.get("ignore_merges"));
        requireByteLevel();
        boolean normalise = normaliser();
        readVocabulary(map("model.vocab", model.get("vocab")));
        BytePairs pairs = new BytePairs(byteTokens(), merges(list("model.merges", model.get("merges"))));
        List<Tokenizer.Added> added = added();
        return new Tokenizer(bytes(added), pairs, added, normalise);
    }

    private void requireByteLevel() {
        Map<?, ?> words = map("pre_tokenizer", root.get("pre_tokenizer"));
        require("pre_tokenizer.type", words.get("type"), "ByteLevel");
        refuseTrue("pre_tokenizer.add_prefix_space", words.get("add_prefix_space"));
        if (Boolean.FALSE.equals(words.get("use_regex"))) {
            throw error("pre_tokenizer.use_regex", false, "true");
        }
        Object after = root.get("post_processor");
        if (after instanceof Map<?, ?> map && !"ByteLevel".equals(map.get("type"))) {
            Object single = map.get("single");
            if (!(single instanceof List<?> parts)
                    || parts.stream().anyMatch(p -> p instanceof Map<?, ?> m && m.containsKey("SpecialToken"))) {
                throw error("post_processor.type", map.get("type"), "ByteLevel, or one that adds no tokens");
            }
        }
    }

    private boolean normaliser() {
        Object found = root.get("normalizer");
        if (found == null) {
            return false;
        }
        require("normalizer.type", map("normalizer", found).get("type"), "NFC");
        return true;
    }

    private void readVocabulary(Map<?, ?> found) {
        found.forEach((piece, id) -> vocabulary.put(String.valueOf(piece), id("model.vocab", id)));
    }

    private int id(String key, @Nullable Object found) {
        if (found instanceof Integer id && id >= 0 && id < MAX_TOKENS) {
            return id;
        }
        throw error(key, found, "whole numbers from 0 to " + (MAX_TOKENS - 1));
    }

    private int[] byteTokens() {
        int[] tokens = new int[256];
        for (int b = 0; b < 256; b++) {
            tokens[b] = token(Character.toString(charOf[b]));
        }
        return tokens;
    }

    private int token(String piece) {
        Integer id = vocabulary.get(piece);
        if (id == null) {
            throw error("model.vocab", "no \"" + piece + "\"", "all 256 bytes and whatever merges make");
        }
        return id;
    }

    /** Written as "a b" by old versions, as ["a", "b"] by new ones. */
    private Map<Long, BytePairs.Merge> merges(List<?> found) {
        Map<Long, BytePairs.Merge> merges = new HashMap<>();
        for (int rank = 0; rank < found.size(); rank++) {
            List<?> pair = found.get(rank) instanceof String s
                    ? List.of(s.split(" ", -1))
                    : list("model.merges", found.get(rank));
            if (pair.size() != 2 || !(pair.get(0) instanceof String left) || !(pair.get(1) instanceof String right)) {
                throw error("model.merges", found.get(rank), "pairs of pieces");
            }
            BytePairs.Merge merge = new BytePairs.Merge(rank, token(left + right));
            merges.putIfAbsent(BytePairs.key(token(left), token(right)), merge);
        }
        return merges;
    }

    private List<Tokenizer.Added> added() {
        List<Tokenizer.Added> added = new ArrayList<>();
        Object all = root.get("added_tokens");
        for (Object one : all == null ? List.of() : list("added_tokens", all)) {
            Map<?, ?> token = map("added_tokens", one);
            for (String key : List.of("single_word", "lstrip", "rstrip")) {
                refuseTrue("added_tokens." + key, token.get(key));
            }
            if (!(token.get("content") instanceof String content) || content.isEmpty()) {
                throw error("added_tokens.content", token.get("content"), "some text");
            }
            added.add(new Tokenizer.Added(content, id("added_tokens.id", token.get("id"))));
        }
        return added;
    }

    private byte[][] bytes(List<Tokenizer.Added> added) {
        int size =
                vocabulary.values().stream().mapToInt(Integer::intValue).max().orElse(-1);
        size = Math.max(
                        size,
                        added.stream().mapToInt(Tokenizer.Added::token).max().orElse(-1))
                + 1;
        byte[][] bytes = new byte[size][0];
        vocabulary.forEach((piece, id) -> bytes[id] = bytes(piece));
        added.forEach(a -> bytes[a.token()] = a.content().getBytes(StandardCharsets.UTF_8));
        return bytes;
    }

    /** Pieces that are no byte-level characters are added tokens that the vocabulary lists, too. */
    private byte[] bytes(String piece) {
        byte[] bytes = new byte[piece.length()];
        for (int i = 0; i < bytes.length; i++) {
            char c = piece.charAt(i);
            if (c >= byteOf.length || byteOf[c] < 0) {
                return piece.getBytes(StandardCharsets.UTF_8);
            }
            bytes[i] = (byte) byteOf[c];
        }
        return bytes;
    }

    private Map<?, ?> map(String key, @Nullable Object found) {
        if (found instanceof Map<?, ?> map) {
            return map;
        }
        throw error(key, found, "an object");
    }

    private List<?> list(String key, @Nullable Object found) {
        if (found instanceof List<?> list) {
            return list;
        }
        throw error(key, found, "an array");
    }

    private void require(String key, @Nullable Object found, String expected) {
        if (!expected.equals(found)) {
            throw error(key, found, expected);
        }
    }

    private void refuseTrue(String key, @Nullable Object found) {
        if (Boolean.TRUE.equals(found)) {
            throw error(key, true, "false");
        }
    }

    private CheckpointException error(String key, @Nullable Object found, String expected) {
        return new CheckpointException(
                where + ": " + key + ": found " + Json.printable(String.valueOf(found)) + ", expected " + expected
                        + "; only byte-level byte pairs, as of the published Mamba models, are read");
    }
}
