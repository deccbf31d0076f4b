// SPDX-License-Identifier: GPL-3.0-only
package io.mambaaudio.tarsosdsp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import be.tarsos.dsp.AudioDispatcher;
import be.tarsos.dsp.AudioEvent;
import io.mambaaudio.engine.ArrayOutput;
import io.mambaaudio.engine.AudioEngine;
import io.mambaaudio.engine.AudioInputs;
import io.mambaaudio.engine.AudioOutputs;
import io.mambaaudio.engine.Gain;
import io.mambaaudio.engine.Processor;
import io.mambaaudio.engine.StreamFormat;
import io.mambaaudio.models.Backend;
import io.mambaaudio.models.Mamba;
import io.mambaaudio.speech.Transcriber;
import io.mambaaudio.speech.TranscriptEvent;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class EngineProcessorTest {
    @ParameterizedTest
    @CsvSource({"1600,0", "1024,0", "1024,768", "333,100"})
    void aTranscriberInADispatcherTellsTheSameEvents(int bufferSize, int overlap) throws URISyntaxException {
        short[] sound = Dispatchers.sound(80_000, 3);
        List<TranscriptEvent> direct = new ArrayList<>();
        try (Transcriber transcriber = transcriber(direct)) {
            transcriber.transcribe(Dispatchers.asFloats(sound), 16_000);
        }
        List<TranscriptEvent> bridged = new ArrayList<>();
        AudioDispatcher dispatcher = Dispatchers.of(sound, 16_000, bufferSize, overlap);
        dispatcher.setZeroPadLastBuffer(false);
        Dispatchers.Recorder after = new Dispatchers.Recorder();
        try (Transcriber transcriber = transcriber(bridged)) {
            dispatcher.addAudioProcessor(new EngineProcessor(transcriber, dispatcher.getFormat(), bufferSize));
            dispatcher.addAudioProcessor(after);
            dispatcher.run();
        }
        assertTrue(direct.stream().anyMatch(TranscriptEvent.Final.class::isInstance), "the model must write something");
        assertEquals(direct, bridged);
        assertArrayEquals(Dispatchers.asFloats(sound), after.samples(), "the sound passes through");
    }

    @ParameterizedTest
    @CsvSource({"512,0", "512,256"})
    void anEffectChangesEverySampleOnce(int bufferSize, int overlap) {
        short[] sound = Dispatchers.sound(10_000, 4);
        AudioDispatcher dispatcher = Dispatchers.of(sound, 16_000, bufferSize, overlap);
        dispatcher.setZeroPadLastBuffer(false);
        Dispatchers.Recorder after = new Dispatchers.Recorder();
        dispatcher.addAudioProcessor(new EngineProcessor(gain(), dispatcher.getFormat(), bufferSize));
        dispatcher.addAudioProcessor(after);
        dispatcher.run();

        ArrayOutput output = AudioOutputs.array();
        AudioEngine.run(
                AudioInputs.array(new float[][] {Dispatchers.asFloats(sound)}, 16_000), List.of(gain()), output);
        assertArrayEquals(output.samples()[0], after.samples());
    }

    @Test
    void theEndComesOnceAndNothingAfterIt() {
        Counting counting = new Counting(false);
        EngineProcessor bridge = new EngineProcessor(counting, Dispatchers.mono(16_000), 100);
        AudioEvent event = new AudioEvent(Dispatchers.mono(16_000));
        event.setFloatBuffer(new float[250]); // longer than was said: taken in pieces
        assertTrue(bridge.process(event));
        bridge.processingFinished();
        bridge.processingFinished();
        assertTrue(bridge.process(event));
        assertEquals(250, counting.frames);
        assertEquals(1, counting.finishes);
        assertFalse(counting.closed, "the caller closes");
    }

    @Test
    void aProcessorThatMakesStereoIsRefused() {
        assertEquals(
                "processor=counting makes StreamFormat[sampleRateHz=16000, channels=2] of StreamFormat[sampleRateHz=16000,"
                        + " channels=1]; a TarsosDSP chain keeps its format, so choose a processor that does",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> new EngineProcessor(new Counting(true), Dispatchers.mono(16_000), 100))
                        .getMessage());
    }

    private static Gain gain() {
        Gain gain = new Gain();
        gain.gainDb().set(-6);
        return gain;
    }

    /** A random model that turns any sound into words; written once by the tiny model of the speech module's tests. */
    private static Transcriber transcriber(List<TranscriptEvent> events) throws URISyntaxException {
        Path file = Path.of(Objects.requireNonNull(EngineProcessorTest.class.getResource("tiny-speech.safetensors"))
                .toURI());
        return Transcriber.builder(Mamba.open(file))
                .backend(Backend.SCALAR)
                .listener(events::add)
                .build();
    }

    private static final class Counting implements Processor {
        private final boolean stereo;
        private int frames;
        private int finishes;
        private boolean closed;

        Counting(boolean stereo) {
            this.stereo = stereo;
        }

        @Override
        public String id() {
            return "counting";
        }

        @Override
        public StreamFormat prepare(StreamFormat format, int maxFrames) {
            return new StreamFormat(format.sampleRateHz(), stereo ? 2 : 1);
        }

        @Override
        public void process(float[][] in, float[][] out, int count) {
            frames += count;
        }

        @Override
        public void finish() {
            finishes++;
        }

        @Override
        public void reset() {}

        @Override
        public void close() {
            closed = true;
        }
    }
}
