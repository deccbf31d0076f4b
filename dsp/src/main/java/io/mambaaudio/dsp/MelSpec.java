package io.mambaaudio.dsp;

/**
 * What a log-mel frame is: everything that decides its numbers, so that two specs are equal exactly when their frames are.
 *
 * <p>Frame {@code t} covers the samples {@code [t * hopSamples, t * hopSamples + windowSamples)}: no centring and no padding, so a
 * frame never waits for sound that is not part of it. The windowed samples are padded with zeros at their end to {@code fftSize}.
 *
 * @param sampleRateHz sample rate of the sound that the front end takes
 * @param windowSamples length of the periodic Hann window
 * @param hopSamples samples from one frame to the next
 * @param fftSize length of the transform, a power of two and at least {@code windowSamples}
 * @param nMels mel bands in a frame
 * @param minHz lower edge of the first band
 * @param maxHz upper edge of the last band, at most half the sample rate
 * @param scale which mel scale spaces the bands
 * @param norm how the triangles are weighted
 * @param power exponent of the magnitude: 1 for magnitude, 2 for power
 * @param floor the least band value; a frame holds {@code ln(max(band, floor))}
 */
public record MelSpec(
        int sampleRateHz,
        int windowSamples,
        int hopSamples,
        int fftSize,
        int nMels,
        double minHz,
        double maxHz,
        Scale scale,
        Norm norm,
        double power,
        float floor) {

    /** Mel scales. */
    public enum Scale {
        /** {@code 2595 log10(1 + f / 700)}, as HTK and Kaldi have it. */
        HTK,
        /** Linear below 1 kHz and logarithmic above, as Slaney's Auditory Toolbox and librosa have it. */
        SLANEY
    }

    /** Weights of the triangles. */
    public enum Norm {
        /** Every triangle peaks at 1. */
        NONE,
        /** Every triangle is divided by half its width in Hz, as librosa does by default. */
        SLANEY
    }

    /** Checks the values against each other. */
    public MelSpec {
        check(sampleRateHz > 0, "sampleRateHz", sampleRateHz, "above 0");
        check(windowSamples > 0, "windowSamples", windowSamples, "above 0");
        check(hopSamples > 0, "hopSamples", hopSamples, "above 0");
        check(
                fftSize >= windowSamples && fftSize >= 2 && Integer.bitCount(fftSize) == 1,
                "fftSize",
                fftSize,
                "a power of two and at least windowSamples=" + windowSamples);
        check(nMels > 0, "nMels", nMels, "above 0");
        check(minHz >= 0 && minHz < maxHz, "minHz", minHz, "at least 0 and below maxHz=" + maxHz);
        check(maxHz <= sampleRateHz / 2.0, "maxHz", maxHz, "at most half of sampleRateHz=" + sampleRateHz);
        check(power > 0, "power", power, "above 0");
        check(floor > 0 && Float.isFinite(floor), "floor", floor, "above 0 and finite");
    }

    /**
     * The usual spec for speech: 16 kHz, 25 ms windows every 10 ms, 80 bands of power from 20 Hz to 7.6 kHz.
     *
     * @return Slaney's scale, triangles that peak at 1, floor 1e-6
     */
    public static MelSpec speech() {
        return new MelSpec(16_000, 400, 160, 512, 80, 20, 7600, Scale.SLANEY, Norm.NONE, 2, 1e-6f);
    }

    private static void check(boolean ok, String name, Number value, String limit) {
        if (!ok) {
            throw new IllegalArgumentException(name + "=" + value + " is out of range; choose a value " + limit);
        }
    }
}
