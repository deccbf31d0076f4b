package io.mambaaudio.speech;

import io.mambaaudio.speech.TranscriptEvent.Final;
import io.mambaaudio.speech.TranscriptEvent.Partial;
import io.mambaaudio.speech.TranscriptEvent.Word;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** What {@link DecoderSweep} counts: word errors by source, delays of committed words, changes of committed text, confidences. */
final class SweepScore {
    private static final int BINS = 10;

    private final Confidence used;

    private final Map<String, int[]> errorsAndWords = new TreeMap<>();
    private final List<Double> delays = new ArrayList<>(); // seconds from the end of a word to its commit
    private int changed;
    private final List<double[]> confidences = new ArrayList<>(); // of words: confidence, 1 if right

    SweepScore(Confidence used) {
        this.used = used;
    }

    void add(String source, List<String> reference, List<TranscriptEvent> events) {
        List<Word> words = new ArrayList<>();
        String committed = "";
        List<Double> committedAt = new ArrayList<>();
        for (TranscriptEvent event : events) {
            String text = event instanceof Final f ? f.text() : ((Partial) event).committed();
            changed += text.startsWith(committed) ? 0 : 1;
            committed = text;
            int count = text.isEmpty() ? 0 : text.split(" ", -1).length;
            while (committedAt.size() < count) {
                committedAt.add(event.atSeconds());
            }
            if (event instanceof Final f) {
                for (int i = 0; i < count; i++) {
                    delays.add(committedAt.get(i) - f.words().get(i).endSeconds());
                }
                words.addAll(f.words());
                committedAt.clear();
                committed = "";
            }
        }
        int[] sums = errorsAndWords.computeIfAbsent(source, s -> new int[2]);
        sums[0] += align(reference, words);
        sums[1] += reference.size();
    }

    /** The edit distance; on the way back each word is marked as right or wrong. */
    private int align(List<String> reference, List<Word> words) {
        int[][] d = new int[reference.size() + 1][words.size() + 1];
        for (int i = 0; i <= reference.size(); i++) {
            for (int j = 0; j <= words.size(); j++) {
                if (i == 0 || j == 0) {
                    d[i][j] = i + j;
                } else {
                    int same = reference.get(i - 1).equals(words.get(j - 1).text()) ? 0 : 1;
                    d[i][j] = Math.min(d[i - 1][j - 1] + same, 1 + Math.min(d[i - 1][j], d[i][j - 1]));
                }
            }
        }
        int i = reference.size();
        for (int j = words.size(); j > 0; ) {
            boolean same = i > 0 && reference.get(i - 1).equals(words.get(j - 1).text());
            if (i > 0 && d[i][j] == d[i - 1][j - 1] + (same ? 0 : 1)) {
                confidences.add(new double[] {words.get(j - 1).confidence(), same ? 1 : 0});
                i--;
                j--;
            } else if (d[i][j] == d[i][j - 1] + 1) {
                confidences.add(new double[] {words.get(j - 1).confidence(), 0});
                j--;
            } else {
                i--;
            }
        }
        return d[reference.size()][words.size()];
    }

    String line() {
        StringBuilder out = new StringBuilder();
        int errors = 0;
        int words = 0;
        for (Map.Entry<String, int[]> e : errorsAndWords.entrySet()) {
            errors += e.getValue()[0];
            words += e.getValue()[1];
            out.append(
                    String.format(Locale.ROOT, " %.5s %4.1f", e.getKey(), 100.0 * e.getValue()[0] / e.getValue()[1]));
        }
        double[] sorted =
                delays.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        double median = sorted.length == 0 ? 0 : sorted[sorted.length / 2];
        double late = sorted.length == 0 ? 0 : sorted[sorted.length * 95 / 100];
        return String.format(
                Locale.ROOT,
                "WER %5.2f %%%s  commit %4.0f/%4.0f ms  changed %d",
                100.0 * errors / words,
                out,
                1000 * median,
                1000 * late,
                changed);
    }

    /** The scale and the offset of the log odds that make the right and wrong words likeliest, by Newton's method. */
    private String fit() {
        double a = 1;
        double b = 0;
        for (int round = 0; round < 30; round++) {
            double ga = 0;
            double gb = 0;
            double haa = 1e-6;
            double hab = 0;
            double hbb = 1e-6;
            for (double[] c : confidences) {
                double x = Confidence.logOdds(c[0]);
                double p = 1 / (1 + Math.exp(-(a * x + b)));
                ga += (c[1] - p) * x;
                gb += c[1] - p;
                haa += p * (1 - p) * x * x;
                hab += p * (1 - p) * x;
                hbb += p * (1 - p);
            }
            double determinant = haa * hbb - hab * hab;
            a += (hbb * ga - hab * gb) / determinant;
            b += (haa * gb - hab * ga) / determinant;
        }
        return String.format(
                Locale.ROOT,
                "    best for these words: slope %.3f, offset %.3f%n",
                a * used.slope(),
                a * used.offset() + b);
    }

    /** Of the words whose confidence lies in a bin: how many, their mean confidence, the share that is right. */
    String calibration() {
        int[] count = new int[BINS];
        double[] sum = new double[BINS];
        double[] right = new double[BINS];
        double crossEntropy = 0;
        for (double[] c : confidences) {
            int bin = Math.min(BINS - 1, (int) (c[0] * BINS));
            count[bin]++;
            sum[bin] += c[0];
            right[bin] += c[1];
            double p = Math.clamp(c[0], 1e-4, 1 - 1e-4);
            crossEntropy -= Math.log(c[1] == 1 ? p : 1 - p) / confidences.size();
        }
        StringBuilder out = new StringBuilder();
        double expected = 0;
        for (int b = 0; b < BINS; b++) {
            if (count[b] > 0) {
                expected += Math.abs(sum[b] - right[b]) / confidences.size();
                out.append(String.format(
                        Locale.ROOT,
                        "    %4d words  said %.2f  right %.2f%n",
                        count[b],
                        sum[b] / count[b],
                        right[b] / count[b]));
            }
        }
        out.append(fit());
        double share = Arrays.stream(right).sum() / Math.max(1, confidences.size());
        return out
                + String.format(
                        Locale.ROOT,
                        "    calibration error %.3f, cross entropy %.3f (of the share %.3f alone %.3f)%n",
                        expected,
                        crossEntropy,
                        share,
                        -share * Math.log(share) - (1 - share) * Math.log(1 - share));
    }
}
