package io.mambaaudio.speech;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;

/** The last samples of a stream, to be heard again after a restore. */
final class History implements SavedState.Part {
    private final float[] ring; // (capacity)
    private long total;

    History(int capacity) {
        ring = new float[capacity];
    }

    void push(float[] samples, int offset, int count) {
        int from = Math.max(0, count - ring.length);
        for (int i = from; i < count; ) {
            int at = (int) ((total + i) % ring.length);
            int n = Math.min(count - i, ring.length - at);
            System.arraycopy(samples, offset + i, ring, at, n);
            i += n;
        }
        total += count;
    }

    long total() {
        return total;
    }

    /** The samples from a position of the stream on, which must not be too long ago. */
    float[] since(long position) {
        int count = Math.toIntExact(total - position);
        if (count < 0 || count > ring.length) {
            throw new IllegalStateException(
                    "history of " + ring.length + " samples, asked for the last " + count + "; this is a bug");
        }
        float[] out = new float[count];
        for (int i = 0; i < count; i++) {
            out[i] = ring[(int) ((position + i) % ring.length)];
        }
        return out;
    }

    void reset() {
        total = 0;
    }

    @Override
    public void save(DataOutputStream out) throws IOException {
        out.writeLong(total);
        SavedState.write(out, ring, ring.length);
    }

    @Override
    public void load(DataInputStream in) throws IOException {
        total = in.readLong();
        SavedState.read(in, ring, ring.length);
    }
}
