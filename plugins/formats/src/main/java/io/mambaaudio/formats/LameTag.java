package io.mambaaudio.formats;

import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * What encoders write into a first frame without sound ("Xing" or "Info"): how many frames follow, and how many samples at
 * either end are not of the original. After Gabriel Bouvigne's description of the tag.
 *
 * @param audioFrames MPEG frames after this one; 0 if not said
 * @param skipSamples samples that the encoder and the decoder put before the sound
 * @param paddingSamples samples that the encoder put after the sound
 */
record LameTag(long audioFrames, int skipSamples, int paddingSamples) {
    /** A decoder's own delay, which the tag leaves out: 528 samples and one. */
    private static final int DECODER_DELAY = 529;

    private static final int HAS_FRAMES = 1;
    private static final int HAS_BYTES = 2;
    private static final int HAS_TABLE = 4;
    private static final int HAS_QUALITY = 8;

    /** Reads the tag out of a frame; empty where the frame is an ordinary one. */
    static Optional<LameTag> in(byte[] bytes, int frameAt, MpegHeader header) {
        int sideBytes = header.version() == 1 ? (header.channels() == 1 ? 17 : 32) : header.channels() == 1 ? 9 : 17;
        int at = frameAt + MpegHeader.BYTES + sideBytes;
        if (header.layer() != 3
                || at + 8 > bytes.length
                || !(StreamFileReader.has(bytes, at, "Xing") || StreamFileReader.has(bytes, at, "Info"))) {
            return Optional.empty();
        }
        int flags = bytes[at + 7];
        int next = at + 8;
        long frames = (flags & HAS_FRAMES) != 0 && next + 4 <= bytes.length ? u32(bytes, next) : 0;
        next += (flags & HAS_FRAMES) != 0 ? 4 : 0;
        next += (flags & HAS_BYTES) != 0 ? 4 : 0;
        next += (flags & HAS_TABLE) != 0 ? 100 : 0;
        next += (flags & HAS_QUALITY) != 0 ? 4 : 0;
        boolean known = StreamFileReader.has(bytes, next, "LAME")
                || StreamFileReader.has(bytes, next, "Lavf")
                || StreamFileReader.has(bytes, next, "Lavc");
        if (!known || next + 24 > bytes.length) {
            return Optional.of(new LameTag(frames, 0, 0));
        }
        int delay = ((bytes[next + 21] & 0xFF) << 4) | ((bytes[next + 22] & 0xF0) >> 4);
        int padding = ((bytes[next + 22] & 0x0F) << 8) | (bytes[next + 23] & 0xFF);
        return Optional.of(new LameTag(frames, delay + DECODER_DELAY, Math.max(0, padding - DECODER_DELAY)));
    }

    private static long u32(byte[] bytes, int at) {
        return Integer.toUnsignedLong(ByteBuffer.wrap(bytes).getInt(at));
    }

    /** Samples of the original, or −1 where the tag does not say. */
    long originalSamples(MpegHeader header) {
        return audioFrames == 0 ? -1 : Math.max(0, audioFrames * header.frameSamples() - skipSamples - paddingSamples);
    }
}
