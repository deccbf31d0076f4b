package io.mambaaudio.flink;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * A piece of one stream's sound on its way through a cluster. Immutable by convention: nobody writes to {@code samples}.
 *
 * <p>The record itself takes anything, since anything may arrive over a network; {@link #fault} tells what is wrong with it, and the
 * {@link TranscriptFunction} rejects what has a fault.
 *
 * @param stream the stream's name, the key
 * @param startedMillis when the stream began, milliseconds of the epoch; 0 where it does not matter, as in an archive
 * @param position of the first sample, counted from the start of the stream
 * @param sampleRateHz samples a second, the same for the whole stream
 * @param encoding how a sample is written
 * @param samples mono, little-endian
 * @param last whether the stream ends behind this block
 */
@SuppressWarnings("ArrayRecordComponent") // never compared; Flink writes a byte[] as it is
public record AudioBlock(
        String stream,
        long startedMillis,
        long position,
        int sampleRateHz,
        Encoding encoding,
        byte[] samples,
        boolean last) {
    /** The most sound in a block. */
    public static final int MAX_SECONDS = 60;

    /** How a sample is written. */
    public enum Encoding {
        /** Signed 16 bits. */
        PCM16(2),
        /** IEEE floats, nominally −1 to 1. */
        FLOAT32(4),
        /** No samples, but the reason why there are none, in UTF-8. */
        FAULT(1);

        private final int bytes;

        Encoding(int bytes) {
            this.bytes = bytes;
        }
    }

    private static final float PCM16_SCALE = 32768f;
    private static final long FARTHEST = 1L << 52; // far enough, and no product with 1000 overflows

    /**
     * A block of samples, in 16 bits if that loses nothing and as floats if it would.
     *
     * @param stream the stream's name
     * @param startedMillis when the stream began
     * @param position of the first sample
     * @param sampleRateHz samples a second
     * @param mono samples, nominally −1 to 1
     * @param count how many of them
     * @param last whether the stream ends behind this block
     * @return the block
     */
    public static AudioBlock of(
            String stream, long startedMillis, long position, int sampleRateHz, float[] mono, int count, boolean last) {
        Encoding encoding = fitsPcm16(mono, count) ? Encoding.PCM16 : Encoding.FLOAT32;
        ByteBuffer out = ByteBuffer.allocate(count * encoding.bytes).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < count; i++) {
            if (encoding == Encoding.PCM16) {
                out.putShort((short) (mono[i] * PCM16_SCALE));
            } else {
                out.putFloat(mono[i]);
            }
        }
        return new AudioBlock(stream, startedMillis, position, sampleRateHz, encoding, out.array(), last);
    }

    private static boolean fitsPcm16(float[] mono, int count) {
        for (int i = 0; i < count; i++) {
            float scaled = mono[i] * PCM16_SCALE;
            if (scaled != (short) scaled) {
                return false;
            }
        }
        return true;
    }

    /**
     * Stands for sound that could not be had: it fails its stream with a reason.
     *
     * @param stream the stream's name
     * @param position where the sound should have been
     * @param reason one line
     * @return a block with that fault
     */
    public static AudioBlock faulty(String stream, long position, String reason) {
        byte[] text = reason.getBytes(StandardCharsets.UTF_8);
        return new AudioBlock(stream, 0, position, 0, Encoding.FAULT, text, true);
    }

    /**
     * The length of the block.
     *
     * @return samples
     */
    public int count() {
        return encoding == Encoding.FAULT ? 0 : samples.length / encoding.bytes;
    }

    /**
     * The samples as numbers.
     *
     * @param from samples to leave out at the beginning
     * @return (count − from) nominally −1 to 1
     */
    public float[] toFloats(int from) {
        ByteBuffer in = ByteBuffer.wrap(samples).order(ByteOrder.LITTLE_ENDIAN);
        float[] out = new float[count() - from];
        for (int i = 0; i < out.length; i++) {
            int at = (from + i) * encoding.bytes;
            out[i] = encoding == Encoding.PCM16 ? in.getShort(at) / PCM16_SCALE : in.getFloat(at);
        }
        return out;
    }

    /**
     * The event time: when the last sample of the block sounded.
     *
     * @return milliseconds of the epoch
     */
    public long endMillis() {
        return sampleRateHz <= 0 ? startedMillis : startedMillis + 1000 * end() / sampleRateHz;
    }

    /**
     * The position behind the block.
     *
     * @return of the first sample of the next block
     */
    public long end() {
        return position + count();
    }

    /**
     * What is wrong with the block.
     *
     * @param streamRateHz the rate that its stream has had so far
     * @return one line that names the value and the limit; empty for a good block
     */
    public Optional<String> fault(int streamRateHz) {
        if (encoding == Encoding.FAULT) {
            return Optional.of(new String(samples, StandardCharsets.UTF_8));
        }
        if (sampleRateHz < 1000 || sampleRateHz > 768_000) {
            return Optional.of("sampleRateHz=" + sampleRateHz + " is out of range; send 1000 to 768000");
        }
        if (sampleRateHz != streamRateHz) {
            return Optional.of(
                    "sampleRateHz=" + sampleRateHz + " in a stream of " + streamRateHz + "; give a stream one rate");
        }
        if (position < 0 || position > FARTHEST) {
            return Optional.of("position=" + position + " is out of range; count samples from 0 at the stream's start");
        }
        if (startedMillis < 0 || startedMillis > FARTHEST) {
            return Optional.of(
                    "startedMillis=" + startedMillis + " is out of range; send milliseconds of the epoch, or 0");
        }
        if (samples.length % encoding.bytes != 0) {
            return Optional.of("samples.length=" + samples.length + " is no whole number of " + encoding
                    + " samples; send a multiple of " + encoding.bytes);
        }
        if (count() > (long) MAX_SECONDS * sampleRateHz) {
            return Optional.of("a block of " + count() + " samples is longer than " + MAX_SECONDS
                    + " s; send shorter blocks, 0.1 s is a good length");
        }
        return Optional.empty();
    }
}
