package io.mambaaudio.models;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.Normalizer;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Against what Hugging Face's tokenizers makes of the same texts: src/test/python/make_tokenizer.py. */
final class TokenizerTest {
    @TempDir
    Path folder;

    private static final Path FILE = Resources.path("tokenizer/tokenizer.json");

    @Test
    void tokensAreThoseOfHuggingFace() throws IOException {
        Tokenizer tokenizer = Tokenizer.read(FILE);
        List<Object> cases = Json.array(Files.readString(Resources.path("tokenizer/expected.json")), "expected.json");
        for (Object one : cases) {
            Map<?, ?> map = (Map<?, ?>) one;
            String text = (String) map.get("text");
            int[] expected = ((List<?>) map.get("tokens"))
                    .stream().mapToInt(Integer.class::cast).toArray();
            assertArrayEquals(expected, tokenizer.encode(text), () -> "\"" + text + "\"");
            assertEquals(Normalizer.normalize(text, Normalizer.Form.NFC), decoded(tokenizer, expected));
        }
        assertTrue(cases.size() > 15);
    }

    private static String decoded(Tokenizer tokenizer, int[] tokens) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int token : tokens) {
            out.writeBytes(tokenizer.bytes(token));
        }
        return out.toString(StandardCharsets.UTF_8);
    }

    @Test
    void bytesAreTheirOwnTokens() {
        Tokenizer tokenizer = Tokenizer.beside(folder, 256);
        assertArrayEquals(new int[] {0x61, 0xC3, 0xA9}, tokenizer.encode("a\u00e9"));
        assertEquals("a\u00e9", decoded(tokenizer, tokenizer.encode("a\u00e9")));
        assertTrue(tokenizer.endOfText().isEmpty());
    }

    @Test
    void aLongWordTakesNoSquareOfItsTime() {
        Tokenizer tokenizer = Tokenizer.read(FILE);
        String word = "ab".repeat(200_000);
        assertEquals(word, decoded(tokenizer, tokenizer.encode(word)));
    }

    @Test
    void theEndOfATextIsKnown() {
        assertEquals(0, Tokenizer.read(FILE).endOfText().orElseThrow());
    }

    @Test
    void aMissingTokenizerIsNamed() {
        Exception e = assertThrows(CheckpointException.class, () -> Tokenizer.beside(folder, 50_280));
        assertEquals(
                folder.resolve("tokenizer.json") + ": found no such file, expected the tokenizer of a model with"
                        + " vocab_size=50280; download it together with the model",
                e.getMessage());
    }

    @Test
    void aTokenizerThatIsTooLargeForTheModelIsRefused() throws IOException {
        Files.copy(FILE, folder.resolve("tokenizer.json"));
        Exception e = assertThrows(CheckpointException.class, () -> Tokenizer.beside(folder, 256));
        assertTrue(e.getMessage().contains("expected at most vocab_size=256"), e.getMessage());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"type\": \"BPE\" | \"type\": \"Unigram\" | model.type: found Unigram, expected BPE",
                "\"type\": \"NFC\" | \"type\": \"Lowercase\" | normalizer.type: found Lowercase, expected NFC",
                "\"add_prefix_space\": false | \"add_prefix_space\": true | add_prefix_space: found true, expected false",
                "\"byte_fallback\": false | \"byte_fallback\": true | model.byte_fallback: found true, expected false",
                "\"lstrip\": false | \"lstrip\": true | added_tokens.lstrip: found true, expected false",
                "\"id\": 0 | \"id\": -1 | added_tokens.id: found -1, expected whole numbers",
                "\"vocab\": { | \"vocab\": null, \"other\": { | model.vocab: found null, expected an object",
            })
    void whatIsNotReadIsRefusedByName(String was, String becomes, String message) throws IOException {
        String text = Files.readString(FILE);
        assertTrue(text.contains(was), was);
        Path file = Files.writeString(folder.resolve("tokenizer.json"), text.replace(was, becomes));
        Exception e = assertThrows(CheckpointException.class, () -> Tokenizer.read(file));
        assertTrue(e.getMessage().contains(message), e.getMessage());
    }
}
