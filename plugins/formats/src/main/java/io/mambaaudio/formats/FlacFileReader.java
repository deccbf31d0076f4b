package io.mambaaudio.formats;

import java.io.IOException;
import java.io.InputStream;
import javax.sound.sampled.AudioFileFormat;
import javax.sound.sampled.AudioFormat;
import javax.sound.sampled.AudioInputStream;
import javax.sound.sampled.AudioSystem;
import javax.sound.sampled.UnsupportedAudioFileException;

/**
 * FLAC (RFC 9639): 4 to 24 bits, 1 to 8 channels, any rate. Memory is bounded by one block, whatever a damaged file says;
 * damaged frames are left out and what is missing is said at the end.
 */
public final class FlacFileReader extends StreamFileReader {
    /** Made by Java Sound. */
    public FlacFileReader() {
        super(new AudioFileFormat.Type("FLAC", "flac"));
    }

    @Override
    public AudioInputStream getAudioInputStream(InputStream stream) throws UnsupportedAudioFileException, IOException {
        if (!has(peek(stream, 4), 0, "fLaC")) {
            throw new UnsupportedAudioFileException("no fLaC at the start");
        }
        FlacInfo info = FlacInfo.read(stream);
        AudioFormat format = new AudioFormat(info.sampleRateHz(), 8 * info.sampleBytes(), info.channels(), true, false);
        long frames = info.totalSamples() > 0 ? info.totalSamples() : AudioSystem.NOT_SPECIFIED;
        return new AudioInputStream(new FlacStream(stream, info), format, frames);
    }
}
