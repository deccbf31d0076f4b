package io.mambaaudio.javasound;

import io.mambaaudio.engine.SampleEncoding;
import io.mambaaudio.engine.StreamFormat;
import java.util.ArrayList;
import java.util.List;
import javax.sound.sampled.AudioFormat;
import javax.sound.sampled.AudioFormat.Encoding;
import javax.sound.sampled.AudioSystem;

/** The formats that a line takes: all that the engine decodes, in any whole rate and any number of channels. Pure functions. */
final class Formats {
    static final int MIN_HZ = 1_000;
    static final int MAX_HZ = 768_000;
    static final int MAX_CHANNELS = 64;

    /** What speech is recorded in. */
    static final AudioFormat DEFAULT = new AudioFormat(16_000, 16, 1, true, false);

    private Formats() {}

    /** Every encoding with rate and channels left open. */
    static AudioFormat[] all() {
        List<AudioFormat> formats = new ArrayList<>();
        for (SampleEncoding encoding : SampleEncoding.values()) {
            boolean bigEndian = encoding.name().endsWith("BE");
            formats.add(new AudioFormat(
                    javaEncoding(encoding),
                    AudioSystem.NOT_SPECIFIED,
                    8 * encoding.bytes(),
                    AudioSystem.NOT_SPECIFIED,
                    AudioSystem.NOT_SPECIFIED,
                    AudioSystem.NOT_SPECIFIED,
                    bigEndian));
        }
        return formats.toArray(AudioFormat[]::new);
    }

    private static Encoding javaEncoding(SampleEncoding encoding) {
        return switch (encoding) {
            case U8 -> Encoding.PCM_UNSIGNED;
            case S8, S16LE, S16BE, S24LE, S24BE, S32LE, S32BE -> Encoding.PCM_SIGNED;
            case F32LE, F32BE, F64LE, F64BE -> Encoding.PCM_FLOAT;
            case ULAW -> Encoding.ULAW;
            case ALAW -> Encoding.ALAW;
        };
    }

    /** How a sample is written. */
    static SampleEncoding encoding(AudioFormat format) {
        boolean oneByte = format.getSampleSizeInBits() <= 8;
        for (SampleEncoding encoding : SampleEncoding.values()) {
            if (javaEncoding(encoding).equals(format.getEncoding())
                    && 8 * encoding.bytes() == format.getSampleSizeInBits()
                    && (oneByte || encoding.name().endsWith("BE") == format.isBigEndian())) {
                return encoding;
            }
        }
        throw new IllegalArgumentException(
                "format=" + format + " can't be played here; choose PCM_SIGNED of 8, 16, 24 or 32"
                        + " bits, PCM_UNSIGNED of 8, PCM_FLOAT of 32 or 64, ULAW or ALAW");
    }

    /** Rate and channels. */
    static StreamFormat stream(AudioFormat format) {
        float rate = format.getSampleRate();
        if (!(rate >= MIN_HZ && rate <= MAX_HZ) || rate != Math.rint(rate)) {
            throw new IllegalArgumentException("sampleRate=" + rate + " can't be played here; choose a whole rate from "
                    + MIN_HZ + " to " + MAX_HZ);
        }
        int channels = format.getChannels();
        if (channels < 1 || channels > MAX_CHANNELS) {
            throw new IllegalArgumentException(
                    "channels=" + channels + " can't be played here; choose 1 to " + MAX_CHANNELS);
        }
        int frameSize = channels * encoding(format).bytes();
        if (format.getFrameSize() != frameSize) {
            throw new IllegalArgumentException("frameSize=" + format.getFrameSize() + " does not fit channels="
                    + channels + " of bits=" + format.getSampleSizeInBits() + "; choose frameSize=" + frameSize);
        }
        return new StreamFormat((int) rate, channels);
    }

    /** Whether a line can be opened with it as it is. */
    static boolean isPlayable(AudioFormat format) {
        try {
            stream(format);
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
