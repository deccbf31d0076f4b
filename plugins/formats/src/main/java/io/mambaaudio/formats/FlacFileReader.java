package io.mambaaudio.formats;

import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import javax.sound.sampled.AudioFileFormat;
import javax.sound.sampled.AudioFormat;
import javax.sound.sampled.AudioInputStream;
import javax.sound.sampled.AudioSystem;
import javax.sound.sampled.UnsupportedAudioFileException;
import org.jflac.FLACDecoder;
import org.jflac.metadata.StreamInfo;

/**
 * FLAC (RFC 9639) by jFLAC's decoder: 4 to 24 bits, 1 to 8 channels. The decoder sees the stream information and the frames
 * only: pictures and tags are skipped before it can allocate what a damaged file says they need.
 */
public final class FlacFileReader extends StreamFileReader {
    private static final int STREAM_INFO_BYTES = 34;

    /** Made by Java Sound. */
    public FlacFileReader() {
        super(new AudioFileFormat.Type("FLAC", "flac"));
    }

    @Override
    public AudioInputStream getAudioInputStream(InputStream stream) throws UnsupportedAudioFileException, IOException {
        if (!has(peek(stream, 4), 0, "fLaC")) {
            throw new UnsupportedAudioFileException("no fLaC at the start");
        }
        FLACDecoder decoder = new FLACDecoder(withoutTags(stream));
        StreamInfo info = decoder.readStreamInfo();
        int bytes = (info.getBitsPerSample() + 7) / 8;
        if (info.getSampleRate() < 1 || info.getBitsPerSample() > 24) {
            throw new IOException("FLAC has sampleRateHz=" + info.getSampleRate() + ", bits=" + info.getBitsPerSample()
                    + "; readable are up to 24 bits at any rate");
        }
        AudioFormat format = new AudioFormat(info.getSampleRate(), 8 * bytes, info.getChannels(), true, false);
        long frames = info.getTotalSamples() > 0 ? info.getTotalSamples() : AudioSystem.NOT_SPECIFIED;
        return new AudioInputStream(new FlacStream(stream, decoder, info, bytes), format, frames);
    }

    /** The magic word, the stream information as the only metadata block, and the frames. */
    private static InputStream withoutTags(InputStream stream) throws IOException {
        byte[] head = stream.readNBytes(8 + STREAM_INFO_BYTES);
        if (head.length < 8 + STREAM_INFO_BYTES) {
            throw new EOFException("the file ends in its header");
        }
        if ((head[4] & 0x7F) != 0 || length(head, 5) != STREAM_INFO_BYTES) {
            throw new IOException("FLAC does not begin with its stream information");
        }
        boolean last = head[4] < 0;
        while (!last) {
            byte[] block = stream.readNBytes(4);
            if (block.length < 4) {
                throw new EOFException("the file ends in its header");
            }
            last = block[0] < 0;
            stream.skipNBytes(length(block, 1));
        }
        head[4] = (byte) 0x80; // the last block, of type 0
        return new EndGuard(new SequenceInputStream(new ByteArrayInputStream(head), stream));
    }

    private static int length(byte[] bytes, int at) {
        return ((bytes[at] & 0xFF) << 16) | ((bytes[at + 1] & 0xFF) << 8) | (bytes[at + 2] & 0xFF);
    }
}
