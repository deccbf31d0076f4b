package io.mambaaudio.lv2;

import io.mambaaudio.models.Mamba;
import io.mambaaudio.speech.Transcriber;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** What all instances of the plugin in one process share: the model, read once. Called by the native half. */
public final class SpeechHost {
    private final Mamba model;

    private SpeechHost(Mamba model) {
        this.model = model;
    }

    /**
     * Reads the model. Nothing is warmed up, so that a host's window waits no longer than it must: the ring holds the sound until the
     * code is compiled, which even cold is much faster than the sound.
     *
     * @param modelFile name of a speech checkpoint, UTF-8
     * @return a host for any number of instances
     * @throws io.mambaaudio.models.ModelException in one line, if there is no such model
     * @throws io.mambaaudio.speech.SpeechException in one line, if it is not one for speech
     */
    public static SpeechHost open(byte[] modelFile) {
        Mamba model = Mamba.open(Path.of(new String(modelFile, StandardCharsets.UTF_8)));
        Transcriber.builder(model).build().close(); // says now, and not at each activation, what is wrong
        return new SpeechHost(model);
    }

    /**
     * A new instance, not active yet.
     *
     * @param memory what both halves share, laid out as {@code shared.h} says; it must outlive the instance
     * @param file where finished text goes: a file or folder, UTF-8; empty for nowhere
     * @return the instance
     */
    public SpeechInstance instance(ByteBuffer memory, byte[] file) {
        return new SpeechInstance(() -> Transcriber.builder(model), memory, new String(file, StandardCharsets.UTF_8));
    }
}
