package io.mambaaudio.engine;

import io.mambaaudio.engine.device.DiscardOutput;
import io.mambaaudio.engine.device.SpeakerOutput;
import io.mambaaudio.engine.device.WavOutput;
import java.nio.file.Path;
import java.util.Optional;

/** The outputs that come with the engine. */
public final class AudioOutputs {
    private AudioOutputs() {}

    /**
     * A loudspeaker or another playing device, in 16 bits.
     *
     * @param device a name from {@link Devices#outputs}, a part of one, or its number; empty for the system's choice
     * @return the device, not open yet
     * @throws EngineException when there is no such device; the message lists those that are there
     */
    public static AudioOutput speaker(Optional<String> device) {
        return SpeakerOutput.of(device);
    }

    /**
     * A WAV file of 32-bit floats: what the chain writes, bit by bit.
     *
     * @param file made or overwritten when the engine opens
     * @return the file, not open yet
     */
    public static AudioOutput wav(Path file) {
        return new WavOutput(file, SampleEncoding.F32LE);
    }

    /**
     * A WAV file. The header is brought up to date once a second of sound, so that the file can be read should the process
     * die.
     *
     * @param file made or overwritten when the engine opens
     * @param encoding {@link SampleEncoding#U8} or a little-endian one
     * @return the file, not open yet
     * @throws EngineException when WAV does not have the encoding
     */
    public static AudioOutput wav(Path file, SampleEncoding encoding) {
        return new WavOutput(file, encoding);
    }

    /**
     * An array that grows.
     *
     * @return the array; {@link ArrayOutput#samples} has what came
     */
    public static ArrayOutput array() {
        return new ArrayOutput();
    }

    /**
     * Nowhere, for chains that only listen. No playback thread is made.
     *
     * @return an output that throws all away
     */
    public static AudioOutput discard() {
        return new DiscardOutput();
    }
}
