// SPDX-License-Identifier: GPL-3.0-only
package io.mambaaudio.tarsosdsp;

import be.tarsos.dsp.AudioDispatcher;
import be.tarsos.dsp.AudioEvent;
import be.tarsos.dsp.AudioProcessor;
import be.tarsos.dsp.io.TarsosDSPAudioFormat;
import be.tarsos.dsp.io.UniversalAudioInputStream;
import java.io.ByteArrayInputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Random;

/** TarsosDSP's side of the tests. */
final class Dispatchers {
    private Dispatchers() {}

    /** A dispatcher over 16-bit mono sound. */
    static AudioDispatcher of(short[] sound, int sampleRateHz, int bufferSize, int overlap) {
        ByteBuffer bytes = ByteBuffer.allocate(2 * sound.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asShortBuffer().put(sound);
        return new AudioDispatcher(
                new UniversalAudioInputStream(new ByteArrayInputStream(bytes.array()), mono(sampleRateHz)),
                bufferSize,
                overlap);
    }

    static TarsosDSPAudioFormat mono(float sampleRateHz) {
        return new TarsosDSPAudioFormat(sampleRateHz, 16, 1, true, false);
    }

    /** The samples as a dispatcher's processors see them. */
    static float[] asFloats(short[] sound) {
        Recorder recorder = new Recorder();
        AudioDispatcher dispatcher = of(sound, 16_000, 1000, 0);
        dispatcher.setZeroPadLastBuffer(false);
        dispatcher.addAudioProcessor(recorder);
        dispatcher.run();
        return recorder.samples();
    }

    /** A chirp, noise that comes and goes, and silence in between. */
    static short[] sound(int count, long seed) {
        Random random = new Random(seed);
        short[] sound = new short[count];
        for (int i = 0; i < count; i++) {
            double chirp = 0.4 * Math.sin(0.02 * i + 2e-5 * i * i);
            double noise = 0.3 * random.nextGaussian() * Math.max(0, Math.sin(2e-3 * i));
            double quiet = i % 7000 > 6000 ? 0 : 1;
            sound[i] = (short) Math.round(Math.clamp(quiet * (chirp + noise), -1, 1) * Short.MAX_VALUE);
        }
        return sound;
    }

    /** Keeps the new samples of every event. */
    static final class Recorder implements AudioProcessor {
        private float[] samples = {};

        @Override
        public boolean process(AudioEvent event) {
            float[] buffer = event.getFloatBuffer();
            int count = buffer.length - event.getOverlap();
            samples = Arrays.copyOf(samples, samples.length + count);
            System.arraycopy(buffer, event.getOverlap(), samples, samples.length - count, count);
            return true;
        }

        @Override
        public void processingFinished() {}

        float[] samples() {
            return samples;
        }
    }
}
