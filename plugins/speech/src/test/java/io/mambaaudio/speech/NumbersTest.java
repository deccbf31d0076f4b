package io.mambaaudio.speech;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mambaaudio.speech.TranscriptEvent.Final;
import io.mambaaudio.speech.TranscriptEvent.Partial;
import io.mambaaudio.speech.TranscriptEvent.Word;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class NumbersTest {
    private static Final spoken(String text) {
        List<Word> words = new ArrayList<>();
        for (String word : text.split(" ", -1)) {
            words.add(new Word(word, words.size(), words.size() + 0.5, 1f / (1 + words.size())));
        }
        return new Final(text, words, 0, words.size(), words.size());
    }

    private static String written(String text) {
        return ((Final) Numbers.inDigits(spoken(text))).text();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "she is twenty one|she is 21",
                "one of them and two others|one of them and two others",
                "ten bottles|10 bottles",
                "one hundred and five people and a dog|105 people and a dog",
                "three hundred|300",
                "twelve thousand three hundred and forty five|12345",
                "two million four hundred thousand and seven|2400007",
                "in nineteen sixty eight|in 1968",
                "in nineteen oh five|in 1905",
                "nineteen hundred|1900",
                "twenty twenty six|2026",
                "two thousand and six|2006",
                "two thousand twenty four|2024",
                "june eighteenth nineteen sixty eight|june 18th 1968",
                "may third|may 3rd",
                "the third man|the third man",
                "the twenty first century|the 21st century",
                "the six hundred and seventy third night|the 673rd night",
                "the hundredth|the hundredth",
                "one hundredth|100th",
                "the twelfth and the thirteenth|the 12th and the 13th",
                "four one two two six eight four one four two|4122684142",
                "four oh one|401",
                "oh one of us|01 of us",
                "oh dear|oh dear",
                "three point one four percent|3.14 percent",
                "zero point five|0.5",
                "six thirty five|6 35",
                "one two hundred|1 200",
                "what is the point|what is the point",
                "twenty and then|20 and then",
                "bread and butter|bread and butter",
                "zero|zero",
                "thousand|thousand",
                "ninety nine thousand nine hundred and ninety nine|99999",
            })
    void numbersAreWrittenInDigits(String said, String expected) {
        assertEquals(expected, written(said));
    }

    @Test
    void aNumberHasTheTimesOfAllItsWordsAndTheConfidenceOfTheLeastCertain() {
        Final last = (Final) Numbers.inDigits(spoken("about twenty one"));
        assertEquals(new Word("21", 1, 2.5, 1f / 3), last.words().get(1));
    }

    /** Words are committed one by one; whatever they are, what was written never changes. */
    @Test
    void committedTextNeverChanges() {
        List<String> some = List.of(
                "one",
                "two",
                "oh",
                "zero",
                "twenty",
                "nineteen",
                "hundred",
                "thousand",
                "million",
                "and",
                "point",
                "third",
                "eighteenth",
                "may",
                "dog",
                "a",
                "thousandth");
        long seed = 8;
        System.out.println("seed=" + seed);
        SplittableRandom random = new SplittableRandom(seed);
        for (int round = 0; round < 3000; round++) {
            List<String> words = new ArrayList<>();
            String before = "";
            for (int n = random.nextInt(1, 12); n > 0; n--) {
                words.add(some.get(random.nextInt(some.size())));
                int committed = random.nextInt(words.size() + 1);
                String text = String.join(" ", words.subList(0, Math.max(committed, words.size() - 1)));
                String tentative = text.length() == String.join(" ", words).length() ? "" : words.getLast();
                Partial partial = (Partial) Numbers.inDigits(new Partial(text, tentative, 0));
                assertTrue(partial.committed().startsWith(before), before + " became " + partial.committed());
                before = partial.committed();
            }
            String all = String.join(" ", words);
            assertTrue((written(all) + " ").startsWith(before.isEmpty() ? "" : before + " "), all + ": " + before);
        }
    }
}
