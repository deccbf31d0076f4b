package io.mambaaudio.javasound;

import javax.sound.sampled.Mixer;
import javax.sound.sampled.spi.MixerProvider;

/**
 * How Java Sound finds the engine's devices. Made by the service loader, not by applications; any thread.
 *
 * <p>Java Sound makes a new provider for every question, so a mixer is made for everyone who asks, and knows the lines that it opened
 * itself.
 */
public final class MambaMixerProvider extends MixerProvider {
    /** The name of the mixer whose output line writes down what it is played. */
    public static final String TRANSCRIBER = "Mamba Transcriber";

    /** Java Sound compares these by identity, so there is one; it never changes. */
    private static final Mixer.Info TRANSCRIBER_INFO =
            new MixerInfo(TRANSCRIBER, "writes down what is played to it, as text");

    /** For the service loader. */
    public MambaMixerProvider() {}

    private static final class MixerInfo extends Mixer.Info {
        MixerInfo(String name, String description) {
            super(name, "Mamba Audio", description, "0.1");
        }
    }

    @Override
    public Mixer.Info[] getMixerInfo() {
        return new Mixer.Info[] {TRANSCRIBER_INFO};
    }

    @Override
    public Mixer getMixer(Mixer.Info info) {
        if (!isMixerSupported(info)) {
            throw new IllegalArgumentException(
                    "mixer=" + info + " is not one of Mamba Audio's; choose " + TRANSCRIBER_INFO);
        }
        return new TranscriberMixer(TRANSCRIBER_INFO);
    }
}
