package io.mambaaudio.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The shell launcher in a checkout of its own, where Maven and Java are scripts that say what they were asked. */
@DisabledOnOs(OS.WINDOWS)
final class LauncherTest {
    private static final Path LAUNCHER =
            Path.of("..").toAbsolutePath().normalize().resolve("mamba-audio");

    @TempDir
    private Path folder;

    private Path checkout = Path.of("");
    private Path jdk = Path.of("");

    private record Result(int code, String out, String err) {}

    @BeforeEach
    void makeACheckout() throws IOException {
        checkout = Files.createDirectories(folder.resolve("my check out"));
        jdk = Files.createDirectories(folder.resolve("my jdk"));
        // Nothing outside may be found, so that a machine with a JDK 25 in a usual place gives the same result.
        String launcher =
                Files.readString(LAUNCHER).replace("/usr/", "/nowhere/").replace("/opt/", "/nowhere/");
        script(checkout.resolve("mamba-audio"), launcher.substring(launcher.indexOf('\n') + 1));
        script(checkout.resolve("mvnw"), "echo build >> builds; mkdir -p demo/target/app/lib; exit ${MVNW_RESULT:-0}");
        script(
                jdk.resolve("bin/java"),
                "echo \"args: ${*: -2}\"; echo \"cwd: $PWD\"; echo noise >&2; echo talk >&3; exit 7");
        script(jdk.resolve("bin/javac"), "");
        Files.writeString(jdk.resolve("release"), "IMPLEMENTOR=\"X\"\nJAVA_VERSION=\"25.0.3\"\n");
        Files.createDirectories(checkout.resolve("dsp/src/main"));
        Files.writeString(checkout.resolve("dsp/src/main/A.java"), "");
        Files.writeString(checkout.resolve("pom.xml"), "");
        age(checkout.resolve("dsp/src/main/A.java"));
        age(checkout.resolve("dsp/src/main"));
        age(checkout.resolve("pom.xml"));
    }

    private static void script(Path file, String body) throws IOException {
        Files.createDirectories(file.resolveSibling("."));
        Files.writeString(file, "#!/usr/bin/env bash\n" + body + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    /** As if written an hour ago. */
    private static void age(Path file) throws IOException {
        Files.setLastModifiedTime(file, FileTime.from(Instant.now().minus(Duration.ofHours(1))));
    }

    private Result run(Path launcher, Map<String, String> environment, String... args) throws Exception {
        ProcessBuilder builder = new ProcessBuilder("bash", launcher.toString());
        builder.command().addAll(List.of(args));
        builder.environment().keySet().removeIf(name -> !name.equals("PATH"));
        builder.environment().put("HOME", folder.toString());
        builder.environment().putAll(environment);
        Path out = folder.resolve("out");
        Path err = folder.resolve("err");
        Process process = builder.directory(folder.toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile())
                .start();
        process.getOutputStream().close();
        assertTrue(process.waitFor(60, TimeUnit.SECONDS), "the launcher hangs");
        return new Result(process.exitValue(), Files.readString(out), Files.readString(err));
    }

    private Result run(String... args) throws Exception {
        return run(checkout.resolve("mamba-audio"), Map.of("JAVA_HOME", jdk.toString()), args);
    }

    private int builds() throws IOException {
        Path builds = checkout.resolve("builds");
        return Files.exists(builds)
                ? Files.readAllLines(builds, StandardCharsets.UTF_8).size()
                : 0;
    }

    @Test
    void buildsOnceAndHandsOverArgumentsFolderAndExitCode() throws Exception {
        Result first = run("transcribe", "my talk.wav");
        assertEquals(7, first.code(), first.err());
        assertEquals("args: transcribe my talk.wav\ncwd: " + folder.toRealPath() + "\n", first.out());
        assertTrue(first.err().contains("building"), first.err());
        Result second = run("transcribe", "x");
        assertEquals("talk\n", second.err(), "what the JVM prints by itself is not for the user");
        assertEquals(1, builds());
    }

    @Test
    void buildsAgainWhenASourceIsNewer() throws Exception {
        run();
        Path source = checkout.resolve("dsp/src/main/A.java");
        Files.setLastModifiedTime(source, FileTime.from(Instant.now().plusSeconds(5)));
        run();
        assertEquals(2, builds());
    }

    @Test
    void buildsAgainWhenASourceWentAway() throws Exception {
        run();
        TimeUnit.MILLISECONDS.sleep(20);
        Files.delete(checkout.resolve("dsp/src/main/A.java"));
        run();
        assertEquals(2, builds());
    }

    @Test
    void worksThroughALink() throws Exception {
        Path link = Files.createSymbolicLink(folder.resolve("ma"), checkout.resolve("mamba-audio"));
        Path linkToLink = Files.createSymbolicLink(
                folder.resolve("ma2"), Path.of(link.getFileName().toString()));
        assertEquals(7, run(linkToLink, Map.of("JAVA_HOME", jdk.toString())).code());
    }

    @Test
    void findsTheJdkOnThePath() throws Exception {
        Path bin = Files.createDirectories(folder.resolve("bin"));
        Files.createSymbolicLink(bin.resolve("javac"), jdk.resolve("bin/javac"));
        Result result = run(checkout.resolve("mamba-audio"), Map.of("PATH", bin + ":" + System.getenv("PATH")), "x");
        assertEquals(7, result.code(), result.err());
    }

    @Test
    void findsTheJdkOfSdkman() throws Exception {
        Path candidates = Files.createDirectories(folder.resolve(".sdkman/candidates/java"));
        Files.createSymbolicLink(candidates.resolve("25-tem"), jdk);
        assertEquals(
                7,
                run(checkout.resolve("mamba-audio"), Map.of("JAVA_HOME", "/none"))
                        .code());
    }

    @Test
    void saysHowToGetAJdk() throws Exception {
        Files.writeString(jdk.resolve("release"), "JAVA_VERSION=\"21.0.2\"\n");
        Result result =
                run(checkout.resolve("mamba-audio"), Map.of("JAVA_HOME", jdk.toString(), "PATH", "/nowhere:/bin"));
        assertEquals(2, result.code(), result.err());
        assertEquals(1, result.err().lines().count(), result.err());
        assertTrue(result.err().contains("needs a JDK 25"), result.err());
        assertTrue(result.err().contains("https://adoptium.net"), result.err());
    }

    @Test
    void aBuildThatFailsNamesItsLogAndIsTriedAgain() throws Exception {
        Map<String, String> failing = Map.of("JAVA_HOME", jdk.toString(), "MVNW_RESULT", "1");
        Result result = run(checkout.resolve("mamba-audio"), failing);
        assertEquals(1, result.code());
        assertTrue(
                result.err().contains("the build failed; see " + checkout.toRealPath() + "/demo/target/build.log"),
                result.err());
        assertFalse(result.out().contains("args"), result.out());
        run();
        assertEquals(2, builds());
    }
}
