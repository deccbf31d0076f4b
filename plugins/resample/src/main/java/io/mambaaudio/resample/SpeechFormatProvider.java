package io.mambaaudio.resample;

import io.mambaaudio.engine.AudioInput;
import io.mambaaudio.engine.AudioInputs;
import io.mambaaudio.engine.SampleEncoding;
import io.mambaaudio.engine.StreamFormat;
import java.util.Arrays;
import java.util.Optional;
import javax.sound.sampled.AudioFormat;
import javax.sound.sampled.AudioFormat.Encoding;
import javax.sound.sampled.AudioInputStream;
import javax.sound.sampled.AudioSystem;
import javax.sound.sampled.spi.FormatConversionProvider;

/**
 * Lets {@code AudioSystem.getAudioInputStream(format, stream)} turn uncompressed sound of any rate, channels and encoding into what
 * speech models hear, 16 kHz mono, with the engine's resampler. It offers that and nothing else, so that the conversions that an
 * application knows from the JDK stay as they are. Made by the service loader; any thread.
 */
public final class SpeechFormatProvider extends FormatConversionProvider {
    private static final int RATE_HZ = 16_000;
    private static final int MAX_HZ = 768_000;
    private static final int MIN_HZ = 1_000;
    private static final int MAX_CHANNELS = 64;

    /** For the service loader. */
    public SpeechFormatProvider() {}

    private static AudioFormat[] targets() {
        return new AudioFormat[] {
            new AudioFormat(RATE_HZ, 16, 1, true, false),
            new AudioFormat(RATE_HZ, 16, 1, true, true),
            new AudioFormat(Encoding.PCM_FLOAT, RATE_HZ, 32, 1, 4, RATE_HZ, false),
        };
    }

    @Override
    public Encoding[] getSourceEncodings() {
        return new Encoding[] {
            Encoding.PCM_SIGNED, Encoding.PCM_UNSIGNED, Encoding.PCM_FLOAT, Encoding.ULAW, Encoding.ALAW
        };
    }

    @Override
    public Encoding[] getTargetEncodings() {
        return new Encoding[] {Encoding.PCM_SIGNED, Encoding.PCM_FLOAT};
    }

    /** None: a change of the encoding alone must not change the rate, and is the JDK's. */
    @Override
    public Encoding[] getTargetEncodings(AudioFormat source) {
        return new Encoding[0];
    }

    @Override
    public AudioFormat[] getTargetFormats(Encoding target, AudioFormat source) {
        if (encoding(source).isEmpty() || !isInRange(source)) {
            return new AudioFormat[0];
        }
        return Arrays.stream(targets())
                .filter(format -> format.getEncoding().equals(target))
                .toArray(AudioFormat[]::new);
    }

    private static boolean isInRange(AudioFormat source) {
        float rate = source.getSampleRate();
        return rate >= MIN_HZ
                && rate <= MAX_HZ
                && rate == Math.rint(rate)
                && source.getChannels() >= 1
                && source.getChannels() <= MAX_CHANNELS;
    }

    @Override
    public AudioInputStream getAudioInputStream(Encoding target, AudioInputStream source) {
        throw new IllegalArgumentException(
                "a conversion to encoding=" + target + " alone is not done here; ask for a format of 16 kHz mono");
    }

    @Override
    public AudioInputStream getAudioInputStream(AudioFormat target, AudioInputStream source) {
        AudioFormat from = source.getFormat();
        if (!isConversionSupported(target, from)) {
            throw new IllegalArgumentException("format=" + from + " can't become format=" + target
                    + " here; choose one of " + Arrays.toString(targets()));
        }
        StreamFormat format = new StreamFormat((int) from.getSampleRate(), from.getChannels());
        AudioInput input = AudioInputs.raw("sound", source, encoding(from).orElseThrow(), format);
        long length = source.getFrameLength();
        long frames = length == AudioSystem.NOT_SPECIFIED
                ? length
                : Math.floorDiv(2 * length * RATE_HZ + format.sampleRateHz(), 2L * format.sampleRateHz());
        return new AudioInputStream(new ResampledStream(input, RATE_HZ, target), target, frames);
    }

    /** How a sample is written, where the engine can read it. */
    private static Optional<SampleEncoding> encoding(AudioFormat format) {
        String kind = format.getEncoding().equals(Encoding.PCM_SIGNED)
                ? "S"
                : format.getEncoding().equals(Encoding.PCM_UNSIGNED)
                        ? "U"
                        : format.getEncoding().equals(Encoding.PCM_FLOAT) ? "F" : format.getEncoding() + "";
        boolean isLaw = kind.equals("ULAW") || kind.equals("ALAW");
        int bits = format.getSampleSizeInBits();
        String name = isLaw ? kind : kind + bits + (bits == 8 ? "" : format.isBigEndian() ? "BE" : "LE");
        return Arrays.stream(SampleEncoding.values())
                .filter(encoding -> encoding.name().equals(name) && 8 * encoding.bytes() == bits)
                .findFirst();
    }
}
