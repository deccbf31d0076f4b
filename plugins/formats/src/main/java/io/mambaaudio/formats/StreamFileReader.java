package io.mambaaudio.formats;

import java.io.BufferedInputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.file.Files;
import javax.sound.sampled.AudioFileFormat;
import javax.sound.sampled.AudioInputStream;
import javax.sound.sampled.AudioSystem;
import javax.sound.sampled.UnsupportedAudioFileException;
import javax.sound.sampled.spi.AudioFileReader;

/** What the readers have in common: files and addresses are streams, and the format is known once the stream is open. */
abstract class StreamFileReader extends AudioFileReader {
    private final AudioFileFormat.Type type;

    StreamFileReader(AudioFileFormat.Type type) {
        this.type = type;
    }

    /**
     * Opens a stream. One that is not of this reader's kind is left as it was.
     *
     * @throws UnsupportedAudioFileException when it is of another kind
     * @throws IOException when it is of this kind, but damaged; the message is for the user
     */
    @Override
    public abstract AudioInputStream getAudioInputStream(InputStream stream)
            throws UnsupportedAudioFileException, IOException;

    @Override
    public final AudioInputStream getAudioInputStream(URL url) throws UnsupportedAudioFileException, IOException {
        return owned(url.openStream());
    }

    @Override
    public final AudioInputStream getAudioInputStream(File file) throws UnsupportedAudioFileException, IOException {
        return owned(Files.newInputStream(file.toPath()));
    }

    private AudioInputStream owned(InputStream stream) throws UnsupportedAudioFileException, IOException {
        try {
            return getAudioInputStream(new BufferedInputStream(stream, 1 << 16));
        } catch (UnsupportedAudioFileException | IOException | RuntimeException e) {
            stream.close();
            throw e;
        }
    }

    @Override
    public final AudioFileFormat getAudioFileFormat(InputStream stream)
            throws UnsupportedAudioFileException, IOException {
        // The caller keeps its stream: it is read to the first sample and not closed.
        return format(getAudioInputStream(stream));
    }

    @Override
    public final AudioFileFormat getAudioFileFormat(URL url) throws UnsupportedAudioFileException, IOException {
        try (AudioInputStream stream = getAudioInputStream(url)) {
            return format(stream);
        }
    }

    @Override
    public final AudioFileFormat getAudioFileFormat(File file) throws UnsupportedAudioFileException, IOException {
        try (AudioInputStream stream = getAudioInputStream(file)) {
            return format(stream);
        }
    }

    private AudioFileFormat format(AudioInputStream stream) {
        long frames = stream.getFrameLength();
        int known = frames >= 0 && frames <= Integer.MAX_VALUE ? (int) frames : AudioSystem.NOT_SPECIFIED;
        return new AudioFileFormat(type, stream.getFormat(), known);
    }

    /** The first bytes of a stream, which is left as it was. */
    static byte[] peek(InputStream stream, int count) throws IOException {
        if (!stream.markSupported()) {
            throw new IOException("the stream can't mark and reset; wrap it in a BufferedInputStream");
        }
        stream.mark(count);
        byte[] bytes = stream.readNBytes(count);
        stream.reset();
        return bytes;
    }

    /** Whether bytes hold an ASCII text at a place. */
    static boolean has(byte[] bytes, int at, String text) {
        if (at + text.length() > bytes.length) {
            return false;
        }
        for (int i = 0; i < text.length(); i++) {
            if (bytes[at + i] != text.charAt(i)) {
                return false;
            }
        }
        return true;
    }
}
