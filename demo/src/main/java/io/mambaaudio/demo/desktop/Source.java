package io.mambaaudio.demo.desktop;

import io.mambaaudio.engine.AudioInput;
import io.mambaaudio.engine.AudioInputs;
import io.mambaaudio.engine.StreamFormat;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Where sound can come from, not open yet.
 *
 * @param name what the window calls it
 * @param live whether it is a microphone, which goes on until it is stopped
 * @param open opens it; may take long, so never on the event thread
 */
record Source(String name, boolean live, Supplier<AudioInput> open) {
    private static final StreamFormat MICROPHONE_FORMAT = new StreamFormat(16_000, 1);

    /** A microphone by its name, or the system's choice. */
    static Source microphone(Optional<String> device) {
        return new Source(device.orElse("Microphone"), true, () -> AudioInputs.microphone(device, MICROPHONE_FORMAT));
    }

    /** A file, as fast as it can be read or at the pace of speech. */
    static Source file(Path file, boolean paced) {
        return new Source(String.valueOf(file.getFileName()), false, () -> {
            AudioInput input = AudioInputs.file(file);
            return paced ? AudioInputs.paced(input) : input;
        });
    }
}
