package io.mambaaudio.speech;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class NGramTest {
    static final String ARPA = """
            made by hand

            \\data\\
            ngram 1=6
            ngram 2=4
            ngram 3=2

            \\1-grams:
            -99\t<s>\t-0.3
            -1.0\t</s>
            -2.0\t<unk>\t-0.1
            -0.8\tred\t-0.4
            -0.9\tBall\t-0.2
            -1.2\troof

            \\2-grams:
            -0.5\t<s> red\t-0.15
            -0.3\tred ball\t-0.25
            -0.7\tred roof
            -0.6\t<unk> ball\t0

            \\3-grams:
            -0.2\t<s> red ball
            -0.4\tred ball </s>

            \\end\\
            """;

    @TempDir
    private Path folder;

    private NGram read(String text) throws IOException {
        Path file = folder.resolve("lm.arpa");
        Files.writeString(file, text, StandardCharsets.UTF_8);
        return NGram.read(file);
    }

    private static double log10(NGram model, String word, String... before) {
        return model.logProbability(List.of(before), word) / Math.log(10);
    }

    @Test
    void longestKnownHistoryScoresAndTheRestBacksOff() throws IOException {
        NGram model = read(ARPA);
        assertEquals(3, model.order());
        assertEquals(4, model.size(2));
        assertEquals(-0.2, log10(model, "ball", "<s>", "red"), 1e-6);
        assertEquals(-0.3, log10(model, "ball", "red"), 1e-6);
        assertEquals(-0.15 - 0.7, log10(model, "roof", "<s>", "red"), 1e-6, "back-off of '<s> red', then 'red roof'");
        assertEquals(
                -0.25 - 0.2 - 1.2, log10(model, "roof", "red", "ball"), 1e-6, "two back-offs, then the word alone");
        assertEquals(-1.2, log10(model, "roof", "roof"), 1e-6, "a missing back-off is 0");
        assertEquals(-0.8, log10(model, "red"), 1e-6);
        assertEquals(-0.3, log10(model, "ball", "roof", "ball", "roof", "red"), 1e-6, "only the nearest words count");
    }

    @Test
    void unknownWordsScoreAsUnknown() throws IOException {
        NGram model = read(ARPA);
        assertEquals(-0.4 - 2.0, log10(model, "zebra", "red"), 1e-6);
        assertEquals(-0.6, log10(model, "ball", "zebra"), 1e-6);
        NGram closed = read(ARPA.replace("-2.0\t<unk>\t-0.1\n", "")
                .replace("-0.6\t<unk> ball\t0\n", "")
                .replace("1=6", "1=5")
                .replace("2=4", "2=3"));
        assertEquals(-7, log10(closed, "zebra"), 1e-6);
    }

    @Test
    void wordsAreComparedInLowerCase() throws IOException {
        assertEquals(
                log10(read(ARPA), "ball"),
                log10(
                        read(ARPA.toUpperCase(java.util.Locale.ROOT)
                                .replace("\\DATA\\", "\\data\\")
                                .replace("NGRAM", "ngram")
                                .replace("-GRAMS:", "-grams:")
                                .replace("\\END\\", "\\end\\")),
                        "BALL"));
    }

    @Test
    void aUnigramModelIsEnough() throws IOException {
        NGram model = read("\\data\\\nngram 1=2\n\n\\1-grams:\n-1 a\n-0.5 b\n\\end\\\n");
        assertEquals(1, model.order());
        assertEquals(-0.5, log10(model, "b", "a", "a"), 1e-6);
    }

    @Test
    void everyPrefixAndSuffixOfALargeRandomModelIsFound() throws IOException {
        SplittableRandom random = new SplittableRandom(17);
        System.out.println("seed=17");
        StringBuilder one = new StringBuilder();
        StringBuilder two = new StringBuilder();
        double[][] p = new double[300][300];
        int pairs = 0;
        for (int i = 0; i < 300; i++) {
            one.append("-2\tw%d\t-%d.5%n".formatted(i, i % 3));
            for (int j : random.ints(0, 300).distinct().limit(20).toArray()) {
                p[i][j] = -random.nextInt(1, 1000) / 500.0;
                two.append("%s w%d w%d%n".formatted(p[i][j], i, j));
                pairs++;
            }
        }
        NGram model = read("\\data\\\nngram 1=300\nngram 2=%d%n%n\\1-grams:%n%s%n\\2-grams:%n%s%n\\end\\%n"
                .formatted(pairs, one, two));
        for (int i = 0; i < 300; i++) {
            for (int j = 0; j < 300; j++) {
                double expected = p[i][j] != 0 ? p[i][j] : -(i % 3) - 0.5 - 2;
                assertEquals(expected, log10(model, "w" + j, "w" + i), 1e-6);
            }
        }
        assertTrue(model.bytes() < 16L * pairs + 300 * 40 + 40_000, "bytes: " + model.bytes());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "ngram 1=6|ngram 1=7|:16: expected a probability, 1 word(s) and perhaps a back-off, found '\\2-grams:'",
                "ngram 1=6|ngram 1=5|:14: expected '\\2-grams:', found '-1.2",
                "ngram 2=4|ngram 3=4|:5: expected 'ngram 2=COUNT'",
                "ngram 2=4|ngram 2=-4|:5: expected 'ngram 2=COUNT'",
                "ngram 2=4|ngram 2=99999999999|:5: expected 'ngram 2=COUNT'",
                "\\data\\|\\dato\\|:27: the file ends before \\end\\",
                "\\end\\|rest|:26: expected \\end\\, found 'rest'",
                "-0.5\t<s> red|abc\t<s> red|:17: 'abc' is not a decimal logarithm",
                "-0.5\t<s> red|NaN\t<s> red|:17: 'NaN' is not a decimal logarithm",
                "-0.5\t<s> red|0.5\t<s> red|:17: log probability 0.5 is above 0",
                "-0.7\tred roof|-0.7\tred rof|:19: the word 'rof' is not among the 1-grams",
                "-0.7\tred roof|-0.7\tred ball|:20: a 2-gram of lines 16 to 20 is there twice",
                "-0.9\tBall|-0.9\tRED|:13: the word of '-0.9",
                "-0.4\tred ball </s>|-0.4\troof ball </s>|:24: the 2-gram that '-0.4",
                "-0.4\tred ball </s>|-0.4\tred ball </s>\t-1|:24: n-grams of the highest order have no back-off",
                "-0.4\tred ball </s>|-0.4\tred|:24: expected a probability, 3 word(s)",
            })
    void aMalformedFileIsNamedWithTheLine(String found, String replacement, String message) {
        assertTrue(ARPA.contains(found), found);
        String text = ARPA.replaceFirst(
                java.util.regex.Pattern.quote(found), java.util.regex.Matcher.quoteReplacement(replacement));
        SpeechException e = assertThrows(SpeechException.class, () -> read(text));
        assertTrue(e.getMessage().contains("lm.arpa" + message), e.getMessage());
        assertFalse(e.getMessage().contains("\n"));
    }

    @Test
    void filesThatAreNoTextAreRefused() throws IOException {
        Path binary = folder.resolve("binary.arpa");
        Files.write(binary, new byte[] {(byte) 0xff, (byte) 0xfe, 0, 1});
        SpeechException e = assertThrows(SpeechException.class, () -> NGram.read(binary));
        assertTrue(e.getMessage().contains("not UTF-8"), e.getMessage());
        assertThrows(SpeechException.class, () -> NGram.read(folder));
        assertThrows(SpeechException.class, () -> NGram.read(folder.resolve("missing")));
        assertThrows(SpeechException.class, () -> read(""));
    }

    @Test
    void randomDamageGivesAModelOrOneLine() throws IOException {
        long seed = 5;
        System.out.println("seed=" + seed);
        SplittableRandom random = new SplittableRandom(seed);
        int refused = 0;
        for (int i = 0; i < 500; i++) {
            StringBuilder text = new StringBuilder(ARPA);
            for (int n = random.nextInt(1, 4); n > 0; n--) {
                int at = random.nextInt(text.length() + 1);
                switch (random.nextInt(3)) {
                    case 0 -> text.delete(at, at + 1);
                    case 1 -> text.insert(at, (char) random.nextInt(9, 127));
                    default -> text.setLength(at);
                }
            }
            try {
                read(text.toString()).logProbability(List.of("red"), "ball");
            } catch (SpeechException e) {
                assertFalse(e.getMessage().contains("\n"), e.getMessage());
                refused++;
            }
        }
        assertTrue(refused > 100, "refused " + refused);
    }
}
