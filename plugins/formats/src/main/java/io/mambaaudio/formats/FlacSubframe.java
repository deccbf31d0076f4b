package io.mambaaudio.formats;

import io.mambaaudio.formats.FlacFrames.Damaged;
import java.io.IOException;

/** One channel of a FLAC frame (RFC 9639 9.2): a constant, the samples themselves, or a prediction and what it missed. */
final class FlacSubframe {
    private static final int MAX_ORDER = 32;

    /** The fixed predictors of order 0 to 4: differences of differences. */
    private static final int[][] FIXED = {{}, {1}, {2, -1}, {3, -3, 1}, {4, -6, 4, -1}};

    private final FlacBits bits;
    private final int[] coefficients = new int[MAX_ORDER];

    FlacSubframe(FlacBits bits) {
        this.bits = bits;
    }

    /**
     * Decodes a channel.
     *
     * @param samples receives them
     * @param count how many
     * @param sampleBits bits of a sample, 4 to 25
     */
    void decode(int[] samples, int count, int sampleBits) throws IOException {
        if (bits.unsigned(1) != 0) {
            throw new Damaged("subframe");
        }
        int type = bits.unsigned(6);
        int wasted = bits.unsigned(1) == 0 ? 0 : bits.unary() + 1;
        int width = sampleBits - wasted;
        if (width < 1) {
            throw new Damaged("wasted bits");
        }
        if (type == 0) {
            java.util.Arrays.fill(samples, 0, count, bits.signed(width));
        } else if (type == 1) {
            verbatim(samples, 0, count, width);
        } else if (type >= 8 && type <= 12) {
            fixed(samples, count, width, type - 8);
        } else if (type >= 32) {
            linear(samples, count, width, type - 31);
        } else {
            throw new Damaged("subframe type");
        }
        for (int i = 0; wasted > 0 && i < count; i++) {
            samples[i] <<= wasted;
        }
    }

    private void verbatim(int[] samples, int from, int to, int width) throws IOException {
        for (int i = from; i < to; i++) {
            samples[i] = bits.signed(width);
        }
    }

    private void fixed(int[] samples, int count, int width, int order) throws IOException {
        warmUp(samples, count, width, order);
        System.arraycopy(FIXED[order], 0, coefficients, 0, order);
        residual(samples, count, order);
        predict(samples, count, order, 0);
    }

    private void linear(int[] samples, int count, int width, int order) throws IOException {
        warmUp(samples, count, width, order);
        int precision = bits.unsigned(4) + 1;
        int shift = bits.signed(5);
        if (precision == 16 || shift < 0) {
            throw new Damaged("predictor");
        }
        for (int i = 0; i < order; i++) {
            coefficients[i] = bits.signed(precision);
        }
        residual(samples, count, order);
        predict(samples, count, order, shift);
    }

    private void warmUp(int[] samples, int count, int width, int order) throws IOException {
        if (order > count) {
            throw new Damaged("order");
        }
        verbatim(samples, 0, order, width);
    }

    /** Adds to what is in the samples what their predecessors foretell. */
    private void predict(int[] samples, int count, int order, int shift) {
        for (int i = order; i < count; i++) {
            long sum = 0;
            for (int j = 0; j < order; j++) {
                sum += (long) coefficients[j] * samples[i - 1 - j];
            }
            samples[i] += (int) (sum >> shift);
        }
    }

    /** Partitions of Rice codes with a parameter each, or of plain numbers where the parameter is all ones. */
    private void residual(int[] samples, int count, int order) throws IOException {
        int method = bits.unsigned(2);
        if (method > 1) {
            throw new Damaged("residual");
        }
        int parameterBits = 4 + method;
        int escape = (1 << parameterBits) - 1;
        int partitions = 1 << bits.unsigned(4);
        int length = count / partitions;
        if (length * partitions != count || length < order) {
            throw new Damaged("partitions");
        }
        for (int p = 0; p < partitions; p++) {
            int from = p == 0 ? order : p * length;
            int to = (p + 1) * length;
            int parameter = bits.unsigned(parameterBits);
            if (parameter == escape) {
                verbatim(samples, from, to, bits.unsigned(5));
            } else {
                rice(samples, from, to, parameter);
            }
        }
    }

    private void rice(int[] samples, int from, int to, int parameter) throws IOException {
        for (int i = from; i < to; i++) {
            int folded = (bits.unary() << parameter) | bits.unsigned(parameter);
            samples[i] = (folded >>> 1) ^ -(folded & 1);
        }
    }
}
