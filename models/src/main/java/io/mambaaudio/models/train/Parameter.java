package io.mambaaudio.models.train;

import java.util.Arrays;

/**
 * One tensor that is trained.
 *
 * @param name as the checkpoint calls it
 * @param shape its dimensions
 * @param value its values, row by row
 * @param gradient added to by every backward pass
 * @param decay whether weight decay applies: to matrices, but not to norms, biases, A and D
 */
@SuppressWarnings("ArrayRecordComponent") // never compared; prints its name and shape
public record Parameter(String name, int[] shape, float[] value, float[] gradient, boolean decay) {
    static Parameter of(String name, boolean decay, float[] value, int... shape) {
        int size = Arrays.stream(shape).reduce(1, Math::multiplyExact);
        if (size != value.length) {
            throw new IllegalArgumentException(
                    name + ": found " + value.length + " values, expected " + Arrays.toString(shape) + " = " + size);
        }
        return new Parameter(name, shape, value, new float[size], decay);
    }

    int size() {
        return value.length;
    }

    @Override
    public String toString() {
        return name + Arrays.toString(shape);
    }
}
