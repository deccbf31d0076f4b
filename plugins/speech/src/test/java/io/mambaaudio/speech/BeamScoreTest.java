package io.mambaaudio.speech;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mambaaudio.speech.Texts.Collected;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The language model and the hotwords inside the beam, against their definitions. */
final class BeamScoreTest {
    private static final double WEIGHT = 0.7;
    private static final double BONUS = 0.9;
    private static final double PENALTY = 1.3;
    private static final List<String> KNOWN = List.of("a", "ab", "b");
    private static final String ARPA = """
            \\data\\
            ngram 1=5
            ngram 2=4

            \\1-grams:
            -99 <s> -0.2
            -1.5 <unk> -0.3
            -0.4 a -0.1
            -0.9 ab -0.6
            -1.1 b 0

            \\2-grams:
            -0.1 <s> ab
            -1.7 a a
            -0.2 ab a
            -0.5 <unk> b

            \\end\\
            """;

    @TempDir
    private Path folder;

    private NGram model() throws IOException {
        Path file = folder.resolve("lm.arpa");
        Files.writeString(file, ARPA);
        return NGram.read(file);
    }

    private static List<String> words(List<Integer> prefix) {
        List<String> words = new ArrayList<>();
        for (int piece : prefix) {
            String text = Texts.AB.get(piece);
            boolean starts = text.charAt(0) == '\u2581' || words.isEmpty();
            String letters = text.replace("\u2581", "");
            if (starts) {
                words.add(letters);
            } else {
                words.set(words.size() - 1, words.getLast() + letters);
            }
        }
        return words;
    }

    private static double languageScore(NGram model, List<String> words) {
        double sum = 0;
        List<String> before = new ArrayList<>(List.of("<s>"));
        for (String word : words) {
            sum += WEIGHT * model.logProbability(before, word) + BONUS - (KNOWN.contains(word) ? 0 : PENALTY);
            before.add(word);
        }
        return sum;
    }

    @ParameterizedTest
    @ValueSource(longs = {41, 42, 43})
    void theBonusOfAPrefixIsThatOfItsCompleteWords(long seed) throws IOException {
        System.out.println("seed=" + seed);
        NGram model = model();
        BeamOptions options =
                new BeamOptions(900, 1e9, 1e9, 1000, Optional.of(model), WEIGHT, BONUS, 0, PENALTY, Optional.empty());
        BeamDecoder decoder = new BeamDecoder(new Pieces(Texts.AB), options);
        float[][] rows = Texts.random(new SplittableRandom(seed), 4, Texts.AB.size(), 1);
        for (int t = 0; t < rows.length; t++) {
            decoder.accept(t, rows[t], new Collected());
        }
        String best = "";
        double bestScore = Double.NEGATIVE_INFINITY;
        for (BeamSearch.Hypothesis h : decoder.search().hypotheses()) {
            List<String> words = words(h.prefix());
            List<String> complete = words.subList(0, Math.max(0, words.size() - 1));
            assertEquals(languageScore(model, complete), h.bonus(), 1e-9, words.toString());
            double score = h.logMass() + languageScore(model, words);
            if (score > bestScore) {
                bestScore = score;
                best = String.join(" ", words);
            }
        }
        Collected out = new Collected();
        decoder.finish(out);
        assertEquals(best, out.text(), "the end takes the best of the complete scores");
    }

    @Test
    void theLanguageModelTurnsAnUncertainWord() throws IOException {
        float[][] rows = {
            Texts.row(5, 1, 0.97), // a
            Texts.row(5, 0, 0.55, 4, 0.43), // b or nothing
            Texts.row(5, 0, 0.97),
            Texts.row(5, 1, 0.97), // a
            Texts.row(5, 0, 0.97),
        };
        BeamOptions plain = BeamOptions.of(8);
        assertEquals("a a", Texts.decode(CtcDecoder.beam(Texts.AB, plain), rows).text());
        CtcDecoder helped = CtcDecoder.beam(Texts.AB, plain.withLanguageModel(model(), 1, 0));
        assertEquals("ab a", Texts.decode(helped, rows).text());
        assertEquals("ab a", Texts.decode(helped, rows).text(), "also after a reset");
    }

    @Test
    void aUnigramModelScoresToo() throws IOException {
        Path file = folder.resolve("one.arpa");
        Files.writeString(file, "\\data\\\nngram 1=2\n\\1-grams:\n-3 a\n-0.1 ab\n\\end\\\n");
        float[][] rows = {Texts.row(5, 1, 0.97), Texts.row(5, 0, 0.55, 4, 0.43), Texts.row(5, 0, 0.97)};
        BeamOptions options = BeamOptions.of(8).withLanguageModel(NGram.read(file), 1, 0);
        assertEquals(
                "ab", Texts.decode(CtcDecoder.beam(Texts.AB, options), rows).text());
    }

    @Test
    void aHotwordIsNotAnUnknownWord() throws IOException {
        float[][] rows = {Texts.row(5, 1, 0.97), Texts.row(5, 3, 0.97), Texts.row(5, 4, 0.97), Texts.row(5, 0, 0.97)};
        BeamOptions options = new BeamOptions(
                64, 1e9, 1e9, 1000, Optional.of(model()), WEIGHT, BONUS, 0, 30, Optional.of(Hotwords.of("aab 0")));
        assertEquals(
                "aab", Texts.decode(CtcDecoder.beam(Texts.AB, options), rows).text());
        options = options.withHotwords(Hotwords.of("bbb 0"));
        assertEquals(
                "ab", Texts.decode(CtcDecoder.beam(Texts.AB, options), rows).text());
    }

    @Test
    void theWordBonusWritesMoreWords() throws IOException {
        float[][] rows = new float[40][];
        for (int t = 0; t < rows.length; t++) {
            rows[t] = t % 4 == 0 ? Texts.row(5, 1, 0.4, 3, 0.4) : Texts.row(5, 0, 0.9);
        }
        int few = count(rows, BeamOptions.of(8).withLanguageModel(model(), 0.1, -3));
        int many = count(rows, BeamOptions.of(8).withLanguageModel(model(), 0.1, 3));
        assertTrue(few < many, few + " words, " + many + " words");
    }

    private static int count(float[][] rows, BeamOptions options) {
        return Texts.decode(CtcDecoder.beam(Texts.AB, options), rows).words.size();
    }
}
