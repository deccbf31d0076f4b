package io.mambaaudio.formats;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import javax.sound.sampled.AudioFileFormat;
import javax.sound.sampled.AudioFormat;
import javax.sound.sampled.AudioInputStream;
import javax.sound.sampled.AudioSystem;
import javax.sound.sampled.UnsupportedAudioFileException;

/**
 * Opus in Ogg (RFC 7845) by Concentus' decoder: mono and stereo, 48 kHz, with pre-skip, output gain and the trimming at the end.
 * A file that ends before its stream does gives what it has, then an {@link EOFException}.
 */
public final class OggOpusFileReader extends StreamFileReader {
    /** Opus decodes to this rate whatever went in. */
    static final int SAMPLE_RATE_HZ = 48_000;

    /** A page header with one lacing value, before the first packet. */
    private static final int FIRST_PACKET_AT = 28;

    /** Made by Java Sound. */
    public OggOpusFileReader() {
        super(new AudioFileFormat.Type("Ogg/Opus", "opus"));
    }

    @Override
    public AudioInputStream getAudioInputStream(InputStream stream) throws UnsupportedAudioFileException, IOException {
        byte[] start = peek(stream, FIRST_PACKET_AT + 8);
        if (!has(start, 0, "OggS")) {
            throw new UnsupportedAudioFileException("no OggS at the start");
        }
        if (!has(start, FIRST_PACKET_AT, "OpusHead")) {
            throw new IOException("Ogg holds " + content(start) + " and not Opus; convert it to Opus, FLAC or WAV");
        }
        OggPackets packets = new OggPackets(stream);
        OpusHead head = OpusHead.parse(firstPacket(packets));
        skipTags(packets);
        AudioFormat format = new AudioFormat(SAMPLE_RATE_HZ, 16, head.channels(), true, false);
        return new AudioInputStream(new OpusStream(stream, packets, head), format, AudioSystem.NOT_SPECIFIED);
    }

    private static byte[] firstPacket(OggPackets packets) throws IOException {
        OggPackets.Page page = packets.next();
        if (page.packets().size() != 1) {
            throw new IOException("Opus has packets=" + page.packets().size() + " on its first page, 1 is right");
        }
        return page.packets().getFirst();
    }

    /** The tags may go over several pages, and end one. */
    private static void skipTags(OggPackets packets) throws IOException {
        OggPackets.Page page = packets.next();
        while (page.packets().isEmpty() && !page.last()) {
            page = packets.next();
        }
        if (page.packets().isEmpty() || !has(page.packets().getFirst(), 0, "OpusTags")) {
            throw new IOException("Opus has no tags after its header; the file is damaged");
        }
    }

    private static String content(byte[] start) {
        if (has(start, FIRST_PACKET_AT + 1, "vorbis")) {
            return "Vorbis";
        }
        if (has(start, FIRST_PACKET_AT + 1, "FLAC")) {
            return "FLAC";
        }
        return has(start, FIRST_PACKET_AT, "Speex") ? "Speex" : "something else";
    }
}
