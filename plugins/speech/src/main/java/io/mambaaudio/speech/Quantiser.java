package io.mambaaudio.speech;

import java.util.Arrays;

/**
 * A table of values that stands for many, chosen for a small squared error (Lloyd 1982) from quantiles on. Values that are 0 exactly,
 * as most back-offs are, keep their value.
 */
final class Quantiser {
    private static final int ROUNDS = 40;

    final float[] table; // (codes) rising

    Quantiser(float[] values, int codes) {
        float[] sorted = values.clone();
        Arrays.sort(sorted);
        double[] sums = new double[sorted.length + 1];
        for (int i = 0; i < sorted.length; i++) {
            sums[i + 1] = sums[i] + sorted[i];
        }
        table = new float[codes];
        for (int c = 0; c < codes && sorted.length > 0; c++) {
            table[c] = sorted[(int) ((c + 0.5) * sorted.length / codes)];
        }
        for (int round = 0; round < ROUNDS; round++) {
            improve(sorted, sums);
        }
        if (Arrays.binarySearch(sorted, 0f) >= 0 || sorted.length == 0) {
            table[code(0)] = 0;
        }
        Arrays.sort(table);
    }

    /** Each entry becomes the mean of the values that are nearest to it. */
    private void improve(float[] sorted, double[] sums) {
        int from = 0;
        for (int c = 0; c < table.length; c++) {
            int to = c + 1 < table.length ? firstAbove(sorted, from, (table[c] + table[c + 1]) / 2) : sorted.length;
            if (to > from) {
                table[c] = (float) ((sums[to] - sums[from]) / (to - from));
            }
            from = to;
        }
    }

    private static int firstAbove(float[] sorted, int from, float limit) {
        int at = Arrays.binarySearch(sorted, from, sorted.length, limit);
        int i = at < 0 ? -at - 1 : at;
        while (i < sorted.length && sorted[i] <= limit) {
            i++;
        }
        return i;
    }

    /** The nearest entry. */
    int code(float value) {
        int at = Arrays.binarySearch(table, value);
        if (at >= 0) {
            return at;
        }
        int above = -at - 1;
        if (above == 0 || above == table.length) {
            return above == 0 ? 0 : above - 1;
        }
        return value - table[above - 1] <= table[above] - value ? above - 1 : above;
    }
}
