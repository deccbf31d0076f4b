package io.mambaaudio.speech;

import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/** What the decoder tests share: small vocabularies, rows of logits, collected words. */
final class Texts {
    /** Blank, then pieces of which words over a and b are made. */
    static final List<String> AB = List.of("<blank>", "\u2581a", "\u2581b", "a", "b");

    static final List<String> LETTERS = letters();

    private Texts() {}

    private static List<String> letters() {
        List<String> pieces = new ArrayList<>(List.of("<blank>"));
        for (char c = 'a'; c <= 'z'; c++) {
            pieces.add("\u2581" + c);
        }
        for (char c = 'a'; c <= 'z'; c++) {
            pieces.add(String.valueOf(c));
        }
        pieces.addAll(List.of("\u2581'", "'"));
        return List.copyOf(pieces);
    }

    /** Letters spelled as indices of LETTERS. */
    static int[] spell(String text) {
        List<Integer> out = new ArrayList<>();
        for (String word : text.split(" ", -1)) {
            for (int i = 0; i < word.length(); i++) {
                out.add(LETTERS.indexOf((i == 0 ? "\u2581" : "") + word.charAt(i)));
            }
        }
        return out.stream().mapToInt(Integer::intValue).toArray();
    }

    static float[][] random(RandomGenerator random, int steps, int pieces, double spread) {
        float[][] rows = new float[steps][pieces];
        for (float[] row : rows) {
            for (int i = 0; i < pieces; i++) {
                row[i] = (float) (spread * random.nextGaussian());
            }
        }
        return rows;
    }

    /** A row whose largest logit is the piece's, with the posterior p, the rest shared evenly. */
    static float[] row(int pieces, int piece, double p) {
        float[] row = new float[pieces];
        java.util.Arrays.fill(row, (float) Math.log((1 - p) / (pieces - 1)));
        row[piece] = (float) Math.log(p);
        return row;
    }

    /** A row with two likely pieces. */
    static float[] row(int pieces, int first, double p, int second, double q) {
        float[] row = row(pieces, first, p);
        java.util.Arrays.fill(row, (float) Math.log((1 - p - q) / (pieces - 2)));
        row[first] = (float) Math.log(p);
        row[second] = (float) Math.log(q);
        return row;
    }

    /** Words as they come out. */
    static final class Collected implements CtcDecoder.WordSink {
        final List<String> words = new ArrayList<>();
        final List<Long> firstSteps = new ArrayList<>();
        final List<Long> lastSteps = new ArrayList<>();
        final List<Float> confidences = new ArrayList<>();

        @Override
        public void accept(String text, long firstStep, long lastStep, float confidence) {
            words.add(text);
            firstSteps.add(firstStep);
            lastSteps.add(lastStep);
            confidences.add(confidence);
        }

        String text() {
            return String.join(" ", words);
        }
    }

    static Collected decode(CtcDecoder decoder, float[][] rows) {
        Collected out = new Collected();
        for (int i = 0; i < rows.length; i++) {
            decoder.accept(i, rows[i], out);
        }
        decoder.finish(out);
        return out;
    }
}
