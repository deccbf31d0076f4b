package io.mambaaudio.lv2;

import io.mambaaudio.dsp.Resampler;
import io.mambaaudio.engine.AudioInput;
import io.mambaaudio.engine.AudioInputs;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * Makes the sound of {@code plugins/lv2/test}: a mono recording at 48 kHz, as a 16-bit WAV file and, the same samples, as raw floats.
 * Run by the source launcher with the bundle's jars: {@code java -cp LIB Sample48.java IN.wav OUT.wav OUT.f32}.
 */
final class Sample48 {
    private static final int RATE = 48_000;

    private Sample48() {}

    /** Reads args[0], writes args[1] and args[2]. */
    public static void main(String[] args) throws IOException {
        short[] samples = resample(Path.of(args[0]));
        ByteBuffer wav = ByteBuffer.allocate(44 + 2 * samples.length).order(ByteOrder.LITTLE_ENDIAN);
        wav.put("RIFF".getBytes(StandardCharsets.US_ASCII)).putInt(36 + 2 * samples.length);
        wav.put("WAVEfmt ".getBytes(StandardCharsets.US_ASCII)).putInt(16);
        wav.putShort((short) 1).putShort((short) 1).putInt(RATE).putInt(2 * RATE);
        wav.putShort((short) 2).putShort((short) 16);
        wav.put("data".getBytes(StandardCharsets.US_ASCII)).putInt(2 * samples.length);
        ByteBuffer floats = ByteBuffer.allocate(4 * samples.length).order(ByteOrder.nativeOrder());
        for (short sample : samples) {
            wav.putShort(sample);
            floats.putFloat(sample / 32768f);
        }
        Files.write(Path.of(args[1]), wav.array());
        Files.write(Path.of(args[2]), floats.array());
    }

    private static short[] resample(Path file) {
        try (AudioInput input = AudioInputs.file(file)) {
            Resampler resampler = Resampler.of(input.format().sampleRateHz(), RATE);
            float[][] block = new float[input.format().channels()][1024];
            float[] out = new float[Math.max(resampler.maxOutput(1024), resampler.maxFlush())];
            short[] all = new short[0];
            input.start();
            for (int n = input.read(block, 1024); n >= 0; n = input.read(block, 1024)) {
                all = append(all, out, resampler.push(block[0], 0, n, out, 0));
            }
            return append(all, out, resampler.flush(out, 0));
        }
    }

    private static short[] append(short[] all, float[] more, int count) {
        short[] longer = Arrays.copyOf(all, all.length + count);
        for (int i = 0; i < count; i++) {
            longer[all.length + i] =
                    (short) Math.clamp(Math.round(more[i] * 32768.0), Short.MIN_VALUE, Short.MAX_VALUE);
        }
        return longer;
    }
}
