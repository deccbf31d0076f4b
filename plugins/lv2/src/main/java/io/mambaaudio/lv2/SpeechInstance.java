package io.mambaaudio.lv2;

import io.mambaaudio.engine.AudioEngine;
import io.mambaaudio.engine.AudioOutputs;
import io.mambaaudio.engine.EngineException;
import io.mambaaudio.engine.EngineOptions;
import io.mambaaudio.speech.Transcriber;
import io.mambaaudio.speech.TranscriptEvent;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One instance of the plugin. Each activation is a stream of its own with an engine of its own, whose threads take the sound out of
 * the shared memory, transcribe it, and put the text back there and into a file. Called by the native half's own thread only.
 */
public final class SpeechInstance {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final long PARK_NANOS = 5_000_000; // speech has time, and a DAW has many instances

    private final Supplier<Transcriber.Builder> recogniser;
    private final SharedMemory memory;
    private final TextFile file;
    private @Nullable HostInput input;
    private @Nullable AudioEngine engine;

    SpeechInstance(Supplier<Transcriber.Builder> recogniser, ByteBuffer memory, String file) {
        this.recogniser = recogniser;
        this.memory = new SharedMemory(memory);
        this.file = new TextFile(file);
    }

    /**
     * The host will run: begins a new stream.
     *
     * @throws io.mambaaudio.speech.SpeechException in one line, if the sound has a rate that cannot be had
     */
    public void activate() {
        if (engine != null) {
            return;
        }
        memory.clear();
        file.begin();
        HostInput source = new HostInput(memory, file::choose);
        Transcriber transcriber = recogniser.get().listener(this::tell).build();
        EngineOptions options = EngineOptions.defaults().withIdle(() -> SpeechInstance::idle);
        AudioEngine opened = AudioEngine.open(source, List.of(transcriber), AudioOutputs.discard(), options);
        opened.start();
        input = source;
        engine = opened;
    }

    private static void idle(int workCount) {
        if (workCount == 0) {
            LockSupport.parkNanos(PARK_NANOS);
        }
    }

    private void tell(TranscriptEvent event) {
        switch (event) {
            case TranscriptEvent.Partial partial -> memory.tell(SharedMemory.PARTIAL, partial.text());
            case TranscriptEvent.Final utterance -> {
                memory.tell(SharedMemory.FINAL, utterance.text());
                if (memory.writesFile()) {
                    file.append(utterance.text());
                }
            }
        }
    }

    /**
     * The host has stopped: what it gave is heard to its end, and the last words are written.
     *
     * @return what went wrong since the activation, one line of UTF-8; empty if nothing did
     * @throws IllegalStateException if the engine does not come to its end; the shared memory must then stay where it is
     */
    public byte[] deactivate() {
        AudioEngine running = engine;
        HostInput source = input;
        if (running == null || source == null) {
            return new byte[0];
        }
        source.end();
        await(running);
        engine = null;
        input = null;
        running.close();
        return running.failure().map(EngineException::getMessage).orElse("").getBytes(StandardCharsets.UTF_8);
    }

    private static void await(AudioEngine running) {
        boolean ended;
        try {
            ended = running.await(PATIENCE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            ended = false;
        }
        if (!ended) {
            throw new IllegalStateException("the sound is not transcribed after patience=" + PATIENCE
                    + "; use fewer instances or a faster machine");
        }
    }

    /**
     * Where finished text goes from now on.
     *
     * @param name a file or folder, UTF-8
     */
    public void choose(byte[] name) {
        file.choose(new String(name, StandardCharsets.UTF_8));
    }

    /**
     * Where finished text goes.
     *
     * @return a file or folder, UTF-8
     */
    public byte[] chosen() {
        String letter = memory.takeLetter();
        if (!letter.isEmpty()) {
            file.choose(letter);
        }
        return file.chosen().getBytes(StandardCharsets.UTF_8);
    }
}
