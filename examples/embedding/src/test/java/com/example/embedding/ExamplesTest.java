package com.example.embedding;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;

import io.mambaaudio.engine.ArrayOutput;
import io.mambaaudio.engine.AudioEngine;
import io.mambaaudio.engine.AudioInputs;
import io.mambaaudio.engine.AudioOutputs;
import io.mambaaudio.models.Mamba;
import io.mambaaudio.pretrained.Pretrained;
import io.mambaaudio.speech.TranscriptEvent;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import javax.sound.sampled.AudioFormat;
import javax.sound.sampled.TargetDataLine;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every example hears the same sound and has to say the same. */
final class ExamplesTest {
    /** Tests run in the project's folder. */
    private static final Path SAMPLE = Path.of("../../demo/src/main/resources/io/mambaaudio/demo/sample.wav");

    private static final int RATE = 16_000;

    @TempDir
    private static Path folder;

    private static Mamba model;
    private static float[] sound;
    private static String expected;

    @BeforeAll
    static void open() {
        ArrayOutput output = AudioOutputs.array();
        AudioEngine.run(AudioInputs.file(SAMPLE), List.of(), output);
        sound = output.samples()[0];
        model = Mamba.open(Pretrained.SPEECH.file(folder));
        expected = ManySessions.text(model, sound, RATE);
        System.out.println(expected);
        assertFalse(expected.isBlank());
    }

    @Test
    void tenLinesOnALineOfJavaSound() throws Exception {
        ByteBuffer bytes = ByteBuffer.allocate(2 * sound.length).order(ByteOrder.LITTLE_ENDIAN);
        for (float sample : sound) {
            bytes.putShort((short) Math.round(sample * 32_768));
        }
        PrintStream out = System.out;
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        System.setOut(new PrintStream(said, true, StandardCharsets.UTF_8));
        try {
            TenLines.transcribe(line(new ByteArrayInputStream(bytes.array())), folder);
        } finally {
            System.setOut(out);
        }
        assertEquals(expected, said.toString(StandardCharsets.UTF_8).strip().replace('\n', ' '));
    }

    /** A line that has recorded these bytes, since a build machine has no microphone. */
    private static TargetDataLine line(InputStream recorded) {
        return (TargetDataLine) Proxy.newProxyInstance(
                ExamplesTest.class.getClassLoader(), new Class<?>[] {TargetDataLine.class}, (proxy, method, args) -> switch (
                        method.getName()) {
                    case "getFormat" -> new AudioFormat(RATE, 16, 1, true, false);
                    case "read" -> recorded.read((byte[]) args[0], (int) args[1], (int) args[2]);
                    default -> null;
                });
    }

    @Test
    void aCallbackOnTheCallersThread() {
        List<String> said = new ArrayList<>();
        Thread caller = Thread.currentThread();
        try (Callback callback = new Callback(model, RATE, event -> {
            assertEquals(caller, Thread.currentThread());
            if (event instanceof TranscriptEvent.Final utterance) {
                said.add(utterance.text());
            }
        })) {
            for (int at = 0; at < sound.length; at += 1000) {
                callback.push(Arrays.copyOfRange(sound, at, Math.min(sound.length, at + 1000)));
            }
        }
        assertEquals(expected, String.join(" ", said));
    }

    @Test
    void aPublisher() throws Exception {
        List<String> said = new ArrayList<>();
        CompletableFuture<Void> complete = new CompletableFuture<>();
        try (Events events = new Events(model, AudioInputs.array(new float[][] {sound}, RATE))) {
            events.publisher().subscribe(new Flow.Subscriber<>() {
                @Override
                public void onSubscribe(Flow.Subscription subscription) {
                    subscription.request(Long.MAX_VALUE);
                }

                @Override
                public void onNext(TranscriptEvent event) {
                    if (event instanceof TranscriptEvent.Final utterance) {
                        said.add(utterance.text());
                    }
                }

                @Override
                public void onError(Throwable thrown) {
                    complete.completeExceptionally(thrown);
                }

                @Override
                public void onComplete() {
                    complete.complete(null);
                }
            });
            events.start();
        }
        complete.get(60, TimeUnit.SECONDS);
        assertEquals(expected, String.join(" ", said));
    }

    @Test
    void manySessionsOnOneModelOnVirtualThreads() throws Exception {
        List<String> texts = ManySessions.transcribe(model, List.of(sound, sound, sound, sound), RATE);
        assertEquals(List.of(expected, expected, expected, expected), texts);
    }

    @Test
    void twoModelsAtOnce() throws Exception {
        Path copy = Files.copy(Pretrained.SPEECH.file(folder), folder.resolve("another.safetensors"));
        Mamba another = Mamba.open(copy);
        assertNotSame(model, another);
        CompletableFuture<String> there = CompletableFuture.supplyAsync(() -> ManySessions.text(another, sound, RATE));
        assertEquals(expected, ManySessions.text(model, sound, RATE));
        assertEquals(expected, there.get(60, TimeUnit.SECONDS));
    }
}
