package io.mambaaudio.engine;

import io.mambaaudio.engine.device.ArrayInput;
import io.mambaaudio.engine.device.MicrophoneInput;
import io.mambaaudio.engine.device.PacedInput;
import io.mambaaudio.engine.device.PcmInput;
import io.mambaaudio.engine.device.SilenceInput;
import io.mambaaudio.engine.device.SoundFiles;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Optional;

/** The inputs that come with the engine. */
public final class AudioInputs {
    private AudioInputs() {}

    /**
     * A sound file. WAV, AIFF and AU are read as they are; FLAC, MP3 and Ogg/Opus where {@code io.mambaaudio.formats} is on
     * the module path or class path.
     *
     * @param file an ordinary file or a pipe
     * @return its sound, open
     * @throws EngineException when it can't be read or its format is not known
     */
    public static AudioInput file(Path file) {
        return SoundFiles.open(file);
    }

    /**
     * A stream that holds a sound file, as standard input does; a WAV header may give a length of 0 or the largest number, as
     * tools write it before they know better.
     *
     * @param name for messages: {@code standard input}
     * @param in the stream; closed with the input
     * @return its sound, open
     * @throws EngineException when its format is not known
     */
    public static AudioInput stream(String name, InputStream in) {
        return SoundFiles.open(name, in);
    }

    /**
     * A stream of bare samples, channels interleaved.
     *
     * @param name for messages: {@code standard input}
     * @param in the stream; closed with the input
     * @param encoding how a sample is written
     * @param format rate and channels
     * @return its sound, open
     */
    public static AudioInput raw(String name, InputStream in, SampleEncoding encoding, StreamFormat format) {
        return PcmInput.untilTheEnd(name, in, encoding, format);
    }

    /**
     * A microphone or another recording device. It records from {@link AudioInput#start} on, in 16 bits, in the preferred
     * format or the nearest that it has: its other channel count, then 16, 44.1 or 48 kHz.
     *
     * @param device a name from {@link Devices#inputs}, a part of one, or its number; empty for the system's choice
     * @param preferred the format to try first
     * @return the device, reserved but not recording
     * @throws EngineException when there is no such device; the message lists those that are there
     */
    public static AudioInput microphone(Optional<String> device, StreamFormat preferred) {
        return MicrophoneInput.open(device, preferred);
    }

    /**
     * Samples in memory. They are not copied.
     *
     * @param samples (channels, frames), nominally −1 to 1
     * @param sampleRateHz frames a second
     * @return their sound
     */
    public static AudioInput array(float[][] samples, int sampleRateHz) {
        return new ArrayInput(samples, sampleRateHz);
    }

    /**
     * Digital silence.
     *
     * @param format rate and channels
     * @param frames how long; {@link Long#MAX_VALUE} for without end
     * @return silence
     */
    public static AudioInput silence(StreamFormat format, long frames) {
        return new SilenceInput(format, frames);
    }

    /**
     * Another input at the pace of real time: a frame can be read when it would have sounded. Nothing is ever dropped.
     *
     * @param input the input; closed with this one
     * @return the same sound, not faster than a clock
     */
    public static AudioInput paced(AudioInput input) {
        return new PacedInput(input);
    }
}
