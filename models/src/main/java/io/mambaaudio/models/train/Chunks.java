package io.mambaaudio.models.train;

/**
 * How a batch is cut along time: all sequences' steps {@code start(i)} to {@code start(i) + steps(i)} are computed together, rows
 * {@code b * steps + t}.
 *
 * @param batch sequences
 * @param length steps of each
 * @param most steps of a chunk; the last may have fewer
 */
record Chunks(int batch, int length, int most) {
    /** Steps of a chunk at most. */
    static final int MOST = 128;

    private static final int ROWS = 512;
    private static final int LEAST = 32;

    /** Chunks of about 512 rows, which a core's second cache holds. */
    static Chunks of(int batch, int length, int most) {
        return new Chunks(batch, length, Math.min(length, Math.min(most, Math.max(ROWS / batch, LEAST))));
    }

    int count() {
        return Math.ceilDiv(length, most);
    }

    int start(int chunk) {
        return chunk * most;
    }

    int steps(int chunk) {
        return Math.min(most, length - start(chunk));
    }

    int rows() {
        return batch * most;
    }

    /** From (batch, length, width) to the chunk's rows. */
    void gather(int chunk, float[] all, int width, float[] rows) {
        int size = steps(chunk) * width;
        for (int b = 0; b < batch; b++) {
            System.arraycopy(all, (b * length + start(chunk)) * width, rows, b * size, size);
        }
    }

    /** Adds the chunk's rows to (batch, length, width). */
    void add(int chunk, float[] rows, int width, float[] all) {
        int size = steps(chunk) * width;
        for (int b = 0; b < batch; b++) {
            int to = (b * length + start(chunk)) * width;
            for (int i = 0; i < size; i++) {
                all[to + i] += rows[b * size + i];
            }
        }
    }
}
