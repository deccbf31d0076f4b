package io.mambaaudio.formats;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The readers are found in a JVM of their own, by whichever path the application comes. */
final class PathsTest {
    /** What an application would write, without any word about formats. */
    private static final String APPLICATION = """
            import io.mambaaudio.engine.*;
            import java.nio.file.Path;
            import java.util.List;

            class Application {
                public static void main(String[] files) {
                    System.out.println(Processors.ids());
                    for (String file : files) {
                        System.out.println(AudioEngine.run(AudioInputs.file(Path.of(file)), List.of(), AudioOutputs.discard())
                                .framesOut());
                    }
                }
            }
            """;

    @TempDir
    Path folder;

    @Test
    void theClassPathIsEnough() throws Exception {
        assertReads("-cp", path());
    }

    @Test
    void theModulePathIsEnough() throws Exception {
        assertReads("-p", path(), "--add-modules", "io.mambaaudio.formats,io.mambaaudio.engine");
    }

    private void assertReads(String... options) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(options));
        command.add(Files.writeString(folder.resolve("Application.java"), APPLICATION)
                .toString());
        for (String name : List.of("mono16.flac", "mono16.mp3", "mono48.opus")) {
            command.add(Files.write(folder.resolve(name), Assets.bytes(name)).toString());
        }
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(process.waitFor(60, TimeUnit.SECONDS));
        assertEquals(
                List.of("[gain, meter, record]", "6400", "6400", "14880"),
                output.lines().toList());
    }

    /** All that this JVM has, but for tests. */
    private static String path() {
        String paths =
                System.getProperty("jdk.module.path", "") + File.pathSeparator + System.getProperty("java.class.path");
        return Arrays.stream(paths.split(File.pathSeparator))
                .filter(p ->
                        !p.isEmpty() && !p.contains("test-classes") && !p.contains("junit") && !p.contains("surefire"))
                .distinct()
                .collect(Collectors.joining(File.pathSeparator));
    }
}
