package io.mambaaudio.flink;

import io.mambaaudio.models.Mamba;
import io.mambaaudio.pretrained.Pretrained;
import io.mambaaudio.speech.Hotwords;
import io.mambaaudio.speech.NGram;
import io.mambaaudio.speech.Transcriber;
import io.mambaaudio.speech.TranscriptEvent;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The model and the words that all subtasks of a task manager share: opened by the first of them, let go by the last. Any thread.
 *
 * <p>The map of what is open is the one mutable static of this module. Flink makes a function anew in every subtask and has no other
 * public place for what a JVM should hold once; it belongs to the class loader of the job, so that jobs do not meet in it.
 */
final class SharedRecogniser implements AutoCloseable {
    private static final Map<TranscriptSettings.Recogniser, SharedRecogniser> OPEN = new HashMap<>();

    private final TranscriptSettings.Recogniser settings;
    private final Mamba model;
    private final Optional<Hotwords> hotwords;
    private final Optional<NGram> languageModel;
    private int users; // guarded by OPEN

    private SharedRecogniser(TranscriptSettings.Recogniser settings) {
        this.settings = settings;
        model = Mamba.open(settings.model().isEmpty() ? shippedModel() : Path.of(settings.model()));
        hotwords = Optional.of(settings.hotwords()).filter(f -> !f.isEmpty()).map(f -> Hotwords.read(Path.of(f)));
        languageModel =
                Optional.of(settings.languageModel()).filter(f -> !f.isEmpty()).map(f -> NGram.read(Path.of(f)));
    }

    private static Path shippedModel() {
        return Pretrained.SPEECH.file(Path.of(System.getProperty("java.io.tmpdir"), "mamba-audio"));
    }

    /** Opens it, or finds it open. Each call wants its {@link #close}. */
    static SharedRecogniser open(TranscriptSettings.Recogniser settings) {
        synchronized (OPEN) {
            SharedRecogniser shared = OPEN.computeIfAbsent(settings, SharedRecogniser::new);
            shared.users++;
            return shared;
        }
    }

    static int openCount() {
        synchronized (OPEN) {
            return OPEN.size();
        }
    }

    /** A transcriber that shares all but its state. */
    Transcriber transcriber(Consumer<TranscriptEvent> listener) {
        Transcriber.Builder builder = Transcriber.builder(model)
                .backend(settings.backend())
                .gateRules(settings.gate())
                .endpointRules(settings.endpoints())
                .beam(settings.beam())
                .listener(listener);
        hotwords.ifPresent(builder::hotwords);
        languageModel.ifPresent(builder::languageModel);
        return builder.build();
    }

    @Override
    public void close() {
        synchronized (OPEN) {
            if (--users == 0) {
                OPEN.remove(settings, this);
            }
        }
    }
}
