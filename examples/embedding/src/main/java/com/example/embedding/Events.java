package com.example.embedding;

import io.mambaaudio.engine.AudioEngine;
import io.mambaaudio.engine.AudioInput;
import io.mambaaudio.engine.AudioOutputs;
import io.mambaaudio.models.Mamba;
import io.mambaaudio.speech.Transcriber;
import io.mambaaudio.speech.TranscriptEvent;
import java.util.List;
import java.util.concurrent.Flow;
import java.util.concurrent.SubmissionPublisher;

/** The events of a stream as a {@link Flow.Publisher}: subscribers get them on threads of their own, so a slow one delays no sound. */
final class Events implements AutoCloseable {
    private final SubmissionPublisher<TranscriptEvent> events = new SubmissionPublisher<>();
    private final AudioEngine engine;

    Events(Mamba model, AudioInput input) {
        // offer, not submit: the audio thread never waits for a subscriber whose buffer is full, it goes on without him
        Transcriber transcriber = Transcriber.builder(model)
                .listener(event -> events.offer(event, null))
                .build();
        engine = AudioEngine.open(input, List.of(transcriber), AudioOutputs.discard());
    }

    Flow.Publisher<TranscriptEvent> publisher() {
        return events;
    }

    void start() {
        engine.start();
    }

    /** Waits for the end of the input; then completes all subscribers. */
    @Override
    public void close() throws InterruptedException {
        try (engine) {
            engine.await();
        } finally {
            events.close();
        }
    }
}
