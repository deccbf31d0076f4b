package io.mambaaudio.javasound;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mambaaudio.engine.AudioEngine;
import io.mambaaudio.engine.AudioInputs;
import io.mambaaudio.engine.AudioOutputs;
import io.mambaaudio.speech.SpeechPlugin;
import io.mambaaudio.speech.TranscriptEvent;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A program that imports Java Sound alone plays the shipped recording, in a JVM of its own, and the text is the engine's. */
final class UnawareProgramTest {
    /** Tests run in the module's folder. */
    private static final Path SAMPLE = Path.of("../../demo/src/main/resources/io/mambaaudio/demo/sample.wav");

    private static final int SAMPLE_FRAMES = 97_600;
    private static List<String> expected = List.of();

    @TempDir
    private Path folder;

    @BeforeAll
    static void hearItWithTheEngine() {
        List<String> said = new ArrayList<>();
        SpeechPlugin plugin = new SpeechPlugin();
        plugin.listener(event -> {
            if (event instanceof TranscriptEvent.Final utterance) {
                said.add(utterance.text());
            }
        });
        AudioEngine.run(AudioInputs.file(SAMPLE), List.of(plugin), AudioOutputs.discard());
        assertFalse(said.isEmpty());
        expected = said;
    }

    @Test
    void byNameFromTheClassPath() throws Exception {
        assertSaysTheSame(List.of("-cp", path() + File.pathSeparator + tests()), "Mamba Transcriber");
    }

    @Test
    void asTheDefaultDeviceFromTheModulePath() throws Exception {
        assertSaysTheSame(List.of(
                "-Djavax.sound.sampled.SourceDataLine=#Mamba Transcriber",
                "-p",
                path(),
                "--add-modules",
                "io.mambaaudio.javasound,io.mambaaudio.pretrained",
                "-cp",
                unaware().toString()));
    }

    private void assertSaysTheSame(List<String> options, String... device) throws IOException, InterruptedException {
        Path text = folder.resolve("said.txt");
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(
                "-XX:+UseSerialGC",
                "--add-modules",
                "jdk.incubator.vector",
                "-D" + Settings.TEXT + "=" + text,
                "-D" + Settings.PACE + "=none"));
        command.addAll(options);
        command.add("unaware.Player");
        command.add(SAMPLE.toString());
        command.addAll(List.of(device));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(process.waitFor(60, TimeUnit.SECONDS));
        assertTrue(output.contains("played frames=" + SAMPLE_FRAMES), output);
        assertEquals(expected, Files.readAllLines(text), output);
    }

    /** Only the program's own class, as its jar would be. */
    private Path unaware() throws IOException {
        Path copy = folder.resolve("unaware");
        Files.createDirectories(copy.resolve("unaware"));
        Files.copy(Path.of(tests()).resolve("unaware/Player.class"), copy.resolve("unaware/Player.class"));
        return copy;
    }

    private static String tests() {
        return Path.of("target/test-classes").toString();
    }

    /** All that this JVM has, but for tests. */
    private static String path() {
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(p -> !p.contains("test-classes") && !p.contains("junit") && !p.contains("surefire"))
                .distinct()
                .collect(Collectors.joining(File.pathSeparator));
    }
}
