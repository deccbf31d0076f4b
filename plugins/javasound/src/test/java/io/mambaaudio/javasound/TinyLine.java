package io.mambaaudio.javasound;

import io.mambaaudio.engine.AudioEngine;
import io.mambaaudio.engine.AudioInputs;
import io.mambaaudio.engine.AudioOutputs;
import io.mambaaudio.engine.SampleEncoding;
import io.mambaaudio.engine.StreamFormat;
import io.mambaaudio.models.Mamba;
import io.mambaaudio.speech.Transcriber;
import io.mambaaudio.speech.TranscriptEvent;
import java.io.ByteArrayInputStream;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import javax.sound.sampled.AudioFormat;
import javax.sound.sampled.AudioSystem;
import javax.sound.sampled.LineUnavailableException;
import javax.sound.sampled.Mixer;
import javax.sound.sampled.SourceDataLine;

/** Lines with a random model of 37 kB that turns any sound into words, at full speed. */
final class TinyLine {
    static final AudioFormat SPEECH = new AudioFormat(16_000, 16, 1, true, false);

    private TinyLine() {}

    static Path model() {
        try {
            return Path.of(Objects.requireNonNull(TinyLine.class.getResource("tiny-speech.safetensors"))
                    .toURI());
        } catch (URISyntaxException e) {
            throw new AssertionError(e);
        }
    }

    static void useForLines() {
        System.setProperty(Settings.MODEL, model().toString());
        System.setProperty(Settings.PACE, "none");
    }

    static void forget() {
        for (String name : List.of(Settings.MODEL, Settings.PACE, Settings.TEXT)) {
            System.clearProperty(name);
        }
    }

    static Mixer.Info mixerInfo() {
        return Arrays.stream(AudioSystem.getMixerInfo())
                .filter(info -> info.getName().equals("Mamba Transcriber"))
                .findFirst()
                .orElseThrow();
    }

    static SourceDataLine line(AudioFormat format) throws LineUnavailableException {
        return AudioSystem.getSourceDataLine(format, mixerInfo());
    }

    /** Noise that comes and goes, as 16-bit samples. */
    static byte[] sound(int frames) {
        long seed = 11;
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        ByteBuffer bytes = ByteBuffer.allocate(2 * frames).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < frames; i++) {
            double quiet = i % 7000 > 6000 ? 0 : 1;
            double sample = quiet * (0.3 * Math.sin(0.02 * i + 2e-5 * i * i) + 0.2 * random.nextGaussian());
            bytes.putShort((short) Math.round(Math.clamp(sample, -1, 1) * Short.MAX_VALUE));
        }
        return bytes.array();
    }

    /** What the engine says by itself. */
    static List<TranscriptEvent> direct(byte[] bytes, SampleEncoding encoding, StreamFormat format) {
        List<TranscriptEvent> events = new ArrayList<>();
        Transcriber transcriber =
                Transcriber.builder(Mamba.open(model())).listener(events::add).build();
        AudioEngine.run(
                AudioInputs.raw("bytes", new ByteArrayInputStream(bytes), encoding, format),
                List.of(transcriber),
                AudioOutputs.discard());
        return events;
    }

    static List<String> engineThreads() throws InterruptedException {
        List<String> names = List.of();
        for (int i = 0; i < 50; i++) {
            names = Thread.getAllStackTraces().keySet().stream()
                    .map(Thread::getName)
                    .filter(name -> name.startsWith("mamba-"))
                    .toList();
            if (names.isEmpty()) {
                break;
            }
            Thread.sleep(20);
        }
        return names;
    }
}
