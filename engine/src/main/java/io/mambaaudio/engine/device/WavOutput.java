package io.mambaaudio.engine.device;

import io.mambaaudio.engine.AudioOutput;
import io.mambaaudio.engine.EngineException;
import io.mambaaudio.engine.SampleEncoding;
import io.mambaaudio.engine.StreamFormat;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * A WAV file. Its header says "unknown length" at first, the length so far after every second of sound, and the truth after
 * {@link #close}. Beyond 4 GiB it says "unknown length", which readers take as "to the end of the file".
 */
public final class WavOutput implements AudioOutput {
    private static final int HEADER_BYTES = 44;
    private static final long UNKNOWN = 0xFFFF_FFFFL;

    private final Path file;
    private final SampleEncoding encoding;
    private StreamFormat format = new StreamFormat(1, 1);
    private @Nullable FileChannel channel; // none before open and after close
    private ByteBuffer bytes = ByteBuffer.allocate(0);
    private long dataBytes;
    private long headerFrames;

    /** A file to write; nothing is touched before {@link #open}. */
    public WavOutput(Path file, SampleEncoding encoding) {
        if (!Pcm.canEncode(encoding)) {
            throw new EngineException(
                    "WAV can't be written as " + encoding + "; choose U8, S16LE, S24LE, S32LE, F32LE or F64LE");
        }
        this.file = file;
        this.encoding = encoding;
    }

    @Override
    public String name() {
        return String.valueOf(file.getFileName());
    }

    @Override
    public synchronized void open(StreamFormat streamFormat) {
        format = streamFormat;
        try {
            channel = FileChannel.open(
                    file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING);
            writeHeader(channel, UNKNOWN);
            channel.position(HEADER_BYTES);
        } catch (IOException e) {
            throw new EngineException(
                    file + " can't be written: " + EngineException.reason(e) + "; choose another place", e);
        }
    }

    @Override
    public synchronized void write(float[][] block, int frames) {
        FileChannel to = channel;
        if (to == null) {
            throw new EngineException(name() + " is closed");
        }
        int frameBytes = encoding.bytes() * format.channels();
        if (bytes.capacity() < frames * frameBytes) {
            bytes = ByteBuffer.allocate(frames * frameBytes);
        }
        for (int c = 0; c < format.channels(); c++) {
            Pcm.encode(encoding, block[c], bytes.array(), c * encoding.bytes(), frameBytes, frames);
        }
        bytes.clear().limit(frames * frameBytes);
        try {
            writeAll(to);
            dataBytes += (long) frames * frameBytes;
            headerFrames += frames;
            if (headerFrames >= format.sampleRateHz()) {
                headerFrames = 0;
                writeHeader(to, dataBytes);
            }
        } catch (IOException e) {
            throw new EngineException(
                    file + " can't be written beyond bytes=" + dataBytes + ": " + EngineException.reason(e), e);
        }
    }

    private void writeAll(FileChannel to) throws IOException {
        while (bytes.hasRemaining()) {
            to.write(bytes);
        }
    }

    /** Writes the header without moving the place where samples go. */
    private void writeHeader(FileChannel to, long length) throws IOException {
        boolean fits = length + HEADER_BYTES < UNKNOWN;
        int frameBytes = encoding.bytes() * format.channels();
        boolean isFloat = encoding == SampleEncoding.F32LE || encoding == SampleEncoding.F64LE;
        ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        header.put("RIFF".getBytes(StandardCharsets.US_ASCII));
        header.putInt((int) (fits ? length + (length & 1) + HEADER_BYTES - 8 : UNKNOWN));
        header.put("WAVEfmt ".getBytes(StandardCharsets.US_ASCII)).putInt(16);
        header.putShort((short) (isFloat ? 3 : 1)).putShort((short) format.channels());
        header.putInt(format.sampleRateHz()).putInt(format.sampleRateHz() * frameBytes);
        header.putShort((short) frameBytes).putShort((short) (8 * encoding.bytes()));
        header.put("data".getBytes(StandardCharsets.US_ASCII)).putInt((int) (fits ? length : UNKNOWN));
        header.flip();
        long at = 0;
        while (header.hasRemaining()) {
            at += to.write(header, at);
        }
    }

    @Override
    public synchronized void close() {
        FileChannel to = channel;
        channel = null;
        if (to == null) {
            return;
        }
        try (to) {
            if ((dataBytes & 1) == 1) {
                to.write(ByteBuffer.allocate(1));
            }
            writeHeader(to, dataBytes);
        } catch (IOException e) {
            throw new EngineException(file + " can't be finished: " + EngineException.reason(e), e);
        }
    }
}
