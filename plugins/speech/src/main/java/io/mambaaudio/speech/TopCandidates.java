package io.mambaaudio.speech;

/** The best of many candidates, sorted by falling score; among equals the first offered wins, so that searches repeat exactly. */
final class TopCandidates {
    private final double[] scores;
    private final int[] hypotheses;
    private final int[] pieces;
    private int size;

    TopCandidates(int width) {
        scores = new double[width];
        hypotheses = new int[width];
        pieces = new int[width];
    }

    void clear() {
        size = 0;
    }

    void offer(double score, int hypothesis, int piece) {
        if (size == scores.length && !(score > scores[size - 1])) {
            return;
        }
        int i = size < scores.length ? size++ : size - 1;
        while (i > 0 && score > scores[i - 1]) {
            scores[i] = scores[i - 1];
            hypotheses[i] = hypotheses[i - 1];
            pieces[i] = pieces[i - 1];
            i--;
        }
        scores[i] = score;
        hypotheses[i] = hypothesis;
        pieces[i] = piece;
    }

    int size() {
        return size;
    }

    double best() {
        return scores[0];
    }

    double score(int i) {
        return scores[i];
    }

    int hypothesis(int i) {
        return hypotheses[i];
    }

    int piece(int i) {
        return pieces[i];
    }
}
