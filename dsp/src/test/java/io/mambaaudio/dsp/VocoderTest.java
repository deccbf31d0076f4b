package io.mambaaudio.dsp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class VocoderTest {
    private static final long SEED = 20261124;
    private static final int RATE = 24_000;
    private static final MelSpec SPEC =
            new MelSpec(RATE, 1024, 256, 1024, 128, 20, 12_000, MelSpec.Scale.SLANEY, MelSpec.Norm.NONE, 2, 1e-3f);

    @Test
    void soundComesBackFromItsFrames() {
        float[] sound = plucked(4 * RATE);
        float[] back = vocode(new Vocoder(SPEC), frames(sound));
        double convergence = convergence(sound, back);
        System.out.printf("Vocoder: spectral convergence %.3f on plucked tones, seed %d%n", convergence, SEED);
        assertTrue(convergence <= 0.16, "spectral convergence " + convergence);
    }

    @Test
    void iterationsAndLookaheadPayOff() {
        float[] sound = plucked(2 * RATE);
        double without = convergence(sound, vocode(new Vocoder(SPEC, 0, 0), frames(sound)));
        double with = convergence(sound, vocode(new Vocoder(SPEC, 3, 8), frames(sound)));
        assertTrue(with < 0.6 * without, with + " is not well below " + without);
    }

    @Test
    void outputIsAlignedAndAsLongAsTheInput() {
        float[] sound = new float[RATE];
        Random random = new Random(SEED);
        for (int i = 12_000; i < 12_200; i++) { // a burst of noise in silence
            sound[i] = (float) (0.3 * random.nextGaussian());
        }
        List<float[]> frames = frames(sound);
        float[] back = vocode(new Vocoder(SPEC), frames);
        assertEquals((frames.size() - 1) * 256 + 1024, back.length);
        assertTrue(energy(back, 11_900, 12_300) > 0.6 * energy(back, 0, back.length), "the burst moved");
    }

    @Test
    void silenceIsSilent() {
        float[] back = vocode(new Vocoder(SPEC), frames(new float[RATE / 2]));
        assertArrayEquals(new float[back.length], back);
    }

    @Test
    void aPrimedStreamGrowsOutOfTheSoundBefore() {
        float[] sound = plucked(2 * RATE);
        List<float[]> frames = frames(sound);
        int first = 100; // frames from here on are vocoded, what lies under them before is told
        Vocoder vocoder = new Vocoder(SPEC);
        vocoder.prime(sound, first * 256);
        float[] back = vocode(vocoder, frames.subList(first, frames.size()));
        assertEquals(sound[first * 256], back[0], 1e-3, "the seam");
        double error = 0;
        double power = 0;
        for (int i = 0; i < 256; i++) {
            error += Math.pow(back[i] - sound[first * 256 + i], 2);
            power += Math.pow(sound[first * 256 + i], 2);
        }
        System.out.printf("Vocoder: error in the first hop after a seam %.1f dB%n", 10 * Math.log10(error / power));
        assertTrue(error < 0.05 * power, "phases do not match: " + error / power);
    }

    @Test
    void resetStartsAfreshAndTheSameFramesGiveTheSameBits() {
        List<float[]> frames = frames(plucked(RATE));
        Vocoder vocoder = new Vocoder(SPEC);
        float[] once = vocode(vocoder, frames);
        vocoder.push(frames.get(30), new float[256], 0);
        vocoder.reset();
        assertArrayEquals(once, vocode(vocoder, frames));
    }

    @Test
    void aFrameThatIsNotANumberIsSilenceAndPasses() {
        List<float[]> frames = new ArrayList<>(frames(plucked(RATE)));
        float[] bad = new float[SPEC.nMels()];
        Arrays.fill(bad, Float.NaN);
        bad[5] = Float.POSITIVE_INFINITY;
        frames.set(20, bad);
        for (float sample : vocode(new Vocoder(SPEC), frames)) {
            assertTrue(Math.abs(sample) <= 2, "sample " + sample);
        }
    }

    @Test
    void everyLookaheadFlushesAllFrames() {
        List<float[]> frames = frames(plucked(RATE / 2));
        for (int lookahead : new int[] {0, 1, 3, 7}) {
            for (int count : new int[] {1, 2, 3, 5}) {
                float[] back = vocode(new Vocoder(SPEC, lookahead, 1), frames.subList(0, count));
                assertEquals((count - 1) * 256 + 1024, back.length, "lookahead=" + lookahead + " frames=" + count);
                assertTrue(energy(back, 0, back.length) > 0);
            }
        }
    }

    @Test
    void pushAllocatesNothing() {
        Vocoder vocoder = new Vocoder(SPEC);
        float[] frame = frames(plucked(RATE / 2)).get(10);
        float[] out = new float[256];
        assertEquals(0, Allocations.bytes(() -> vocoder.push(frame, out, 0)));
    }

    @Test
    void mistakesAreNamed() {
        IllegalArgumentException uneven =
                assertThrows(IllegalArgumentException.class, () -> new Vocoder(MelSpec.speech()));
        assertTrue(uneven.getMessage().contains("do not overlap evenly"), uneven.getMessage());
        assertThrows(IllegalArgumentException.class, () -> new Vocoder(SPEC, 17, 8));
        assertThrows(IllegalArgumentException.class, () -> new Vocoder(SPEC).push(new float[80], new float[256], 0));
        Vocoder vocoder = new Vocoder(SPEC);
        vocoder.push(new float[128], new float[256], 0);
        assertThrows(IllegalStateException.class, () -> vocoder.prime(new float[768], 0));
        assertThrows(IndexOutOfBoundsException.class, () -> vocoder.push(new float[128], new float[100], 0));
    }

    private static List<float[]> frames(float[] sound) {
        List<float[]> frames = new ArrayList<>();
        new MelFrontend(SPEC).push(sound, 0, sound.length, frame -> frames.add(frame.clone()));
        return frames;
    }

    private static float[] vocode(Vocoder vocoder, List<float[]> frames) {
        float[] out = new float[frames.size() * 256 + 8192];
        int written = 0;
        for (float[] frame : frames) {
            written += vocoder.push(frame, out, written);
        }
        written += vocoder.flush(out, written);
        return Arrays.copyOf(out, written);
    }

    /** Chords of decaying harmonic tones, a new one every 0.3 s. */
    private static float[] plucked(int samples) {
        float[] sound = new float[samples];
        Random random = new Random(SEED);
        for (int start = 0; start < samples; start += 7200) {
            for (int note = 0; note < 3; note++) {
                double hz = 440 * Math.pow(2, (random.nextInt(36) - 24) / 12.0);
                for (int harmonic = 1; harmonic <= 8 && harmonic * hz < 10_000; harmonic++) {
                    double phase = 2 * Math.PI * random.nextDouble();
                    for (int i = start; i < samples; i++) {
                        double t = (i - start) / (double) RATE;
                        double level = 0.08 / harmonic * Math.exp(-t * (3 + harmonic)) * Math.min(1, t / 0.004);
                        sound[i] += (float) (level * Math.sin(2 * Math.PI * harmonic * hz * t + phase));
                    }
                }
            }
        }
        return sound;
    }

    /** ‖|X| − |Y|‖ / ‖X‖ over all frames but those at the ends. */
    private static double convergence(float[] x, float[] y) {
        RealFft fft = new RealFft(1024);
        double[] window = MelFrontend.periodicHann(1024);
        double error = 0;
        double power = 0;
        for (int at = 1024; at + 2048 < Math.min(x.length, y.length); at += 256) {
            double[] a = new double[1024];
            double[] b = new double[1024];
            for (int i = 0; i < 1024; i++) {
                a[i] = x[at + i] * window[i];
                b[i] = y[at + i] * window[i];
            }
            fft.forward(a);
            fft.forward(b);
            for (int k = 2; k < 1024; k += 2) {
                double p = Math.hypot(a[k], a[k + 1]);
                double q = Math.hypot(b[k], b[k + 1]);
                error += (p - q) * (p - q);
                power += p * p;
            }
        }
        return Math.sqrt(error / power);
    }

    private static double energy(float[] x, int from, int to) {
        double sum = 0;
        for (int i = from; i < to; i++) {
            sum += x[i] * x[i];
        }
        return sum;
    }
}
