package io.mambaaudio.models.train;

import java.util.Arrays;

/**
 * Connectionist temporal classification (Graves et al. 2006): how unlikely a text is under all ways to spread its tokens, with blanks between
 * and repeats, over the steps; and the gradient of that. In logarithms and in double precision.
 */
public final class Ctc {
    /** The token that says nothing. */
    public static final int BLANK = 0;

    private Ctc() {}

    /**
     * The loss of one sequence.
     *
     * @param logits (steps, vocab) from at; become the gradient of {@code scale * loss}
     * @param at where they begin
     * @param steps steps of the sequence
     * @param vocab logits of a step
     * @param text the tokens, without blanks
     * @param scale what the gradient is multiplied with
     * @return the loss in nats; infinite if the text does not fit into so many steps, and the gradient is then zero
     */
    public static double loss(float[] logits, int at, int steps, int vocab, int[] text, float scale) {
        double[] logP = logSoftmax(logits, at, steps, vocab);
        int states = 2 * text.length + 1;
        double[] alpha = forward(logP, steps, vocab, text, states);
        int last = (steps - 1) * states;
        double total = states == 1 ? alpha[last] : add(alpha[last + states - 1], alpha[last + states - 2]);
        if (total == Double.NEGATIVE_INFINITY) {
            Arrays.fill(logits, at, at + steps * vocab, 0);
            return Double.POSITIVE_INFINITY;
        }
        double[] beta = backward(logP, steps, vocab, text, states);
        double[] share = new double[vocab]; // of the paths that say a token at this step
        for (int t = 0; t < steps; t++) {
            Arrays.fill(share, 0);
            for (int s = 0; s < states; s++) {
                share[token(text, s)] += Math.exp(alpha[t * states + s] + beta[t * states + s] - total);
            }
            for (int v = 0; v < vocab; v++) {
                logits[at + t * vocab + v] = (float) (scale * (Math.exp(logP[t * vocab + v]) - share[v]));
            }
        }
        return -total;
    }

    /** The tokens with blanks around: blank, first, blank, second, ..., blank. */
    private static int token(int[] text, int state) {
        return state % 2 == 0 ? BLANK : text[state / 2];
    }

    /** Whether the blank before a state may be left out: not between two equal tokens. */
    private static boolean skips(int[] text, int state) {
        return state % 2 == 1 && state >= 3 && text[state / 2] != text[state / 2 - 1];
    }

    /** The logarithm of all beginnings that end in a state, this step's token included. */
    private static double[] forward(double[] logP, int steps, int vocab, int[] text, int states) {
        double[] alpha = new double[steps * states];
        Arrays.fill(alpha, Double.NEGATIVE_INFINITY);
        alpha[0] = logP[BLANK];
        if (states > 1) {
            alpha[1] = logP[text[0]];
        }
        for (int t = 1; t < steps; t++) {
            for (int s = 0; s < states; s++) {
                int from = (t - 1) * states + s;
                double sum = alpha[from];
                sum = s >= 1 ? add(sum, alpha[from - 1]) : sum;
                sum = skips(text, s) ? add(sum, alpha[from - 2]) : sum;
                alpha[t * states + s] = sum + logP[t * vocab + token(text, s)];
            }
        }
        return alpha;
    }

    /** The logarithm of all ends that follow a state, this step's token not included. */
    private static double[] backward(double[] logP, int steps, int vocab, int[] text, int states) {
        double[] beta = new double[steps * states];
        Arrays.fill(beta, Double.NEGATIVE_INFINITY);
        for (int s = Math.max(0, states - 2); s < states; s++) {
            beta[(steps - 1) * states + s] = 0;
        }
        for (int t = steps - 2; t >= 0; t--) {
            for (int s = 0; s < states; s++) {
                double sum = Double.NEGATIVE_INFINITY;
                for (int to = s; to <= Math.min(s + 2, states - 1); to++) {
                    if (to < s + 2 || skips(text, to)) {
                        sum = add(sum, beta[(t + 1) * states + to] + logP[(t + 1) * vocab + token(text, to)]);
                    }
                }
                beta[t * states + s] = sum;
            }
        }
        return beta;
    }

    private static double[] logSoftmax(float[] logits, int at, int steps, int vocab) {
        double[] logP = new double[steps * vocab];
        for (int t = 0; t < steps; t++) {
            double all = Double.NEGATIVE_INFINITY;
            for (int v = 0; v < vocab; v++) {
                all = add(all, logits[at + t * vocab + v]);
            }
            for (int v = 0; v < vocab; v++) {
                logP[t * vocab + v] = logits[at + t * vocab + v] - all;
            }
        }
        return logP;
    }

    /** {@code log(e^a + e^b)}. */
    private static double add(double a, double b) {
        double most = Math.max(a, b);
        return most == Double.NEGATIVE_INFINITY ? most : most + Math.log1p(Math.exp(-Math.abs(a - b)));
    }
}
