package io.mambaaudio.engine.device;

import io.mambaaudio.engine.EngineException;
import io.mambaaudio.engine.StreamFormat;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/** A file's chunks, read one field after another, with errors that name the file. */
final class HeaderStream {
    private final String name;
    private final InputStream in;
    private long at;

    HeaderStream(String name, InputStream in) {
        this.name = name;
        this.in = in;
    }

    String name() {
        return name;
    }

    /** Bytes read so far. */
    long at() {
        return at;
    }

    byte[] bytes(int count) {
        try {
            byte[] bytes = in.readNBytes(count);
            at += bytes.length;
            if (bytes.length < count) {
                throw new EOFException();
            }
            return bytes;
        } catch (IOException e) {
            throw failure(e);
        }
    }

    void skip(long count) {
        try {
            in.skipNBytes(count);
            at += count;
        } catch (IOException e) {
            throw failure(e);
        }
    }

    String id() {
        return new String(bytes(4), StandardCharsets.ISO_8859_1);
    }

    /** Rate and channels, checked. */
    StreamFormat format(long sampleRateHz, int channels) {
        return SoundFiles.format(name, sampleRateHz, channels);
    }

    /** Chunks begin at even places. */
    static long padded(long size) {
        return size + (size & 1);
    }

    private EngineException failure(IOException e) {
        return e instanceof EOFException
                ? new EngineException(name + " ends before its first sample; it was cut short, get it again", e)
                : new EngineException(name + " can't be read: " + EngineException.reason(e), e);
    }
}
