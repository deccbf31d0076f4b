package io.mambaaudio.formats;

import io.mambaaudio.engine.ArrayOutput;
import io.mambaaudio.engine.AudioEngine;
import io.mambaaudio.engine.AudioInput;
import io.mambaaudio.engine.AudioInputs;
import io.mambaaudio.engine.AudioOutputs;
import io.mambaaudio.engine.StreamFormat;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;

/** The sounds of {@code make-assets}, decoded as an application would. */
final class Assets {
    private Assets() {}

    /** What came out of a file. */
    record Decoded(StreamFormat format, List<float[]> samples, Optional<String> warning) {}

    static byte[] bytes(String name) {
        try (InputStream in = Assets.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException(name + " is missing; run make-assets");
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Decoded decoded(String name) {
        return decoded(name, bytes(name));
    }

    static Decoded decoded(String name, byte[] bytes) {
        AudioInput input = AudioInputs.stream(name, new ByteArrayInputStream(bytes));
        StreamFormat format = input.format();
        ArrayOutput output = AudioOutputs.array();
        AudioEngine.run(input, List.of(), output);
        return new Decoded(format, List.of(output.samples()), input.warning());
    }
}
