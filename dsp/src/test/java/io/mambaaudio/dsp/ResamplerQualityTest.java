package io.mambaaudio.dsp;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Measures what the resampler promises, with single tones through the public methods, over a table of rates. */
final class ResamplerQualityTest {
    private static final int[] RATES = {
        8000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 88_200, 96_000, 176_400, 192_000
    };
    private static final int[][] ODD_PAIRS = {
        {44_056, 16_000},
        {11_127, 16_000},
        {16_000, 11_127},
        {44_056, 48_000},
        {48_000, 44_056},
        {192_000, 11_127},
        {15_999, 16_000}
    };

    /** Tones as parts of the slower rate's Nyquist frequency. */
    private static final double[] PASSED = {0.01, 0.1, 0.3, 0.5, 0.7, 0.8, 0.85, 0.9};

    private static final double[] STOPPED = {1.0, 1.01, 1.05, 1.2, 1.7, 2.3};

    /** What the fit of a tone found: its gain, how late it is, and how loud all else is. */
    private record Measured(double gainDb, double lateSeconds, double restDb) {}

    /** The worst of one measure, and where it was. */
    private static final class Worst {
        private double value;
        private String where = "";

        void see(double candidate, String place) {
            if (!(candidate <= value) || where.isEmpty()) { // NaN is the worst of all
                value = candidate;
                where = place;
            }
        }
    }

    @Test
    void ripplesAliasesImagesAndAlignmentAreWithinTheirLimits() {
        Worst ripple = new Worst();
        Worst rest = new Worst();
        Worst late = new Worst();
        Worst leak = new Worst();
        for (int[] pair : pairs()) {
            int fromHz = pair[0];
            int toHz = pair[1];
            Resampler resampler = Resampler.of(fromHz, toHz);
            double nyquist = Math.min(fromHz, toHz) / 2.0;
            for (double part : PASSED) {
                String place = fromHz + " -> " + toHz + " Hz at " + part * nyquist + " Hz";
                Measured tone = tone(resampler, fromHz, toHz, part * nyquist);
                ripple.see(Math.abs(tone.gainDb), place);
                rest.see(tone.restDb, place);
                late.see(Math.abs(tone.lateSeconds) * Math.max(fromHz, toHz), place);
            }
            for (double hz : stopped(fromHz, nyquist)) {
                leak.see(leak(resampler, fromHz, toHz, hz), fromHz + " -> " + toHz + " Hz at " + hz + " Hz");
            }
        }
        System.out.printf("Resampler over %d pairs of rates, worst:%n", pairs().size());
        print("ripple to 0.9 of the slower Nyquist", ripple, "dB");
        print("all but the tone (images, aliases, noise)", rest, "dB");
        print("what is left of tones from the slower Nyquist up", leak, "dB");
        print("misalignment", late, "samples of the faster rate");
        assertTrue(ripple.value <= 0.1, () -> "ripple " + ripple.value + " dB: " + ripple.where);
        assertTrue(rest.value <= -90, () -> "images or aliases " + rest.value + " dB: " + rest.where);
        assertTrue(leak.value <= -90, () -> "aliases " + leak.value + " dB: " + leak.where);
        assertTrue(late.value <= 1e-3, () -> "misaligned by " + late.value + " samples: " + late.where);
    }

    private static void print(String what, Worst worst, String unit) {
        System.out.printf("  %-50s %11.6f %s (%s)%n", what, worst.value, unit, worst.where);
    }

    private static List<int[]> pairs() {
        List<int[]> pairs = new ArrayList<>(List.of(ODD_PAIRS));
        for (int fromHz : RATES) {
            for (int toHz : RATES) {
                if (fromHz != toHz) {
                    pairs.add(new int[] {fromHz, toHz});
                }
            }
        }
        return pairs;
    }

    private static List<Double> stopped(int fromHz, double nyquist) {
        List<Double> tones = new ArrayList<>();
        for (double part : STOPPED) {
            if (part * nyquist < fromHz / 2.0) {
                tones.add(part * nyquist);
            }
        }
        if (nyquist < fromHz / 2.0) {
            tones.add(0.4999 * fromHz);
        }
        return tones;
    }

    /** Sends a tone through and fits {@code a cos + b sin} of its frequency, in its own time, to the steady part of the output. */
    private static Measured tone(Resampler resampler, int fromHz, int toHz, double hz) {
        float[] out = through(resampler, fromHz, hz);
        int edge = edge(fromHz, toHz);
        double cc = 0;
        double cs = 0;
        double ss = 0;
        double yc = 0;
        double ys = 0;
        double yy = 0;
        for (int m = edge; m < out.length - edge; m++) {
            double angle = angle(hz, m, toHz);
            double c = Math.cos(angle);
            double s = Math.sin(angle);
            cc += c * c;
            cs += c * s;
            ss += s * s;
            yc += out[m] * c;
            ys += out[m] * s;
            yy += (double) out[m] * out[m];
        }
        double determinant = cc * ss - cs * cs;
        double a = (yc * ss - ys * cs) / determinant;
        double b = (ys * cc - yc * cs) / determinant;
        // What the fit leaves; never below what rounding makes of the sums.
        double left = Math.max(yy - a * yc - b * ys, yy * 1e-14);
        double lateSeconds = Math.atan2(b, a) / (2 * Math.PI * hz);
        return new Measured(20 * Math.log10(Math.hypot(a, b)), lateSeconds, 10 * Math.log10(left / yy));
    }

    /** How loud the output is, against a tone at the input that ought to vanish. */
    private static double leak(Resampler resampler, int fromHz, int toHz, double hz) {
        float[] out = through(resampler, fromHz, hz);
        int edge = edge(fromHz, toHz);
        double energy = 0;
        for (int m = edge; m < out.length - edge; m++) {
            energy += (double) out[m] * out[m];
        }
        return 10 * Math.log10(2 * energy / (out.length - 2 * edge));
    }

    private static float[] through(Resampler resampler, int fromHz, double hz) {
        float[] in = new float[(int) (fromHz * 0.1)];
        for (int k = 0; k < in.length; k++) {
            in[k] = (float) Math.cos(angle(hz, k, fromHz));
        }
        return ResamplerTest.resample(resampler, in, in.length);
    }

    /** The phase of a tone at a sample; 0.7 at the start, so that a tone at a Nyquist frequency is never sampled at its zeros. */
    private static double angle(double hz, int sample, int sampleRateHz) {
        return 2 * Math.PI * hz * sample / sampleRateHz + 0.7;
    }

    /** Output samples at either end that the edges of the stream reach. */
    private static int edge(int fromHz, int toHz) {
        return 66 * toHz / Math.min(fromHz, toHz) + 1;
    }
}
