// SPDX-License-Identifier: GPL-3.0-only
package io.mambaaudio.tarsosdsp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import be.tarsos.dsp.AudioDispatcher;
import be.tarsos.dsp.io.TarsosDSPAudioFloatConverter;
import be.tarsos.dsp.io.TarsosDSPAudioFormat;
import be.tarsos.dsp.io.UniversalAudioInputStream;
import io.mambaaudio.engine.ArrayOutput;
import io.mambaaudio.engine.AudioEngine;
import io.mambaaudio.engine.AudioInputs;
import io.mambaaudio.engine.AudioOutputs;
import io.mambaaudio.engine.StreamFormat;
import io.mambaaudio.models.Mamba;
import io.mambaaudio.pretrained.Pretrained;
import io.mambaaudio.speech.Transcriber;
import io.mambaaudio.speech.TranscriptEvent;
import java.io.ByteArrayInputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.sound.sampled.AudioFormat;
import javax.sound.sampled.AudioInputStream;
import javax.sound.sampled.AudioSystem;
import javax.sound.sampled.Mixer;
import javax.sound.sampled.SourceDataLine;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The shipped model hears the shipped recording by every way in, and says the same, to the last bit of every time and confidence. */
final class SameTextTest {
    /** Tests run in the module's folder. */
    private static final Path SAMPLE = Path.of("../../demo/src/main/resources/io/mambaaudio/demo/sample.wav");

    private static final int RATE = 16_000;
    private static final String PROPERTIES = "io.mambaaudio.javasound.";

    @TempDir
    private static Path folder;

    private static Path model = Path.of("");
    private static float[] sound = {};
    private static List<TranscriptEvent> expected = List.of();

    @BeforeAll
    static void hearItWithTheEngine() {
        model = Pretrained.SPEECH.file(folder);
        List<TranscriptEvent> events = new ArrayList<>();
        ArrayOutput output = AudioOutputs.array();
        AudioEngine.run(AudioInputs.file(SAMPLE), List.of(transcriber(events)), output);
        sound = output.samples()[0];
        expected = events;
        assertTrue(text(expected).size() > 0, "no words");
    }

    private static Transcriber transcriber(List<TranscriptEvent> events) {
        return Transcriber.builder(Mamba.open(model)).listener(events::add).build();
    }

    private static List<String> text(List<TranscriptEvent> events) {
        return events.stream()
                .filter(TranscriptEvent.Final.class::isInstance)
                .map(event -> ((TranscriptEvent.Final) event).text())
                .toList();
    }

    @Test
    void embeddedInBlocksOfFloats() {
        List<TranscriptEvent> events = new ArrayList<>();
        try (Transcriber transcriber = transcriber(events)) {
            transcriber.prepare(new StreamFormat(RATE, 1), 333);
            for (int at = 0; at < sound.length; at += 333) {
                float[] block = Arrays.copyOfRange(sound, at, Math.min(sound.length, at + 333));
                transcriber.process(new float[][] {block}, new float[1][block.length], block.length);
            }
            transcriber.finish();
        }
        assertEquals(expected, events);
    }

    @Test
    void besideAnotherModelThatHearsTheSame() throws Exception {
        Path tiny = Path.of(Objects.requireNonNull(SameTextTest.class.getResource("tiny-speech.safetensors"))
                .toURI());
        List<TranscriptEvent> alone = events(tiny);
        CompletableFuture<List<TranscriptEvent>> beside = CompletableFuture.supplyAsync(() -> events(tiny));
        assertEquals(expected, events(model));
        assertEquals(alone, beside.get(60, TimeUnit.SECONDS));
        assertNotEquals(text(expected), text(alone));
    }

    private static List<TranscriptEvent> events(Path file) {
        List<TranscriptEvent> events = new ArrayList<>();
        try (Transcriber transcriber =
                Transcriber.builder(Mamba.open(file)).listener(events::add).build()) {
            transcriber.transcribe(sound, RATE);
        }
        return events;
    }

    @Test
    void inADispatcherOfTarsosDsp() {
        ByteBuffer bytes = ByteBuffer.allocate(4 * sound.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(sound);
        // As floats: TarsosDSP divides 16-bit samples by 32767, and everyone else by 32768.
        TarsosDSPAudioFormat format =
                new TarsosDSPAudioFormat(TarsosDSPAudioFloatConverter.PCM_FLOAT, RATE, 32, 1, 4, RATE, false);
        AudioDispatcher dispatcher = new AudioDispatcher(
                new UniversalAudioInputStream(new ByteArrayInputStream(bytes.array()), format), 1024, 256);
        dispatcher.setZeroPadLastBuffer(false);
        List<TranscriptEvent> events = new ArrayList<>();
        try (Transcriber transcriber = transcriber(events)) {
            dispatcher.addAudioProcessor(new EngineProcessor(transcriber, format, 1024));
            dispatcher.run();
        }
        assertEquals(expected, events);
    }

    @Test
    void playedToTheMixerOfJavaSound() throws Exception {
        Path said = folder.resolve("said.json");
        System.setProperty(PROPERTIES + "text", said.toString());
        System.setProperty(PROPERTIES + "model", model.toString());
        System.setProperty(PROPERTIES + "pace", "none");
        try (AudioInputStream recording = AudioSystem.getAudioInputStream(SAMPLE.toFile())) {
            AudioFormat format = recording.getFormat();
            Mixer.Info mixer = Arrays.stream(AudioSystem.getMixerInfo())
                    .filter(info -> info.getName().equals("Mamba Transcriber"))
                    .findFirst()
                    .orElseThrow();
            SourceDataLine line = AudioSystem.getSourceDataLine(format, mixer);
            line.open(format);
            line.start();
            byte[] all = recording.readAllBytes();
            line.write(all, 0, all.length);
            line.drain();
            line.close();
        } finally {
            List.of("text", "model", "pace").forEach(name -> System.clearProperty(PROPERTIES + name));
        }
        List<String> lines = Files.readAllLines(said);
        List<String> texts = text(expected);
        assertEquals(texts.size(), lines.size());
        for (int i = 0; i < texts.size(); i++) {
            assertTrue(lines.get(i).contains("\"" + texts.get(i) + "\""), lines.get(i));
        }
    }
}
