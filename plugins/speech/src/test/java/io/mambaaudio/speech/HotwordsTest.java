package io.mambaaudio.speech;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class HotwordsTest {
    private static final Pieces PIECES = new Pieces(Texts.LETTERS);

    @TempDir
    private Path folder;

    private Hotwords read(String text) throws IOException {
        Path file = folder.resolve("hot.txt");
        Files.writeString(file, text, StandardCharsets.UTF_8);
        return Hotwords.read(file);
    }

    /** What a text gains, letter by letter, with and without its end. */
    private static double[] gains(Hotwords hotwords, String text) {
        HotwordAutomaton automaton = new HotwordAutomaton(hotwords, PIECES);
        int state = HotwordAutomaton.START;
        double sum = 0;
        for (int piece : Texts.spell(text)) {
            sum += automaton.gain(state, piece);
            state = automaton.next(state, piece);
        }
        return new double[] {sum, sum + automaton.finalGain(state)};
    }

    @ParameterizedTest
    @CsvSource({
        "new york, 7, 7",
        "new yorker, 0, 0",
        "new yor, 6, 0",
        "new, 3, 0",
        "anew york, 0, 0",
        "new york new york, 14, 14",
        "new new york, 7, 7",
        "to new york we go, 7, 7",
        "art, 3, 3",
        "party, 0, 0",
        "arty, 0, 0",
        "art art, 6, 6",
        "new art, 3, 3",
        "york, 0, 0",
    })
    void aPhraseEarnsByTheLetterAndLosesWhatItDoesNotFinish(String text, double running, double atEnd) {
        double[] gains = gains(Hotwords.of("new york 1", "art 1"), text);
        assertEquals(running, gains[0], 1e-9);
        assertEquals(atEnd, gains[1], 1e-9);
    }

    @Test
    void phrasesThatShareWordsEarnIndependently() {
        Hotwords hotwords = Hotwords.of("new york 1", "new york city 1", "york city hall 1");
        assertEquals(7, gains(hotwords, "new york")[1], 1e-9);
        assertEquals(7, gains(hotwords, "new york cit")[1], 1e-9);
        assertEquals(7 + 11, gains(hotwords, "new york city")[1], 1e-9);
        assertEquals(7 + 11 + 12, gains(hotwords, "new york city hall")[1], 1e-9);
    }

    @Test
    void anyTextGainsWhatItsWholePhrasesAreWorth() {
        long seed = 3;
        System.out.println("seed=" + seed);
        SplittableRandom random = new SplittableRandom(seed);
        String[] words = {"a", "ab", "b", "ba", "aba"};
        Hotwords hotwords = Hotwords.of("ab b 1", "b ab 2", "aba 0.5", "a 1");
        for (int i = 0; i < 500; i++) {
            StringBuilder text = new StringBuilder();
            for (int n = random.nextInt(1, 12); n > 0; n--) {
                text.append(text.isEmpty() ? "" : " ").append(words[random.nextInt(words.length)]);
            }
            double expected =
                    3 * count(text, "ab b") + 6 * count(text, "b ab") + 1.5 * count(text, "aba") + count(text, "a");
            assertEquals(expected, gains(hotwords, text.toString())[1], 1e-9, text.toString());
        }
    }

    private static int count(CharSequence text, String phrase) {
        String padded = " " + text + " ";
        int count = 0;
        for (int at = padded.indexOf(" " + phrase + " "); at >= 0; at = padded.indexOf(" " + phrase + " ", at + 1)) {
            count++;
        }
        return count;
    }

    @Test
    void linesHavePhrasesBoostsAndComments() throws IOException {
        Hotwords hotwords = read("\uFEFF# names\n\n  Mamba   Audio \nO'Neil\t2.5\n avoid -1\n");
        assertEquals(3, hotwords.size());
        assertEquals("mamba audio", hotwords.phrases().get(0).words());
        assertEquals(Hotwords.DEFAULT_BOOST, hotwords.phrases().get(0).boost());
        assertEquals("o'neil", hotwords.phrases().get(1).words());
        assertEquals(2.5, hotwords.phrases().get(1).boost());
        assertEquals(-1, hotwords.phrases().get(2).boost());
        assertEquals(5, hotwords.phrases().get(2).line());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "good;naïve|:2: 'naïve' has 'ï', which this model cannot write",
                "good;route 66 miles|:2: 'route 66 miles' has '6', which this model cannot write",
                "word 1e99|:1: boost '1e99' is not a number between",
                "word 3x|:1: boost '3x' is not a number between",
            })
    void aWrongLineIsNamed(String lines, String message) {
        SpeechException e =
                assertThrows(SpeechException.class, () -> new HotwordAutomaton(read(lines.replace(';', '\n')), PIECES));
        assertTrue(e.getMessage().contains("hot.txt" + message), e.getMessage());
        assertFalse(e.getMessage().contains("\n"));
    }

    @Test
    void sizesAreLimited() {
        assertThrows(SpeechException.class, () -> Hotwords.of("a".repeat(101)));
        SpeechException e = assertThrows(SpeechException.class, () -> read("abc\n".repeat(Hotwords.MAX_PHRASES + 1)));
        assertTrue(e.getMessage().contains("10001 phrases"), e.getMessage());
        assertThrows(SpeechException.class, () -> Hotwords.read(folder.resolve("missing")));
        assertThrows(SpeechException.class, () -> Hotwords.read(folder));
    }

    @Test
    void aHotwordTurnsAnUncertainSpellingAndSurvivesReset() {
        int size = Texts.LETTERS.size();
        int[] common = Texts.spell("ann");
        int[] rare = Texts.spell("anne");
        float[][] rows = new float[8][];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = Texts.row(size, 0, 0.99);
        }
        rows[0] = Texts.row(size, common[0], 0.99);
        rows[2] = Texts.row(size, common[1], 0.99);
        rows[4] = Texts.row(size, common[2], 0.99);
        rows[6] = Texts.row(size, 0, 0.7, rare[3], 0.25);
        assertEquals(
                "ann",
                Texts.decode(CtcDecoder.beam(Texts.LETTERS, BeamOptions.of(8)), rows)
                        .text());
        CtcDecoder decoder = CtcDecoder.beam(Texts.LETTERS, BeamOptions.of(8).withHotwords(Hotwords.of("anne 0.7")));
        for (int i = 0; i < 3; i++) {
            assertEquals("anne", Texts.decode(decoder, rows).text());
            decoder.reset();
        }
    }
}
