package io.mambaaudio.server;

import io.mambaaudio.server.ParkedStreams.Parked;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * A parked stream as bytes: "MAMBPARK", version (int), since when (long, milliseconds of the clock), the client's wishes, how far it is,
 * what was told, the transcriber's state, CRC-32C of all before it (int). Big-endian; texts and states have their length before them.
 */
final class ParkedBytes {
    private static final byte[] MAGIC = {'M', 'A', 'M', 'B', 'P', 'A', 'R', 'K'};
    private static final int VERSION = 1;

    private ParkedBytes() {}

    static byte[] write(Parked stream, long millis) {
        try {
            ByteArrayOutputStream bytes =
                    new ByteArrayOutputStream(stream.state().remaining() + 4096);
            DataOutputStream out = new DataOutputStream(bytes);
            out.write(MAGIC);
            out.writeInt(VERSION);
            out.writeLong(millis);
            out.writeInt(stream.config().sampleRateHz());
            out.writeBoolean(stream.config().words());
            out.writeBoolean(stream.config().alternatives());
            write(out, stream.config().phrases());
            out.writeLong(stream.samples());
            out.writeLong(stream.results());
            write(out, stream.lastResults());
            write(out, stream.partial());
            byte[] state = new byte[stream.state().remaining()];
            stream.state().duplicate().get(state);
            out.writeInt(state.length);
            out.write(state);
            out.writeInt(checksum(bytes.toByteArray(), bytes.size()));
            return bytes.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void write(DataOutputStream out, List<String> texts) throws IOException {
        out.writeInt(texts.size());
        for (String text : texts) {
            write(out, text);
        }
    }

    private static void write(DataOutputStream out, String text) throws IOException {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        out.writeInt(utf8.length);
        out.write(utf8);
    }

    /**
     * Reads what {@link #write} wrote.
     *
     * @throws IOException in one line, if it is damaged or of another version
     */
    static Parked read(byte[] bytes) throws IOException {
        int end = bytes.length - Integer.BYTES;
        if (end < MAGIC.length || !Arrays.equals(bytes, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
            throw new IOException(bytes.length + " bytes do not begin as a saved stream does");
        }
        ByteBuffer in = ByteBuffer.wrap(bytes);
        if (in.getInt(end) != checksum(bytes, end)) {
            throw new IOException("the checksum of its " + bytes.length + " bytes is wrong");
        }
        in.position(MAGIC.length).limit(end);
        int version = in.getInt();
        if (version != VERSION) {
            throw new IOException("it has version " + version + ", this release reads " + VERSION);
        }
        try {
            return stream(in);
        } catch (BufferUnderflowException e) {
            throw new IOException("it ends too early", e);
        }
    }

    private static Parked stream(ByteBuffer in) throws IOException {
        in.getLong();
        VoskConfig config = new VoskConfig(in.getInt(), in.get() != 0, in.get() != 0, texts(in));
        long samples = in.getLong();
        long results = in.getLong();
        List<String> lastResults = texts(in);
        String partial = text(in);
        ByteBuffer state = ByteBuffer.wrap(bytes(in));
        return new Parked(state, config, samples, results, lastResults, partial, System.nanoTime());
    }

    private static List<String> texts(ByteBuffer in) throws IOException {
        int count = in.getInt();
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            texts.add(text(in));
        }
        return texts;
    }

    private static String text(ByteBuffer in) throws IOException {
        return new String(bytes(in), StandardCharsets.UTF_8);
    }

    private static byte[] bytes(ByteBuffer in) throws IOException {
        int length = in.getInt();
        if (length < 0 || length > in.remaining()) {
            throw new IOException("a part of " + length + " bytes where " + in.remaining() + " are left");
        }
        byte[] bytes = new byte[length];
        in.get(bytes);
        return bytes;
    }

    private static int checksum(byte[] bytes, int count) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, count);
        return (int) crc.getValue();
    }
}
