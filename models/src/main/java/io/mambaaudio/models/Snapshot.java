package io.mambaaudio.models;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/**
 * A session's state at one moment: restored into a session of the same model, the stream continues bit-exactly (on the same backend).
 * Immutable.
 *
 * <p>As bytes, little-endian: "MAMBSNAP", version (int), model fingerprint (long), inputs so far (long), number of floats (int), the floats,
 * CRC-32C of all before it (int).
 */
public final class Snapshot {
    private static final byte[] MAGIC = {'M', 'A', 'M', 'B', 'S', 'N', 'A', 'P'};
    private static final int VERSION = 1;
    private static final int HEADER_BYTES = 8 + 4 + 8 + 8 + 4;

    private final long fingerprint;
    private final long inputs;
    private final float[] state;

    Snapshot(long fingerprint, long inputs, float[] state) {
        this.fingerprint = fingerprint;
        this.inputs = inputs;
        this.state = state;
    }

    /**
     * The snapshot, to be kept or sent.
     *
     * @return its bytes
     */
    public byte[] toBytes() {
        ByteBuffer out =
                ByteBuffer.allocate(HEADER_BYTES + 4 * state.length + 4).order(ByteOrder.LITTLE_ENDIAN);
        out.put(MAGIC).putInt(VERSION).putLong(fingerprint).putLong(inputs).putInt(state.length);
        for (float value : state) {
            out.putFloat(value);
        }
        out.putInt(checksum(out.array(), out.position()));
        return out.array();
    }

    /**
     * Reads what {@link #toBytes()} wrote.
     *
     * @param bytes the bytes
     * @return the snapshot
     * @throws CheckpointException if they are not a snapshot, are damaged, or come from another version
     */
    public static Snapshot fromBytes(byte[] bytes) {
        ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        byte[] magic = new byte[MAGIC.length];
        if (bytes.length < HEADER_BYTES + 4
                || !java.util.Arrays.equals(in.get(magic).array(), 0, 8, MAGIC, 0, 8)) {
            throw new CheckpointException("snapshot: found " + bytes.length
                    + " bytes that do not begin as a snapshot does, expected what toBytes wrote");
        }
        int version = in.getInt();
        if (version != VERSION) {
            throw new CheckpointException("snapshot: found version " + version + ", expected " + VERSION
                    + "; save it again with this release");
        }
        return new Snapshot(in.getLong(), in.getLong(), floats(in, bytes));
    }

    private static float[] floats(ByteBuffer in, byte[] bytes) {
        int count = in.getInt();
        if (count < 0 || HEADER_BYTES + 4L * count + 4 != bytes.length) {
            throw new CheckpointException("snapshot: found " + bytes.length + " bytes, expected "
                    + (HEADER_BYTES + 4L * count + 4) + "; it was cut short");
        }
        if (checksum(bytes, bytes.length - 4) != in.getInt(bytes.length - 4)) {
            throw new CheckpointException(
                    "snapshot: found a checksum that does not match, expected undamaged bytes; load an earlier one");
        }
        float[] state = new float[count];
        in.asFloatBuffer().get(state);
        return state;
    }

    private static int checksum(byte[] bytes, int count) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, count);
        return (int) crc.getValue();
    }

    long fingerprint() {
        return fingerprint;
    }

    long inputs() {
        return inputs;
    }

    float[] state() {
        return state;
    }
}
