package io.mambaaudio.models.cuda;

import java.util.ArrayList;
import java.util.List;
import jcuda.Pointer;

/** Memory on the card for many arrays that live and die together. */
final class Arena implements AutoCloseable {
    private static final long CHUNK_BYTES = 16L << 20;

    private final String what;
    private final List<DeviceMemory> chunks = new ArrayList<>();
    private long left;

    Arena(String what) {
        this.what = what;
    }

    /** The address of so many bytes, zeroed. */
    long take(long bytes) {
        long size = DeviceMemory.padded(bytes);
        if (size > left) {
            long chunk = Math.max(size, CHUNK_BYTES);
            chunks.add(new DeviceMemory(chunk, what));
            left = chunk;
        }
        left -= size;
        return chunks.getLast().take(bytes);
    }

    /** Copies the values to the card; 0, the null pointer, if there are none. */
    long put(float[] values) {
        return values.length == 0 ? 0 : put(Pointer.to(values), 4L * values.length);
    }

    long put(short[] values) {
        return put(Pointer.to(values), 2L * values.length);
    }

    long put(byte[] values) {
        return put(Pointer.to(values), values.length);
    }

    /** Copies into memory that was taken from here. */
    void write(long address, byte[] values) {
        chunks.getFirst().put(address, Pointer.to(values), values.length);
    }

    int readInt(long address) {
        int[] value = new int[1];
        chunks.getFirst().get(address, Pointer.to(value), Integer.BYTES);
        return value[0];
    }

    private long put(Pointer values, long bytes) {
        long at = take(bytes);
        chunks.getLast().put(at, values, bytes);
        return at;
    }

    @Override
    public void close() {
        chunks.forEach(DeviceMemory::close);
    }
}
