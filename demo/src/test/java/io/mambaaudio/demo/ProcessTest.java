package io.mambaaudio.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The command line as a process of its own: standard streams, signals, exit codes. */
final class ProcessTest {
    private static final long PATIENCE_SECONDS = 60;
    /** Three seconds, which end an utterance. */
    private static final byte[] SILENCE = new byte[3 * 2 * 16_000];

    @TempDir
    private Path folder;

    private Process start(String... args) throws IOException {
        return start(List.of(), args);
    }

    private Process start(List<String> jvmOptions, String... args) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-cp",
                classPath(),
                "--add-modules",
                "jdk.incubator.vector"));
        command.addAll(jvmOptions);
        command.add(Main.class.getName());
        command.addAll(Arrays.asList(args));
        return new ProcessBuilder(command).redirectError(errors().toFile()).start();
    }

    /** All that this test sees, whether it came on the class path or the module path. */
    private static String classPath() {
        return Stream.of("java.class.path", "jdk.module.path")
                .map(name -> System.getProperty(name, ""))
                .filter(path -> !path.isEmpty())
                .collect(Collectors.joining(File.pathSeparator));
    }

    private Path errors() {
        return folder.resolve("err");
    }

    private static int exitCode(Process process) throws InterruptedException {
        if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError("the process did not end in " + PATIENCE_SECONDS + " s");
        }
        return process.exitValue();
    }

    private static String text(InputStream in) {
        try (in) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void aMistakeEndsWithCode2() throws Exception {
        Process process = start("transcribe", "nowhere.wav");
        assertEquals("", text(process.getInputStream()));
        assertEquals(2, exitCode(process));
        assertTrue(Files.readString(errors()).contains("nowhere.wav"), Files.readString(errors()));
    }

    @Test
    void theUsersStandardErrorCanBeParkedOnDescriptor3() throws Exception {
        Process process = start(List.of("-Dmamba.audio.stderr.parked=true"), "devices");
        text(process.getInputStream());
        assertFalse(
                exitCode(process) == 0, "descriptor 3 without --add-opens is not usable, which must not go unnoticed");
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void ctrlCPrintsWhatWasSaidAndEndsWithCode130() throws Exception {
        Process process = start("transcribe", "--raw", "s16le:16000:1", "-");
        OutputStream out = process.getOutputStream();
        BufferedReader said = process.inputReader(StandardCharsets.UTF_8);
        out.write(EndToEndTest.samplePcm());
        out.write(SILENCE);
        out.flush();
        assertNotNull(said.readLine(), "no text after silence"); // and the pipe stays open, as a microphone does
        out.write(EndToEndTest.samplePcm());
        out.flush();
        TimeUnit.SECONDS.sleep(5); // no sign tells from outside that these words were heard
        new ProcessBuilder("kill", "-INT", Long.toString(process.pid())).start().waitFor();
        // First the end, which has a limit: who starts this test with SIGINT ignored (a shell's background job) waits
        // for ever otherwise.
        assertEquals(130, exitCode(process), Files.readString(errors()));
        String rest = said.lines().collect(Collectors.joining(" "));
        assertFalse(rest.isBlank(), "the words before Ctrl-C are lost");
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void aReaderThatGoesAwayEndsTheStreamQuietly() throws Exception {
        Process process = start("transcribe", "--raw", "s16le:16000:1", "-");
        process.getInputStream().close();
        try (OutputStream out = process.getOutputStream()) {
            for (int i = 0; i < 100 && process.isAlive(); i++) {
                out.write(EndToEndTest.samplePcm());
                out.write(SILENCE);
            }
        } catch (IOException e) {
            // the process has ended, as it should
        }
        assertEquals(141, exitCode(process));
        assertEquals("", errorsOfOurs());
    }

    private String errorsOfOurs() throws IOException {
        return Files.readString(errors())
                .lines()
                .filter(line -> !line.startsWith("WARNING"))
                .collect(Collectors.joining());
    }
}
