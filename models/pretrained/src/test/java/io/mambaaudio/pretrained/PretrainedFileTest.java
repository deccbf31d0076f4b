package io.mambaaudio.pretrained;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationTargetException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Objects;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The weights as a file, out of a jar that is made here. */
final class PretrainedFileTest {
    private static final byte[] WEIGHTS = {1, 2, 3, 4, 5};

    @TempDir
    private Path folder;

    /** {@code Pretrained.SPEECH.file(cache)} of a program that runs from a jar with these weights. */
    private Path fileFromJar(byte[] weights, Path cache) throws Exception {
        Path jar = Files.createTempFile(folder, "weights", ".jar");
        try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar))) {
            entry(out, "io/mambaaudio/pretrained/Pretrained.class", classBytes());
            entry(out, "io/mambaaudio/pretrained/speech/model.safetensors", weights);
        }
        try (URLClassLoader loader = new URLClassLoader(new URL[] {jar.toUri().toURL()}, null)) {
            Class<?> type = loader.loadClass(Pretrained.class.getName());
            Object speech = type.getEnumConstants()[0];
            return (Path) type.getMethod("file", Path.class).invoke(speech, cache);
        } catch (InvocationTargetException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : e;
        }
    }

    private static void entry(JarOutputStream out, String name, byte[] bytes) throws IOException {
        out.putNextEntry(new JarEntry(name));
        out.write(bytes);
        out.closeEntry();
    }

    private static byte[] classBytes() throws IOException {
        try (InputStream in = Objects.requireNonNull(Pretrained.class.getResourceAsStream("Pretrained.class"))) {
            return in.readAllBytes();
        }
    }

    private static List<Path> files(Path cache) throws IOException {
        try (Stream<Path> all = Files.list(cache)) {
            return all.toList();
        }
    }

    @Test
    void theCopyHasTheWeightsAndIsMadeOnce() throws Exception {
        Path cache = folder.resolve("not/yet/there");
        Path copy = fileFromJar(WEIGHTS, cache);
        assertArrayEquals(WEIGHTS, Files.readAllBytes(copy));
        FileTime past = FileTime.fromMillis(1_000_000);
        Files.setLastModifiedTime(copy, past);
        assertEquals(copy, fileFromJar(WEIGHTS, cache));
        assertEquals(past, Files.getLastModifiedTime(copy), "written again");
        assertEquals(List.of(copy), files(cache), "nothing else may be left behind");
    }

    @Test
    void otherWeightsAreAnotherFile() throws Exception {
        Path copy = fileFromJar(WEIGHTS, folder.resolve("cache"));
        Path other = fileFromJar(new byte[] {1, 2, 3, 4, 6}, folder.resolve("cache"));
        assertEquals(2, files(folder.resolve("cache")).size());
        assertArrayEquals(WEIGHTS, Files.readAllBytes(copy));
        assertArrayEquals(new byte[] {1, 2, 3, 4, 6}, Files.readAllBytes(other));
    }

    @Test
    void aCopyThatWasCutShortIsMadeAgain() throws Exception {
        Path copy = fileFromJar(WEIGHTS, folder.resolve("cache"));
        Files.write(copy, new byte[] {1, 2});
        assertArrayEquals(WEIGHTS, Files.readAllBytes(fileFromJar(WEIGHTS, folder.resolve("cache"))));
    }

    @Test
    void aFolderThatCannotBeMadeIsOneLine() throws Exception {
        Path inTheWay = Files.writeString(folder.resolve("file"), "");
        UncheckedIOException thrown =
                assertThrows(UncheckedIOException.class, () -> fileFromJar(WEIGHTS, inTheWay.resolve("cache")));
        assertTrue(
                String.valueOf(thrown.getMessage()).contains("choose a folder that can be written"), thrown.toString());
    }
}
