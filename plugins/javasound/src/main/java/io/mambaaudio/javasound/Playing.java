package io.mambaaudio.javasound;

import io.mambaaudio.engine.AudioEngine;
import io.mambaaudio.engine.AudioInput;
import io.mambaaudio.engine.AudioInputs;
import io.mambaaudio.engine.AudioOutputs;
import io.mambaaudio.engine.EngineException;
import io.mambaaudio.engine.Gain;
import io.mambaaudio.engine.Processor;
import io.mambaaudio.models.Mamba;
import io.mambaaudio.speech.SpeechPlugin;
import io.mambaaudio.speech.Transcriber;
import io.mambaaudio.speech.TranscriptEvent;
import java.util.List;
import java.util.function.Consumer;
import javax.sound.sampled.AudioFormat;
import javax.sound.sampled.LineUnavailableException;

/**
 * What an open output line holds: its buffer, the engine that reads from it, and who gets the text.
 *
 * @param buffer what the program writes to
 * @param engine runs from {@link #open} to {@link #end}
 * @param receivers get the events
 */
record Playing(LineBuffer buffer, AudioEngine engine, Receivers receivers) {
    private static final System.Logger LOG = System.getLogger(Playing.class.getPackageName());

    /** Starts an engine, which waits for the buffer to start. */
    static Playing open(Settings settings, AudioFormat format, LineBuffer buffer, Gain gain)
            throws LineUnavailableException {
        Receivers receivers = Receivers.open(settings, format);
        try {
            AudioInput input = AudioInputs.raw(
                    MambaMixerProvider.TRANSCRIBER, buffer, Formats.encoding(format), Formats.stream(format));
            AudioEngine engine = AudioEngine.open(
                    input, List.of(gain, recogniser(settings, receivers::accept)), AudioOutputs.discard());
            engine.start();
            return new Playing(buffer, engine, receivers);
        } catch (RuntimeException e) {
            receivers.close();
            LineUnavailableException unavailable = new LineUnavailableException(EngineException.reason(e));
            unavailable.initCause(e);
            throw unavailable;
        }
    }

    private static Processor recogniser(Settings settings, Consumer<TranscriptEvent> listener) {
        if (settings.model().isPresent()) {
            return Transcriber.builder(Mamba.open(settings.model().get()))
                    .listener(listener)
                    .build();
        }
        SpeechPlugin plugin = new SpeechPlugin();
        plugin.listener(listener);
        return plugin;
    }

    /** Once the buffer is closed: waits until what was played is transcribed, and ends the threads. */
    void end() {
        try {
            engine.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // close() waits all the same
        } catch (IllegalStateException e) {
            LOG.log(System.Logger.Level.DEBUG, "closed by one of its own threads, which ends it later", e);
        }
        engine.close();
        engine.failure().ifPresent(e -> LOG.log(System.Logger.Level.WARNING, e.getMessage(), e));
        receivers.close();
    }
}
