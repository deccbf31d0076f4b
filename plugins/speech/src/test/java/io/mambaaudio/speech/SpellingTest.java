package io.mambaaudio.speech;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class SpellingTest {
    private static final List<String> PIECES =
            List.of("<blank>", "▁t", "▁h", "t", "h", "e", "r", "'", "s", "▁th", "er", "he", "▁the", "▁ther");

    private static List<String> spelled(String words) {
        return java.util.Arrays.stream(new Spelling(PIECES).pieces(words))
                .mapToObj(PIECES::get)
                .toList();
    }

    @Test
    void theEarliestPieceOfTheVocabularyIsJoinedFirst() {
        assertEquals(List.of("▁the"), spelled("the"));
        assertEquals(List.of("▁ther", "e"), spelled("there")); // not "▁the"
        assertEquals(List.of("▁t", "er", "s"), spelled("ters"));
        assertEquals(List.of("▁h", "er", "'", "s"), spelled("her's"));
        assertEquals(List.of("▁t", "▁h", "▁the"), spelled("t h the"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "The hut, the other's. | the hut the other's",
                "\"\"\"'Twas\"\" he said—so!\" | twas he said so",
                "the dogs' don’t | the dogs don't",
                "well-known (or not) | well known or not",
                "a 21 € b | a 21 € b",
            })
    void wordsAreSmallLettersWithoutPunctuation(String text, String words) {
        assertEquals(words, Spelling.words(text));
    }

    @Test
    void aLetterThatTheModelCannotWriteIsNamed() {
        String message =
                assertThrows(SpeechException.class, () -> spelled("the t2r")).getMessage();
        assertTrue(message.contains("\"2\" in \"t2r\""), message);
        assertArrayEquals(new int[] {1}, new Spelling(PIECES).pieces("t"));
    }
}
