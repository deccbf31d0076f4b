package io.mambaaudio.demo;

import io.mambaaudio.engine.AudioInput;
import io.mambaaudio.engine.AudioInputs;
import java.io.InputStream;
import java.util.Arrays;
import java.util.SplittableRandom;

/** Sound in memory, for measurements that must not wait for a disk. */
final class Sound {
    private static final int BLOCK = 4096;
    private static final long NOISE_SEED = 1;

    private final float[][] samples; // (channels, frames)
    private final int sampleRateHz;

    private Sound(float[][] samples, int sampleRateHz) {
        this.samples = samples;
        this.sampleRateHz = sampleRateHz;
    }

    /** The shipped recording, open. */
    static AudioInput sample() {
        InputStream sample = Sound.class.getResourceAsStream("sample.wav");
        if (sample == null) {
            throw new UserError("this build has no sample recording; give a FILE");
        }
        return AudioInputs.stream("the shipped recording", sample);
    }

    /** A shipped piece of music, open. */
    static AudioInput prompt(ContinueCommand.Prompt prompt) {
        String name = "prompts/" + prompt + ".opus";
        InputStream sound = Sound.class.getResourceAsStream(name);
        if (sound == null) {
            throw new UserError("this build has no " + name + "; give a FILE");
        }
        return AudioInputs.stream("the sample " + prompt, sound);
    }

    /** All of an input, which is closed. */
    static Sound readAll(AudioInput input) {
        try (input) {
            int channels = input.format().channels();
            float[][] all = new float[channels][BLOCK];
            float[][] block = new float[channels][BLOCK];
            int frames = 0;
            input.start();
            for (int n = input.read(block, BLOCK); n >= 0; n = input.read(block, BLOCK)) {
                for (int c = 0; c < channels; c++) {
                    if (all[c].length < frames + n) {
                        all[c] = Arrays.copyOf(all[c], 2 * (frames + n));
                    }
                    System.arraycopy(block[c], 0, all[c], frames, n);
                }
                frames += n;
            }
            int length = frames;
            if (length == 0) {
                throw new UserError(input.name() + " has no sound; give another file");
            }
            return new Sound(
                    Arrays.stream(all).map(c -> Arrays.copyOf(c, length)).toArray(float[][]::new),
                    input.format().sampleRateHz());
        }
    }

    /** (channels, frames), not to be written. */
    float[][] samples() {
        return samples;
    }

    int sampleRateHz() {
        return sampleRateHz;
    }

    int frames() {
        return samples[0].length;
    }

    /** Its beginning, or all of it, if it is shorter. */
    Sound first(double seconds) {
        int length = (int) Math.min(frames(), Math.round(seconds * sampleRateHz));
        return new Sound(
                Arrays.stream(samples).map(c -> Arrays.copyOf(c, length)).toArray(float[][]::new), sampleRateHz);
    }

    /** This sound over and over, up to a length. */
    Sound looped(double seconds) {
        int length = Math.toIntExact(Math.round(seconds * sampleRateHz));
        float[][] looped = new float[samples.length][length];
        for (int c = 0; c < samples.length; c++) {
            for (int at = 0; at < length; at += frames()) {
                System.arraycopy(samples[c], 0, looped[c], at, Math.min(frames(), length - at));
            }
        }
        return new Sound(looped, sampleRateHz);
    }

    /** This sound, then digital silence, then white noise 40 dB below full scale. */
    Sound withSilenceAndNoise(double secondsEach) {
        int more = (int) Math.round(secondsEach * sampleRateHz);
        SplittableRandom random = new SplittableRandom(NOISE_SEED);
        float[][] longer = new float[samples.length][];
        for (int c = 0; c < samples.length; c++) {
            longer[c] = Arrays.copyOf(samples[c], frames() + 2 * more);
            for (int i = frames() + more; i < longer[c].length; i++) {
                longer[c][i] = 0.01f * (float) random.nextGaussian();
            }
        }
        return new Sound(longer, sampleRateHz);
    }

    AudioInput input() {
        return AudioInputs.array(samples, sampleRateHz);
    }
}
