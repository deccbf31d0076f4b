package io.mambaaudio.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.awt.GraphicsEnvironment;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DesktopCommandTest {
    @TempDir
    private Path folder;

    @Test
    void withoutAScreenItIsOneLineThatSaysWhatElseThereIs() {
        assumeTrue(GraphicsEnvironment.isHeadless(), "skipped, there is a screen");
        TestTerminal terminal = TestTerminal.piped();
        assertEquals(2, terminal.run("desktop"));
        assertTrue(terminal.err().startsWith("mamba-audio: no window can be opened: "), terminal.err());
        assertTrue(terminal.err().contains("mamba-audio transcribe --mic"), terminal.err());
        assertEquals(1, terminal.err().lines().count(), terminal.err());
    }

    @Test
    void anUnknownThemeIsOneLine() {
        TestTerminal terminal = TestTerminal.piped();
        assertEquals(2, terminal.run("desktop", "--theme", "pink"));
        assertEquals("mamba-audio: --theme pink is not known; choose light or dark\n", terminal.err());
    }

    /** Start-up is what users of the command line wait for. */
    @Test
    void otherCommandsLoadNothingOfTheWindow() throws Exception {
        Path log = folder.resolve("classes");
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        String classPath = Stream.of("java.class.path", "jdk.module.path")
                .map(name -> System.getProperty(name, ""))
                .filter(path -> !path.isEmpty())
                .collect(Collectors.joining(File.pathSeparator));
        Process process = new ProcessBuilder(
                        java.toString(),
                        "-XX:+UseSerialGC",
                        "-Xlog:class+load:file=" + log,
                        "-cp",
                        classPath,
                        "--add-modules",
                        "jdk.incubator.vector",
                        Main.class.getName(),
                        "transcribe")
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("out").toFile())
                .start();
        assertTrue(process.waitFor(60, TimeUnit.SECONDS));
        assertEquals(0, process.exitValue(), Files.readString(folder.resolve("out")));
        String loaded = Files.readString(log);
        assertTrue(loaded.contains("io.mambaaudio.demo.TranscribeCommand "), "the log has classes");
        List<String> windows = loaded.lines()
                .filter(line -> line.contains(" javax.swing.")
                        || line.contains(" com.formdev.")
                        || line.contains(" io.mambaaudio.demo.desktop.")
                        || line.contains(" java.awt.Component "))
                .toList();
        assertEquals(List.of(), windows);
    }
}
