package io.mambaaudio.music;

import io.mambaaudio.models.Checkpoint;

/** What the heads have in common: their tensors out of a checkpoint, and the two small functions that they are made of. */
final class HeadTensors {
    private HeadTensors() {}

    static float[] vector(Checkpoint checkpoint, String name, int size) {
        return sized(checkpoint, name, checkpoint.floats(name), size);
    }

    /** As floats, whether it is stored as floats or as integers with a scale for each row. */
    static float[] matrix(Checkpoint checkpoint, String name, int rows, int columns) {
        String scaleName = name + "_scale";
        if (!checkpoint.names().contains(scaleName)) {
            return sized(checkpoint, name, checkpoint.floats(name), (long) rows * columns);
        }
        float[] scale = vector(checkpoint, scaleName, rows);
        int[] stored = checkpoint.ints(name);
        float[] values = new float[stored.length];
        sized(checkpoint, name, values, (long) rows * columns);
        for (int i = 0; i < values.length; i++) {
            values[i] = stored[i] * scale[i / columns];
        }
        return values;
    }

    private static float[] sized(Checkpoint checkpoint, String name, float[] values, long size) {
        if (values.length != size) {
            throw new MusicException(checkpoint.path() + ": " + name + " has " + values.length + " values, expected "
                    + size + "; export the model again");
        }
        return values;
    }

    /** In place. */
    static void silu(float[] x, int count) {
        for (int i = 0; i < count; i++) {
            x[i] /= 1 + (float) StrictMath.exp(-x[i]);
        }
    }

    /** Eight sums at a time: one would wait for each addition. */
    static float dot(float[] w, int at, float[] x, int count) {
        float s0 = 0;
        float s1 = 0;
        float s2 = 0;
        float s3 = 0;
        float s4 = 0;
        float s5 = 0;
        float s6 = 0;
        float s7 = 0;
        int i = 0;
        for (; i + 8 <= count; i += 8) {
            s0 += w[at + i] * x[i];
            s1 += w[at + i + 1] * x[i + 1];
            s2 += w[at + i + 2] * x[i + 2];
            s3 += w[at + i + 3] * x[i + 3];
            s4 += w[at + i + 4] * x[i + 4];
            s5 += w[at + i + 5] * x[i + 5];
            s6 += w[at + i + 6] * x[i + 6];
            s7 += w[at + i + 7] * x[i + 7];
        }
        for (; i < count; i++) {
            s0 += w[at + i] * x[i];
        }
        return ((s0 + s4) + (s1 + s5)) + ((s2 + s6) + (s3 + s7));
    }
}
