package io.mambaaudio.speech;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class WordErrorsTest {
    @ParameterizedTest
    @CsvSource({
        "the cat sat, the cat sat, 3, 0",
        "the cat sat, The Cat. Sat!, 3, 0",
        "the cat sat, the hat sat, 3, 1",
        "the cat sat, the sat, 3, 1",
        "the cat sat, the big cat sat, 3, 1",
        "the cat sat, cat sat down now, 3, 3",
        "the cat sat, '', 3, 3",
        "'', the cat, 0, 2",
    })
    void countsTheLeastEdits(String said, String written, long words, long wrong) {
        assertEquals(new WordErrors(words, wrong), WordErrors.of(said, written));
    }

    @Test
    void sumsAreRates() {
        WordErrors both = new WordErrors(3, 1).plus(new WordErrors(5, 1));
        assertEquals(0.25, both.rate());
        assertEquals("25.0 % (2 of 8 words)", both.toString());
        assertEquals(0, WordErrors.NONE.rate());
    }
}
