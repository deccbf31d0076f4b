package io.mambaaudio.speech;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.CRC32C;

/**
 * A stream's state as bytes: "MAMBTRSC", version (int), the parts as they write themselves, CRC-32C of all before it (int). Values are
 * big-endian, as {@link DataOutputStream} writes them.
 */
final class SavedState {
    private static final byte[] MAGIC = {'M', 'A', 'M', 'B', 'T', 'R', 'S', 'C'};
    private static final int VERSION = 1;

    /** What has a state that can be saved. */
    interface Part {
        /** Writes the state. */
        void save(DataOutputStream out) throws IOException;

        /** Reads what {@link #save} of an equally configured part wrote. */
        void load(DataInputStream in) throws IOException;
    }

    private SavedState() {}

    static byte[] save(Part part) {
        try {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            DataOutputStream out = new DataOutputStream(bytes);
            out.write(MAGIC);
            out.writeInt(VERSION);
            part.save(out);
            out.writeInt(checksum(bytes.toByteArray(), bytes.size()));
            return bytes.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static void load(byte[] saved, Part part) {
        int end = saved.length - Integer.BYTES;
        if (end < MAGIC.length || !Arrays.equals(saved, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
            throw new SpeechException("saved state of " + saved.length
                    + " bytes does not begin as a transcriber's does; give what save() returned");
        }
        if (ByteBuffer.wrap(saved).getInt(end) != checksum(saved, end)) {
            throw new SpeechException(
                    "saved state of " + saved.length + " bytes is damaged (checksum); give an earlier one");
        }
        try {
            DataInputStream in = new DataInputStream(new ByteArrayInputStream(saved, MAGIC.length, end - MAGIC.length));
            int version = in.readInt();
            if (version != VERSION) {
                throw new SpeechException("saved state has version " + version + ", this release reads " + VERSION
                        + "; save it again with this release");
            }
            part.load(in);
        } catch (IOException e) {
            throw new SpeechException(
                    "saved state of " + saved.length + " bytes ends too early; give an earlier one", e);
        }
    }

    /** Reads how the saved part was configured, and refuses one that was configured otherwise. */
    static void expect(DataInputStream in, String what, long mine) throws IOException {
        long saved = in.readLong();
        if (saved != mine) {
            throw new SpeechException("saved state has " + what + "=" + saved + ", this transcriber has " + mine
                    + "; restore into one that is built and prepared alike");
        }
    }

    static void write(DataOutputStream out, int[] values) throws IOException {
        for (int value : values) {
            out.writeInt(value);
        }
    }

    static void read(DataInputStream in, int[] values) throws IOException {
        for (int i = 0; i < values.length; i++) {
            values[i] = in.readInt();
        }
    }

    static void write(DataOutputStream out, long[] values) throws IOException {
        for (long value : values) {
            out.writeLong(value);
        }
    }

    static void read(DataInputStream in, long[] values) throws IOException {
        for (int i = 0; i < values.length; i++) {
            values[i] = in.readLong();
        }
    }

    static void write(DataOutputStream out, double[] values) throws IOException {
        for (double value : values) {
            out.writeDouble(value);
        }
    }

    static void read(DataInputStream in, double[] values) throws IOException {
        for (int i = 0; i < values.length; i++) {
            values[i] = in.readDouble();
        }
    }

    static void write(DataOutputStream out, float[] values, int count) throws IOException {
        for (int i = 0; i < count; i++) {
            out.writeFloat(values[i]);
        }
    }

    static void read(DataInputStream in, float[] values, int count) throws IOException {
        for (int i = 0; i < count; i++) {
            values[i] = in.readFloat();
        }
    }

    private static int checksum(byte[] bytes, int count) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, count);
        return (int) crc.getValue();
    }
}
