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

/** The weights that ship with the engine, as resources of this module. Any thread. */
public enum Pretrained {
    /** English streaming speech recognition: Mamba-2 with word pieces, int8. */
    SPEECH("speech");

    private final String folder;

    Pretrained(String folder) {
        this.folder = folder;
    }

    /**
     * The checkpoint.
     *
     * @return where the safetensors file is; inside a jar this is a {@code jar:} address
     */
    public URL checkpoint() {
        return Objects.requireNonNull(
                Pretrained.class.getResource(folder + "/model.safetensors"),
                "this build has no weights for " + this + "; build models/pretrained with its resources");
    }

    /**
     * The checkpoint as a file that can be memory-mapped. Where the weights lie in a folder it is that file; out of a jar they are
     * copied once to a folder of the caller's choice, under a name that holds their checksum. Any number of threads and processes may
     * do so at once.
     *
     * @param cacheFolder where a copy may be kept; made if it is missing
     * @return the file
     * @throws UncheckedIOException in one line, if the copy cannot be written
     */
    public Path file(Path cacheFolder) {
        URL address = checkpoint();
        try {
            if (address.getProtocol().equals("file")) {
                return Path.of(address.toURI());
            }
            JarEntry entry = ((JarURLConnection) address.openConnection()).getJarEntry();
            Path copy = cacheFolder.resolve(folder + "-" + Long.toHexString(entry.getCrc()) + ".safetensors");
            if (!Files.isRegularFile(copy) || Files.size(copy) != entry.getSize()) {
                copyTo(copy);
            }
            return copy;
        } catch (IOException | URISyntaxException e) {
            throw new UncheckedIOException(
                    "the weights cannot be copied to " + cacheFolder + " (" + e.getMessage()
                            + "); choose a folder that can be written",
                    e instanceof IOException io ? io : new IOException(e));
        }
    }

    /** Through a temporary file beside the copy, so that nobody ever sees half of it. */
    private void copyTo(Path copy) throws IOException {
        Path folderOfCopy = Objects.requireNonNull(copy.getParent());
        Files.createDirectories(folderOfCopy);
        Path part = Files.createTempFile(folderOfCopy, folder, ".part");
        try (InputStream in = checkpoint().openStream()) {
            Files.copy(in, part, StandardCopyOption.REPLACE_EXISTING);
            Files.move(part, copy, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(part);
        }
    }
}
