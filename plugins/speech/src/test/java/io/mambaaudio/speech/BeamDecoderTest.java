package io.mambaaudio.speech;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mambaaudio.speech.Texts.Collected;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class BeamDecoderTest {
    private static final double WIDE = 1e9;

    static BeamOptions exhaustive(int width) {
        return new BeamOptions(width, WIDE, WIDE, 1000, Optional.empty(), 0.5, 0, 0, 0, Optional.empty());
    }

    /** ln of the summed probability of all paths of each labelling, by going through every path. */
    private static Map<List<Integer>, Double> bruteForce(float[][] rows) {
        Map<List<Integer>, Double> sums = new HashMap<>();
        int pieces = rows[0].length;
        double[][] logP = new double[rows.length][pieces];
        for (int t = 0; t < rows.length; t++) {
            Logits.logSoftmax(rows[t], logP[t]);
        }
        int paths = (int) Math.pow(pieces, rows.length);
        for (int path = 0; path < paths; path++) {
            List<Integer> labels = new ArrayList<>();
            double p = 0;
            int last = 0;
            for (int t = 0, rest = path; t < rows.length; t++, rest /= pieces) {
                int label = rest % pieces;
                p += logP[t][label];
                if (label != 0 && label != last) {
                    labels.add(label);
                }
                last = label;
            }
            sums.merge(labels, Math.exp(p), Double::sum);
        }
        return sums;
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void aBeamWideEnoughForAllPrefixesFindsTheExactSums(long seed) {
        System.out.println("seed=" + seed);
        float[][] rows = Texts.random(new SplittableRandom(seed), 5, 4, 1.5);
        BeamDecoder decoder = new BeamDecoder(new Pieces(Texts.AB.subList(0, 4)), exhaustive(1024));
        for (int t = 0; t < rows.length; t++) {
            decoder.accept(t, rows[t], new Collected());
        }
        Map<List<Integer>, Double> exact = bruteForce(rows);
        assertTrue(exact.size() < 1024);
        List<BeamSearch.Hypothesis> found = decoder.search().hypotheses();
        assertEquals(exact.size(), found.size());
        double worst = 0;
        for (BeamSearch.Hypothesis h : found) {
            worst = Math.max(worst, Math.abs(h.logMass() - Math.log(exact.get(h.prefix()))));
        }
        System.out.println("largest difference of ln mass = " + worst);
        assertTrue(worst < 1e-9);
        List<Integer> best = exact.entrySet().stream()
                .max(Map.Entry.comparingByValue())
                .orElseThrow()
                .getKey();
        assertEquals(best, found.getFirst().prefix());
    }

    @Test
    void theSumOfPathsBeatsTheBestPath() {
        // The classic case: blank is likeliest at both steps, but 'a' has more paths.
        float[][] rows = {Texts.row(3, 0, 0.6, 1, 0.399), Texts.row(3, 0, 0.6, 1, 0.399)};
        List<String> pieces = List.of("<blank>", "\u2581a", "\u2581b");
        assertEquals("", Texts.decode(CtcDecoder.greedy(pieces), rows).text());
        assertEquals(
                "a",
                Texts.decode(CtcDecoder.beam(pieces, BeamOptions.of(4)), rows).text());
    }

    @ParameterizedTest
    @ValueSource(longs = {11, 12, 13})
    void withClearRowsItSaysWhatGreedySays(long seed) {
        System.out.println("seed=" + seed);
        SplittableRandom random = new SplittableRandom(seed);
        float[][] rows = new float[400][];
        for (int t = 0; t < rows.length; t++) {
            int label = random.nextInt(3) == 0 ? random.nextInt(Texts.AB.size()) : 0;
            rows[t] = Texts.row(Texts.AB.size(), label, 0.97);
        }
        Collected greedy = Texts.decode(CtcDecoder.greedy(Texts.AB), rows);
        Collected beam = Texts.decode(CtcDecoder.beam(Texts.AB, BeamOptions.of(8)), rows);
        assertEquals(greedy.words, beam.words);
        assertEquals(greedy.firstSteps, beam.firstSteps);
        assertEquals(greedy.lastSteps, beam.lastSteps);
        for (int i = 0; i < greedy.words.size(); i++) {
            assertEquals(greedy.confidences.get(i), beam.confidences.get(i), 1e-5);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {14, 15, 16})
    void runsThatOutlastTheCommitCollapseToo(long seed) {
        System.out.println("seed=" + seed);
        SplittableRandom random = new SplittableRandom(seed);
        float[][] rows = new float[600][];
        int label = 0;
        for (int t = 0; t < rows.length; t++) {
            label = random.nextInt(4) == 0 ? random.nextInt(Texts.AB.size()) : label;
            rows[t] = Texts.row(Texts.AB.size(), label, 0.995);
        }
        Collected greedy = Texts.decode(CtcDecoder.greedy(Texts.AB), rows);
        for (int width : new int[] {1, 2, 8}) {
            assertEquals(greedy.words, Texts.decode(CtcDecoder.beam(Texts.AB, BeamOptions.of(width)), rows).words);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {21, 22, 23, 24})
    void anUtteranceWithoutEndStaysInTheSameMemory(long seed) {
        System.out.println("seed=" + seed);
        SplittableRandom random = new SplittableRandom(seed);
        BeamOptions options = new BeamOptions(16, WIDE, WIDE, 20, Optional.empty(), 0, 0, 0, 0, Optional.empty());
        BeamDecoder decoder = new BeamDecoder(new Pieces(Texts.AB), options);
        Collected out = new Collected();
        int most = 0;
        for (int t = 0; t < 20_000; t++) {
            decoder.accept(t, Texts.random(random, 1, Texts.AB.size(), seed % 2 == 0 ? 0.01 : 2)[0], out);
            most = Math.max(most, decoder.search().pool().used());
        }
        assertTrue(most <= decoder.search().pool().capacity());
        assertTrue(out.words.size() > 1000, "finished words: " + out.words.size());
        long late = 20_000 - out.lastSteps.getLast();
        assertTrue(late < 200, "the last finished word is " + late + " steps old");
        System.out.println(
                "nodes: at most " + most + " of " + decoder.search().pool().capacity() + ", words " + out.words.size());
    }

    @Test
    void silenceAfterAWordDecidesItWithinTheDelay() {
        BeamOptions quick = new BeamOptions(16, WIDE, WIDE, 30, Optional.empty(), 0, 0, 0, 0, Optional.empty());
        BeamDecoder decoder = new BeamDecoder(new Pieces(Texts.AB), quick);
        Collected out = new Collected();
        decoder.accept(0, Texts.row(5, 1, 0.5, 2, 0.4), out);
        assertTrue(decoder.search().hypotheses().size() > 1);
        for (int t = 1; t < 60; t++) {
            decoder.accept(t, Texts.row(5, 0, 0.9999), out);
        }
        assertEquals("a", decoder.tentative());
        decoder.finish(out);
        assertEquals("a", out.text());
    }

    @Test
    void notANumberCountsAsABlank() {
        CtcDecoder decoder = CtcDecoder.beam(Texts.AB, BeamOptions.of(4));
        Collected out = new Collected();
        float[] bad = Texts.row(5, 3, 0.9);
        bad[2] = Float.NaN;
        decoder.accept(0, Texts.row(5, 1, 0.9), out);
        decoder.accept(1, bad, out);
        assertTrue(decoder.blank());
        decoder.accept(2, Texts.row(5, 4, 0.9), out);
        decoder.finish(out);
        assertEquals("ab", out.text());
    }

    @Test
    void finishStartsAfresh() {
        CtcDecoder decoder = CtcDecoder.beam(Texts.AB, BeamOptions.of(4));
        float[][] rows = {Texts.row(5, 1, 0.9), Texts.row(5, 4, 0.9)};
        assertEquals("ab", Texts.decode(decoder, rows).text());
        assertEquals("ab", Texts.decode(decoder, rows).text());
        assertEquals("", decoder.tentative());
    }

    @Test
    void itAllocatesNothingUntilAWordIsFinished() {
        SplittableRandom random = new SplittableRandom(5);
        CtcDecoder decoder = CtcDecoder.beam(Texts.LETTERS, BeamOptions.of(8).withHotwords(Hotwords.of("abc")));
        float[][] rows = Texts.random(random, 60, Texts.LETTERS.size(), 2);
        for (float[] row : rows) {
            for (int i = 0; i < row.length; i++) {
                row[i] -= Texts.LETTERS.get(i).startsWith("\u2581") ? 30 : 0;
            }
        }
        Collected none = new Collected();
        long[] step = {0};
        Allocation.check(20_000, () -> {
            int row = (int) (step[0]++ % rows.length);
            decoder.accept(step[0], rows[row], none);
            Allocation.use(decoder.tentativeConfidence());
            if (row == rows.length - 1) {
                decoder.reset();
            }
        });
        assertEquals(List.of(), none.words);
    }
}
