package io.mambaaudio.lv2;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mambaaudio.engine.StreamFormat;
import io.mambaaudio.lv2.FakeHost.Message;
import io.mambaaudio.speech.Transcriber;
import io.mambaaudio.speech.TranscriptEvent;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SpeechInstanceTest {
    private static final int RATE = 48_000;

    @TempDir
    private Path folder;

    private static FakeHost host(int channels) {
        return new FakeHost(RATE, channels, 1 << 16, 1 << 16);
    }

    private static SpeechInstance instance(FakeHost host, Path file) {
        return new SpeechInstance(Tiny::recogniser, host.memory, file.toString());
    }

    /** What a transcriber says by itself. */
    private static List<Message> alone(float[][] sound) {
        List<Message> messages = new ArrayList<>();
        try (Transcriber transcriber = Tiny.recogniser()
                .listener(event -> messages.add(
                        switch (event) {
                            case TranscriptEvent.Partial p -> new Message(SharedMemory.PARTIAL, p.text());
                            case TranscriptEvent.Final f -> new Message(SharedMemory.FINAL, f.text());
                        }))
                .build()) {
            transcriber.prepare(new StreamFormat(RATE, sound.length), sound[0].length);
            transcriber.process(sound, new float[sound.length][sound[0].length], sound[0].length);
            transcriber.finish();
        }
        assertTrue(messages.size() > 10, "the sound has words: " + messages);
        return messages;
    }

    private static List<String> finals(List<Message> messages) {
        return messages.stream()
                .filter(m -> m.kind() == SharedMemory.FINAL)
                .map(Message::text)
                .toList();
    }

    private static String wrong(byte[] line) {
        return new String(line, StandardCharsets.UTF_8);
    }

    @Test
    void theTextIsThatOfATranscriberThatHearsTheSame() throws Exception {
        float[][] sound = Tiny.sound(1, 2, RATE, 6);
        FakeHost host = host(2);
        Path file = folder.resolve("text.txt");
        SpeechInstance instance = instance(host, file);
        instance.activate();
        assertTrue(host.listened());
        host.writeAll(sound, 0, sound[0].length);
        assertEquals("", wrong(instance.deactivate()));
        assertFalse(host.listened());
        List<Message> expected = alone(sound);
        assertEquals(expected, host.receive());
        assertEquals(finals(expected), Files.readAllLines(file));
    }

    @Test
    void everyActivationIsANewStream() throws Exception {
        float[][] sound = Tiny.sound(2, 1, RATE, 4);
        FakeHost host = host(1);
        Path file = folder.resolve("text.txt");
        SpeechInstance instance = instance(host, file);
        List<String> expected = finals(alone(sound));
        for (int i = 1; i <= 3; i++) {
            host.write(Tiny.sound(9, 1, RATE, 0.5), 0, 1000); // from before the activation: not heard
            instance.activate();
            host.writeAll(sound, 0, sound[0].length);
            assertEquals("", wrong(instance.deactivate()));
            assertEquals(alone(sound), host.receive());
        }
        List<String> thrice = new ArrayList<>(expected);
        thrice.addAll(expected);
        thrice.addAll(expected);
        assertEquals(thrice, Files.readAllLines(file));
    }

    @Test
    void twoInstancesDoNotMix() throws Exception {
        float[][] one = Tiny.sound(3, 1, RATE, 4);
        float[][] two = Tiny.sound(4, 1, RATE, 4);
        FakeHost first = host(1);
        FakeHost second = host(1);
        SpeechInstance a = instance(first, folder.resolve("a.txt"));
        SpeechInstance b = instance(second, folder.resolve("b.txt"));
        a.activate();
        b.activate();
        for (int at = 0; at < one[0].length; at += 4800) {
            first.writeAll(one, at, at + 4800);
            second.writeAll(two, at, at + 4800);
        }
        assertEquals("", wrong(a.deactivate()));
        assertEquals("", wrong(b.deactivate()));
        assertEquals(alone(one), first.receive());
        assertEquals(alone(two), second.receive());
    }

    @Test
    void aFolderGetsAFileForEachStreamThatHasWords() throws Exception {
        float[][] sound = Tiny.sound(5, 1, RATE, 3);
        Path files = folder.resolve("new").resolve("folder");
        FakeHost host = host(1);
        SpeechInstance instance = new SpeechInstance(Tiny::recogniser, host.memory, files + "/");
        for (int i = 0; i < 2; i++) {
            instance.activate();
            assertEquals(i, count(files), "nothing was said yet, so nothing is made");
            host.writeAll(sound, 0, sound[0].length);
            instance.deactivate();
        }
        try (var list = Files.list(files)) {
            List<Path> made = list.toList();
            assertEquals(2, made.size(), made.toString());
            for (Path file : made) {
                assertEquals(finals(alone(sound)), Files.readAllLines(file));
            }
        }
    }

    private static long count(Path files) throws IOException {
        if (!Files.exists(files)) {
            return 0;
        }
        try (var list = Files.list(files)) {
            return list.count();
        }
    }

    @Test
    void theFileCanBeChosenWhileTheHostRuns() throws Exception {
        float[][] sound = Tiny.sound(6, 1, RATE, 4);
        FakeHost host = host(1);
        SpeechInstance instance = instance(host, folder.resolve("before.txt"));
        assertEquals(folder.resolve("before.txt").toString(), wrong(instance.chosen()));
        Path after = folder.resolve("n\u00e4chher.txt");
        instance.activate();
        assertTrue(host.post(after.toString()));
        for (int i = 0; i < 200 && host.memory.getInt(SharedMemory.LETTER_FULL) != 0; i++) {
            Thread.sleep(10);
        }
        assertEquals(after.toString(), wrong(instance.chosen()));
        host.writeAll(sound, 0, sound[0].length);
        instance.deactivate();
        assertFalse(Files.exists(folder.resolve("before.txt")));
        assertEquals(finals(alone(sound)), Files.readAllLines(after));
    }

    @Test
    void theHostCanForbidTheFile() throws Exception {
        float[][] sound = Tiny.sound(6, 1, RATE, 3);
        FakeHost host = host(1);
        host.memory.putInt(SharedMemory.WRITES_FILE, 0);
        SpeechInstance instance = instance(host, folder.resolve("text.txt"));
        instance.activate();
        host.writeAll(sound, 0, sound[0].length);
        instance.deactivate();
        assertEquals(alone(sound), host.receive());
        assertFalse(Files.exists(folder.resolve("text.txt")));
    }

    @Test
    void aFileThatCannotBeWrittenDoesNotEndTheStream() throws Exception {
        float[][] sound = Tiny.sound(7, 1, RATE, 3);
        FakeHost host = host(1);
        SpeechInstance instance = instance(host, folder.resolve("missing").resolve("text.txt"));
        instance.activate();
        host.writeAll(sound, 0, sound[0].length);
        assertEquals("", wrong(instance.deactivate()));
        assertEquals(alone(sound), host.receive());
    }

    @Test
    void aHostThatTakesNoTextDoesNotEndTheStream() throws Exception {
        float[][] sound = Tiny.sound(8, 1, RATE, 4);
        FakeHost host = new FakeHost(RATE, 1, 1 << 16, 64);
        Path file = folder.resolve("text.txt");
        SpeechInstance instance = instance(host, file);
        instance.activate();
        host.writeAll(sound, 0, sound[0].length);
        assertEquals("", wrong(instance.deactivate()));
        assertEquals(finals(alone(sound)), Files.readAllLines(file));
    }

    @Test
    void noThreadIsLeftAfterDeactivation() throws IOException {
        FakeHost host = host(1);
        SpeechInstance instance = instance(host, folder.resolve("text.txt"));
        for (int i = 0; i < 20; i++) {
            instance.activate();
            assertEquals(2, ours().size(), ours().toString());
            instance.activate(); // once more than asked for: nothing happens
            instance.deactivate();
            instance.deactivate();
            assertEquals(Set.of(), ours());
        }
    }

    private static Set<String> ours() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.startsWith("mamba-"))
                .collect(Collectors.toSet());
    }
}
