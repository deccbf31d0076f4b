package io.mambaaudio.music;

import io.mambaaudio.engine.AudioEngine;
import io.mambaaudio.engine.AudioInput;
import io.mambaaudio.engine.AudioInputs;
import io.mambaaudio.engine.AudioOutputs;
import io.mambaaudio.engine.StreamFormat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Continues a folder of recordings through the whole of this module, for measuring a model with a scorer that wants WAV files of a prompt
 * and its continuation. Not a test.
 *
 * <p>{@code ContinueFiles MODEL IN_DIR OUT_DIR PROMPT_SECONDS SKIP_SECONDS SECONDS SEED TEMPERATURE TOP_P}: OUT_DIR gets the prompt and
 * then SECONDS of the continuation from SKIP_SECONDS on.
 */
final class ContinueFiles {
    private static final double HAND_OVER_SECONDS = 0.02; // before the prompt's end, so that the cross-fade lies in it

    private ContinueFiles() {}

    public static void main(String[] args) throws IOException {
        MusicModel model = MusicModel.open(Path.of(args[0]));
        double prompt = Double.parseDouble(args[3]);
        double skip = Double.parseDouble(args[4]);
        double seconds = Double.parseDouble(args[5]);
        Files.createDirectories(Path.of(args[2]));
        long nanos = 0;
        double made = 0;
        try (var files = Files.list(Path.of(args[1]))) {
            for (Path file :
                    files.filter(f -> f.toString().endsWith(".wav")).sorted().toList()) {
                Continuer continuer =
                        Continuer.builder(model).seed(Long.parseLong(args[6])).build();
                continuer.parameter(Continuer.TEMPERATURE).set(Float.parseFloat(args[7]));
                continuer.parameter(Continuer.TOP_P).set(Float.parseFloat(args[8]));
                long start = System.nanoTime();
                Path out = Path.of(args[2]).resolve(file.getFileName());
                continueOne(continuer, AudioInputs.file(file), prompt, skip, seconds, out);
                nanos += System.nanoTime() - start;
                made += prompt + skip + seconds;
            }
        }
        System.out.printf(Locale.ROOT, "%s: %.1f times real time%n", model.describe(), made / (nanos / 1e9));
    }

    private static void continueOne(
            Continuer continuer, AudioInput input, double prompt, double skip, double seconds, Path to) {
        StreamFormat format = input.format();
        int rate = format.sampleRateHz();
        int heard = (int) (prompt * rate);
        int total = heard + (int) ((skip + seconds) * rate);
        int block = rate / 100;
        float[][] in = new float[format.channels()][block];
        float[][] out = new float[format.channels()][block];
        float[] whole = new float[total];
        continuer.prepare(format, block);
        input.start();
        for (int at = 0; at < total; at += block) {
            for (float[] channel : in) {
                Arrays.fill(channel, 0);
            }
            for (int n = 0; at < heard && n == 0; ) {
                n = input.read(in, block);
            }
            if (at >= heard - HAND_OVER_SECONDS * rate) {
                continuer.parameter(Continuer.MODE).set(2);
            }
            continuer.process(in, out, block);
            System.arraycopy(out[0], 0, whole, at, Math.min(block, total - at));
        }
        continuer.close();
        input.close();
        float[] kept = Arrays.copyOf(whole, heard + (int) (seconds * rate));
        System.arraycopy(whole, heard + (int) (skip * rate), kept, heard, (int) (seconds * rate));
        AudioEngine.run(AudioInputs.array(new float[][] {kept}, rate), List.of(), AudioOutputs.wav(to));
    }
}
