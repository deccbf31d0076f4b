// SPDX-License-Identifier: GPL-3.0-only
package io.mambaaudio.tarsosdsp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import be.tarsos.dsp.AudioDispatcher;
import be.tarsos.dsp.AudioEvent;
import be.tarsos.dsp.AudioProcessor;
import be.tarsos.dsp.mfcc.MFCC;
import be.tarsos.dsp.util.fft.FFT;
import io.mambaaudio.dsp.MelFrontend;
import io.mambaaudio.dsp.MelSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** TarsosDSP's way from sound to spectrum, and its mel bands, as oracles of our front end. */
final class MelOracleTest {
    /**
     * The dispatcher cuts the frames and TarsosDSP's transform and modulus make the spectrum; the window and the triangles, which
     * TarsosDSP defines otherwise, are written out here as the spec words them.
     */
    @Test
    void framesAgreeWithTarsosDspsSpectrum() {
        MelSpec spec = new MelSpec(16_000, 400, 160, 512, 40, 20, 7600, MelSpec.Scale.HTK, MelSpec.Norm.NONE, 2, 1e-2f);
        short[] sound = Dispatchers.sound(16_000, 1);
        List<float[]> ours = frames(spec, Dispatchers.asFloats(sound));
        List<float[]> theirs = new ArrayList<>();
        AudioDispatcher dispatcher =
                Dispatchers.of(sound, 16_000, spec.windowSamples(), spec.windowSamples() - spec.hopSamples());
        dispatcher.setZeroPadLastBuffer(false);
        dispatcher.addAudioProcessor(new SpectrumToMel(spec, theirs));
        dispatcher.run();
        double largest = 0;
        for (int t = 0; t < ours.size(); t++) {
            for (int b = 0; b < spec.nMels(); b++) {
                double difference = Math.abs(ours.get(t)[b] - theirs.get(t)[b]);
                assertTrue(difference <= 1e-3, "frame " + t + " band " + b + ": " + difference);
                largest = Math.max(largest, difference);
            }
        }
        System.out.printf("MelFrontend and TarsosDSP's spectrum: %d frames, %.1e apart%n", ours.size(), largest);
        assertEquals(98, ours.size());
    }

    /**
     * TarsosDSP rounds the edges of its bands to bins, but the bands are where ours are, one further along: this version writes its
     * table of edges one place too early. So its first band is our second, and its last two, whose edges are missing, don't count.
     */
    @Test
    void aToneIsLoudestInTheBandOfTarsosDspsMfcc() {
        int bands = 20;
        MelSpec spec =
                new MelSpec(16_000, 1024, 1024, 1024, bands, 100, 8000, MelSpec.Scale.HTK, MelSpec.Norm.NONE, 1, 1e-6f);
        MFCC mfcc = new MFCC(1024, 16_000, bands, bands, 100, 8000);
        for (int band = 1; band <= bands - 2; band++) {
            int bin = mfcc.getCenterFrequencies()[band];
            float[] tone = new float[1024];
            for (int i = 0; i < tone.length; i++) {
                tone[i] = (float) Math.sin(2 * Math.PI * bin * i / 1024);
            }
            float[] ours = frames(spec, tone).getFirst();
            float[] theirs = mfcc.melFilter(mfcc.magnitudeSpectrum(tone.clone()), mfcc.getCenterFrequencies());
            assertEquals(band - 1, loudest(Arrays.copyOf(theirs, bands - 2)), "TarsosDSP, bin " + bin);
            assertEquals(band, loudest(ours), "bin " + bin);
        }
    }

    private static int loudest(float[] bands) {
        int loudest = 0;
        for (int b = 1; b < bands.length; b++) {
            if (bands[b] > bands[loudest]) {
                loudest = b;
            }
        }
        return loudest;
    }

    private static List<float[]> frames(MelSpec spec, float[] samples) {
        List<float[]> frames = new ArrayList<>();
        new MelFrontend(spec).push(samples, 0, samples.length, frame -> frames.add(frame.clone()));
        return frames;
    }

    private static final class SpectrumToMel implements AudioProcessor {
        private final MelSpec spec;
        private final List<float[]> frames;
        private final FFT fft;

        SpectrumToMel(MelSpec spec, List<float[]> frames) {
            this.spec = spec;
            this.frames = frames;
            this.fft = new FFT(spec.fftSize());
        }

        @Override
        public boolean process(AudioEvent event) {
            float[] data = new float[spec.fftSize()];
            for (int i = 0; i < event.getBufferSize(); i++) {
                double window = 0.5 - 0.5 * Math.cos(2 * Math.PI * i / spec.windowSamples());
                data[i] = (float) (event.getFloatBuffer()[i] * window);
            }
            fft.forwardTransform(data);
            float[] magnitudes = new float[spec.fftSize() / 2];
            fft.modulus(data, magnitudes);
            float[] frame = new float[spec.nMels()];
            for (int b = 0; b < frame.length; b++) {
                frame[b] = (float) Math.log(Math.max(band(magnitudes, b), spec.floor()));
            }
            frames.add(frame);
            return true;
        }

        private double band(float[] magnitudes, int b) {
            double sum = 0;
            for (int k = 0; k < magnitudes.length; k++) {
                double hz = k * (double) spec.sampleRateHz() / spec.fftSize();
                double rise = (hz - edgeHz(b)) / (edgeHz(b + 1) - edgeHz(b));
                double fall = (edgeHz(b + 2) - hz) / (edgeHz(b + 2) - edgeHz(b + 1));
                sum += Math.max(0, Math.min(rise, fall)) * magnitudes[k] * magnitudes[k];
            }
            return sum;
        }

        private double edgeHz(int edge) {
            double low = 2595 * Math.log10(1 + spec.minHz() / 700);
            double high = 2595 * Math.log10(1 + spec.maxHz() / 700);
            return 700 * (Math.pow(10, (low + (high - low) * edge / (spec.nMels() + 1)) / 2595) - 1);
        }

        @Override
        public void processingFinished() {}
    }
}
