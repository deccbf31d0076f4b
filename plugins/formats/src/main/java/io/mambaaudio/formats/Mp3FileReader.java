package io.mambaaudio.formats;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import javax.sound.sampled.AudioFileFormat;
import javax.sound.sampled.AudioFormat;
import javax.sound.sampled.AudioInputStream;
import javax.sound.sampled.AudioSystem;
import javax.sound.sampled.UnsupportedAudioFileException;

/**
 * MPEG 1, 2, 2.5 layers I to III by JLayer's decoder. Where the encoder said how many samples it added, exactly the original
 * ones come out. ID3 tags are skipped before the decoder can allocate what a damaged file says they need.
 */
public final class Mp3FileReader extends StreamFileReader {
    /** Room for two of the longest frames behind junk of some length. */
    private static final int SEARCH_BYTES = 16_384;

    private static final int ID3_HEADER_BYTES = 10;

    /** Made by Java Sound. */
    public Mp3FileReader() {
        super(new AudioFileFormat.Type("MP3", "mp3"));
    }

    @Override
    public AudioInputStream getAudioInputStream(InputStream stream) throws UnsupportedAudioFileException, IOException {
        boolean tagged = skipId3(stream);
        byte[] bytes = peek(stream, SEARCH_BYTES);
        int at = firstFrame(bytes);
        if (at < 0 && tagged) {
            throw new IOException("no MPEG audio follows the ID3 tag");
        }
        if (at < 0) {
            throw new UnsupportedAudioFileException("no MPEG audio frames at the start");
        }
        MpegHeader header = MpegHeader.at(bytes, at).orElseThrow();
        Optional<LameTag> tag = LameTag.in(bytes, at, header);
        stream.skipNBytes(at + (tag.isPresent() ? header.frameBytes() : 0));
        LameTag known = tag.orElse(new LameTag(0, 0, 0));
        long samples = known.originalSamples(header);
        AudioFormat format = new AudioFormat(header.sampleRateHz(), 16, header.channels(), true, false);
        return new AudioInputStream(
                new Mp3Stream(stream, header, known), format, samples < 0 ? AudioSystem.NOT_SPECIFIED : samples);
    }

    /** Skips ID3v2 tags at the start: ten bytes, of which the last four hold the length in seven bits each. */
    private static boolean skipId3(InputStream stream) throws IOException {
        boolean any = false;
        byte[] head = peek(stream, ID3_HEADER_BYTES);
        while (head.length == ID3_HEADER_BYTES && has(head, 0, "ID3")) {
            any = true;
            long size = 0;
            for (int i = 6; i < ID3_HEADER_BYTES; i++) {
                size = (size << 7) | (head[i] & 0x7F);
            }
            try {
                stream.skipNBytes(ID3_HEADER_BYTES + size);
            } catch (EOFException e) {
                throw new EOFException("the file ends in its ID3 tag");
            }
            head = peek(stream, ID3_HEADER_BYTES);
        }
        return any;
    }

    /** Where the first frame begins that another of the same stream, or the end of the file, follows; −1 if none does. */
    private static int firstFrame(byte[] bytes) {
        for (int at = 0; at + MpegHeader.BYTES <= bytes.length; at++) {
            Optional<MpegHeader> header = MpegHeader.at(bytes, at);
            if (header.isPresent() && isFollowed(bytes, at, header.get())) {
                return at;
            }
        }
        return -1;
    }

    private static boolean isFollowed(byte[] bytes, int at, MpegHeader header) {
        int next = at + header.frameBytes();
        if (next >= bytes.length) {
            return at == 0 && bytes.length < SEARCH_BYTES;
        }
        return MpegHeader.at(bytes, next).filter(header::sameStream).isPresent()
                || (at == 0 && StreamFileReader.has(bytes, next, "TAG"));
    }
}
