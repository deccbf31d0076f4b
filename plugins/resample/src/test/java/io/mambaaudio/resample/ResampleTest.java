package io.mambaaudio.resample;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mambaaudio.dsp.Resampler;
import io.mambaaudio.engine.ArrayOutput;
import io.mambaaudio.engine.AudioEngine;
import io.mambaaudio.engine.AudioInputs;
import io.mambaaudio.engine.AudioOutputs;
import io.mambaaudio.engine.EngineOptions;
import io.mambaaudio.engine.Gain;
import io.mambaaudio.engine.Processors;
import io.mambaaudio.engine.StreamFormat;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import javax.sound.sampled.AudioFormat;
import javax.sound.sampled.AudioInputStream;
import javax.sound.sampled.AudioSystem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ResampleTest {
    private static final long SEED = 3;

    private static float[] noise(int frames, long seed) {
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        float[] noise = new float[frames];
        for (int i = 0; i < frames; i++) {
            noise[i] = Math.round(8_000 * Math.clamp(random.nextGaussian(), -3, 3)) / 32_768f;
        }
        return noise;
    }

    private static float[] resampled(float[] sound, int fromHz, int toHz) {
        Resampler resampler = Resampler.of(fromHz, toHz);
        float[] out = new float[resampler.maxOutput(sound.length) + resampler.maxFlush()];
        int count = resampler.push(sound, 0, sound.length, out, 0);
        count += resampler.flush(out, count);
        return Arrays.copyOf(out, count);
    }

    @ParameterizedTest
    @CsvSource({"44100,16000", "16000,48000", "48000,48000", "8000,16000"})
    void aChainGivesTheSamplesOfTheResamplerInAnyBlocks(int fromHz, int toHz) {
        float[][] sound = {noise(10_007, SEED), noise(10_007, SEED + 1)};
        for (double blockMillis : new double[] {0.3, 10, 500}) {
            ArrayOutput output = AudioOutputs.array();
            AudioEngine engine = AudioEngine.open(
                    AudioInputs.array(sound, fromHz),
                    List.of(Resample.to(toHz, false), new Gain()),
                    output,
                    EngineOptions.defaults().withBlockMillis(blockMillis));
            try (engine) {
                engine.start();
                engine.await();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            assertEquals(new StreamFormat(toHz, 2), engine.outputFormat());
            assertArrayEquals(resampled(sound[0], fromHz, toHz), output.samples()[0]);
            assertArrayEquals(resampled(sound[1], fromHz, toHz), output.samples()[1]);
        }
    }

    @Test
    void itIsFoundByItsNameAndMixesDown() {
        Resample found = assertInstanceOf(Resample.class, Processors.find("resample"));
        found.presets().getFirst().applyTo(found);
        assertEquals(new StreamFormat(16_000, 1), found.prepare(new StreamFormat(48_000, 2), 480));
        float[] sound = noise(4800, SEED);
        float[] upsideDown = new float[sound.length];
        for (int i = 0; i < sound.length; i++) {
            upsideDown[i] = -sound[i];
        }
        ArrayOutput output = AudioOutputs.array();
        AudioEngine.run(AudioInputs.array(new float[][] {sound, upsideDown}, 48_000), List.of(found), output);
        assertArrayEquals(new float[][] {new float[1600]}, output.samples());
    }

    @ParameterizedTest
    @CsvSource({"44100,1,16,false", "48000,2,16,true", "96000,6,24,false", "8000,1,16,false", "11025,1,32,true"})
    void javaSoundConvertsToSixteenKilohertzMonoWithThisResampler(int rate, int channels, int bits, boolean bigEndian)
            throws IOException {
        float[] mono = noise(rate, SEED);
        AudioFormat from = new AudioFormat(rate, bits, channels, true, bigEndian);
        AudioInputStream source = new AudioInputStream(
                new ByteArrayInputStream(interleaved(mono, channels, bits, bigEndian)), from, mono.length);
        AudioFormat to = new AudioFormat(AudioFormat.Encoding.PCM_FLOAT, 16_000, 32, 1, 4, 16_000, false);
        try (AudioInputStream converted = AudioSystem.getAudioInputStream(to, source)) {
            assertEquals(16_000, converted.getFrameLength());
            float[] heard = new float[16_000];
            ByteBuffer.wrap(converted.readAllBytes())
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .asFloatBuffer()
                    .get(heard);
            assertArrayEquals(resampled(mono, rate, 16_000), heard, 1e-6f);
        }
    }

    @Test
    void integersAreRoundedAndTheJdkKeepsItsOwnConversions() throws IOException {
        float[] mono = noise(48_000, SEED);
        AudioFormat from = new AudioFormat(48_000, 16, 1, true, false);
        byte[] bytes = interleaved(mono, 1, 16, false);
        AudioInputStream source = new AudioInputStream(new ByteArrayInputStream(bytes), from, mono.length);
        short[] heard = new short[16_000];
        try (AudioInputStream converted =
                AudioSystem.getAudioInputStream(new AudioFormat(16_000, 16, 1, true, true), source)) {
            ByteBuffer.wrap(converted.readAllBytes()).asShortBuffer().get(heard);
        }
        float[] expected = resampled(mono, 48_000, 16_000);
        for (int i = 0; i < heard.length; i++) {
            assertEquals(expected[i], heard[i] / 32_768f, 0.5001f / 32_768);
        }
        AudioInputStream again = new AudioInputStream(new ByteArrayInputStream(bytes), from, mono.length);
        assertEquals(
                48_000f,
                AudioSystem.getAudioInputStream(AudioFormat.Encoding.ULAW, again)
                        .getFormat()
                        .getSampleRate());
        assertEquals(0, new SpeechFormatProvider().getTargetFormats(AudioFormat.Encoding.PCM_SIGNED, badRate()).length);
        assertTrue(assertThrows(IllegalArgumentException.class, () -> new SpeechFormatProvider()
                        .getAudioInputStream(new AudioFormat(44_100, 16, 2, true, false), again))
                .getMessage()
                .contains("choose one of"));
    }

    private static AudioFormat badRate() {
        return new AudioFormat(44_100.5f, 16, 1, true, false);
    }

    private static byte[] interleaved(float[] mono, int channels, int bits, boolean bigEndian) {
        ByteBuffer bytes = ByteBuffer.allocate(mono.length * channels * bits / 8)
                .order(bigEndian ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
        for (float sample : mono) {
            for (int c = 0; c < channels; c++) {
                int value = Math.round(sample * (1L << (bits - 1)));
                switch (bits) {
                    case 16 -> bytes.putShort((short) value);
                    case 24 -> bytes.put((byte) value).put((byte) (value >> 8)).put((byte) (value >> 16));
                    default -> bytes.putInt(value);
                }
            }
        }
        return bytes.array();
    }
}
