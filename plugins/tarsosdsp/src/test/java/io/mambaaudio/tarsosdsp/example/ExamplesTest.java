// SPDX-License-Identifier: GPL-3.0-only
package io.mambaaudio.tarsosdsp.example;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mambaaudio.engine.ArrayOutput;
import io.mambaaudio.engine.AudioEngine;
import io.mambaaudio.engine.AudioInputs;
import io.mambaaudio.engine.AudioOutputs;
import io.mambaaudio.engine.SampleEncoding;
import io.mambaaudio.speech.TranscriptEvent;
import io.mambaaudio.tarsosdsp.EngineProcessor;
import io.mambaaudio.tarsosdsp.TarsosEvent;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ExamplesTest {
    private static final int RATE = 16_000;
    private static final int SECONDS = 4;

    @TempDir
    private Path folder;

    private Path tone;

    @BeforeEach
    void writeATone() {
        tone = folder.resolve("tone.wav");
        float[] sound = new float[SECONDS * RATE];
        for (int i = 0; i < sound.length; i++) {
            sound[i] = (float) (i < sound.length / 2 ? 0.5 * Math.sin(2 * Math.PI * 440 * i / RATE) : 0);
        }
        AudioEngine.run(
                AudioInputs.array(new float[][] {sound}, RATE),
                List.of(),
                AudioOutputs.wav(tone, SampleEncoding.S16LE));
    }

    @Test
    void aDispatcherWritesDownWhatIsSaid() throws Exception {
        List<TranscriptEvent> events = new ArrayList<>();
        Path model = Path.of(Objects.requireNonNull(EngineProcessor.class.getResource("tiny-speech.safetensors"))
                .toURI());
        TranscribeInDispatcher.run(model, tone.toFile(), events::add);
        assertTrue(events.stream().anyMatch(TranscriptEvent.Final.class::isInstance), "the model says something");
    }

    @Test
    void anEngineFindsThePitchAndSlowsDown() {
        List<TarsosEvent> events = new ArrayList<>();
        Path slow = folder.resolve("slow.wav");
        PitchInEngine.run(tone, slow, events::add);
        assertTrue(events.size() > 20, "found " + events.size());
        for (TarsosEvent event : events.subList(0, 20)) {
            assertEquals(440, event instanceof TarsosEvent.Pitch pitch ? pitch.hz() : 0, 1);
        }
        ArrayOutput heard = AudioOutputs.array();
        AudioEngine.run(AudioInputs.file(slow), List.of(), heard);
        assertEquals(2 * SECONDS, heard.samples()[0].length / (double) RATE, 0.1);
    }
}
