package io.mambaaudio.pretrained;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.JarURLConnection;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Objects;
import java.util.jar.JarEntry;

/** The models that ship with the engine, as resources of this module. Any thread. */
public enum Pretrained {
    /** English streaming speech recognition: a safetensors checkpoint of Mamba-2 with word pieces, int8. */
    SPEECH("speech", "model", ".safetensors"),

    /** The same in a quarter of the size, for small machines and for tests; it makes more mistakes. */
    SPEECH_TINY("speech-tiny", "model", ".safetensors"),

    /** English words after each other: a compact n-gram file, for the search of the speech decoder. */
    ENGLISH_WORDS("speech", "words", ".ngram"),

    /** English novels, byte by byte: a small safetensors checkpoint of Mamba-2, int8, a sample for language. */
    ENGLISH_BYTES("language", "model", ".safetensors");

    private final String folder;
    private final String name;
    private final String extension;

    Pretrained(String folder, String name, String extension) {
        this.folder = folder;
        this.name = name;
        this.extension = extension;
    }

    /**
     * The model.
     *
     * @return where its file is; inside a jar this is a {@code jar:} address
     */
    public URL address() {
        String resource = folder + "/" + name + extension;
        return Objects.requireNonNull(
                Pretrained.class.getResource(resource),
                "this build has no " + resource + "; build models/pretrained with its resources");
    }

    /**
     * The model as a file that can be memory-mapped. Where it lies in a folder it is that file; out of a jar it is
     * copied once to a folder of the caller's choice, under a name that holds their checksum. Any number of threads and processes may
     * do so at once.
     *
     * @param cacheFolder where a copy may be kept; made if it is missing
     * @return the file
     * @throws UncheckedIOException in one line, if the copy cannot be written
     */
    public Path file(Path cacheFolder) {
        URL address = address();
        try {
            if (address.getProtocol().equals("file")) {
                return Path.of(address.toURI());
            }
            JarEntry entry = ((JarURLConnection) address.openConnection()).getJarEntry();
            Path copy = cacheFolder.resolve(folder + "-" + Long.toHexString(entry.getCrc()) + extension);
            if (!Files.isRegularFile(copy) || Files.size(copy) != entry.getSize()) {
                copyTo(copy);
            }
            return copy;
        } catch (IOException | URISyntaxException e) {
            throw new UncheckedIOException(
                    "the model cannot be copied to " + cacheFolder + " (" + e.getMessage()
                            + "); choose a folder that can be written",
                    e instanceof IOException io ? io : new IOException(e));
        }
    }

    /** Through a temporary file beside the copy, so that nobody ever sees half of it. */
    private void copyTo(Path copy) throws IOException {
        Path folderOfCopy = Objects.requireNonNull(copy.getParent());
        Files.createDirectories(folderOfCopy);
        Path part = Files.createTempFile(folderOfCopy, folder, ".part");
        try (InputStream in = address().openStream()) {
            Files.copy(in, part, StandardCopyOption.REPLACE_EXISTING);
            Files.move(part, copy, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(part);
        }
    }
}
