package io.mambaaudio.speech;

/** Arithmetic on a row of logits. */
final class Logits {
    private Logits() {}

    /** The index of the largest value; the blank if a value is NaN or the largest is infinite; the first of equals. */
    static int best(float[] logits, int size) {
        int best = 0;
        float sum = 0;
        for (int i = 0; i < size; i++) {
            sum += logits[i];
            if (logits[i] > logits[best]) {
                best = i;
            }
        }
        boolean usable = !Float.isNaN(sum) && Math.abs(logits[best]) <= Float.MAX_VALUE;
        return usable ? best : Pieces.BLANK;
    }

    /** ln softmax(logits)[index], for an index whose value is finite. */
    static double logPosterior(float[] logits, int size, int index) {
        double sum = 0;
        for (int i = 0; i < size; i++) {
            sum += Math.exp(logits[i] - logits[index]);
        }
        return -Math.log(sum);
    }

    /**
     * ln softmax of a whole row.
     *
     * @return false, with all of the mass on the blank, if the row is not usable
     */
    static boolean logSoftmax(float[] logits, double[] out) {
        int best = best(logits, out.length);
        float max = logits[best];
        double sum = 0;
        for (int i = 0; i < out.length; i++) {
            sum += Math.exp(logits[i] - max);
        }
        double norm = max + Math.log(sum);
        if (Double.isNaN(norm) || Double.isInfinite(norm)) {
            java.util.Arrays.fill(out, Double.NEGATIVE_INFINITY);
            out[Pieces.BLANK] = 0;
            return false;
        }
        for (int i = 0; i < out.length; i++) {
            out[i] = logits[i] - norm;
        }
        return true;
    }

    /** ln(exp(a) + exp(b)). */
    static double logAdd(double a, double b) {
        double max = Math.max(a, b);
        double min = Math.min(a, b);
        return min == Double.NEGATIVE_INFINITY ? max : max + Math.log1p(Math.exp(min - max));
    }
}
