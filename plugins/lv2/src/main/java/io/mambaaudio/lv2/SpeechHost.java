package io.mambaaudio.lv2;

import io.mambaaudio.engine.StreamFormat;
import io.mambaaudio.models.Mamba;
import io.mambaaudio.speech.Transcriber;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** What all instances of the plugin in one process share: the model, read and compiled once. Called by the native half. */
public final class SpeechHost {
    private static final int WARM_UP_STEPS = 500;
    private static final int MODEL_RATE_HZ = 16_000;

    private final Mamba model;

    private SpeechHost(Mamba model) {
        this.model = model;
    }

    /**
     * Reads the model and runs it until it is compiled, so that the first words come as fast as the others.
     *
     * @param modelFile name of a speech checkpoint, UTF-8
     * @return a host for any number of instances
     * @throws io.mambaaudio.models.ModelException in one line, if there is no such model
     * @throws io.mambaaudio.speech.SpeechException in one line, if it is not one for speech
     */
    public static SpeechHost open(byte[] modelFile) {
        Mamba model = Mamba.open(Path.of(new String(modelFile, StandardCharsets.UTF_8)));
        try (Transcriber throwaway =
                Transcriber.builder(model).warmUpSteps(WARM_UP_STEPS).build()) {
            throwaway.prepare(new StreamFormat(MODEL_RATE_HZ, 1), 1);
        }
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
