package io.mambaaudio.lv2;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Where finished text is written, a line an utterance. What is chosen is a file, which is appended to, or a folder (one that is there,
 * or a name that ends in a slash), in which each activation gets a file of its own, named after the time of its first line.
 *
 * <p>A line is one write to a file that is opened for it, so several instances may share a file. Any thread may choose.
 */
final class TextFile {
    private static final System.Logger LOG = System.getLogger(TextFile.class.getName());
    private static final DateTimeFormatter NAME = DateTimeFormatter.ofPattern("uuuu-MM-dd-HHmmss", Locale.ROOT);
    private static final int MOST_NAMES = 1000;

    private volatile String chosen;
    private String resolvedFor = "";
    private @Nullable Path resolved;
    private boolean complained;

    TextFile(String chosen) {
        this.chosen = chosen;
    }

    void choose(String name) {
        chosen = name;
    }

    String chosen() {
        return chosen;
    }

    /** The next line belongs to a new stream. */
    void begin() {
        resolved = null;
        complained = false;
    }

    /** Appends a line. A file that cannot be written is complained about once a stream; the stream goes on. */
    void append(String line) {
        String name = chosen;
        if (name.isEmpty()) {
            return;
        }
        try {
            Path file = resolved;
            if (file == null || !name.equals(resolvedFor)) {
                file = resolve(name);
                resolved = file;
                resolvedFor = name;
            }
            Files.writeString(file, line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException | InvalidPathException e) {
            complain(name, e);
        }
    }

    private void complain(String name, Exception e) {
        if (!complained) {
            complained = true;
            LOG.log(
                    System.Logger.Level.WARNING,
                    "text cannot be written to " + name + " (" + e + "); choose a file that can be written");
        }
    }

    private static Path resolve(String name) throws IOException {
        Path path = Path.of(name);
        if (!name.endsWith("/") && !Files.isDirectory(path)) {
            return path;
        }
        Files.createDirectories(path);
        return newFile(path, NAME.format(LocalDateTime.now(ZoneId.systemDefault())));
    }

    private static Path newFile(Path folder, String time) throws IOException {
        for (int i = 1; i < MOST_NAMES; i++) { // another instance may have been activated in the same second
            Path file = folder.resolve(time + (i == 1 ? "" : "-" + i) + ".txt");
            try {
                return Files.createFile(file);
            } catch (FileAlreadyExistsException e) {
                LOG.log(System.Logger.Level.TRACE, "taken: {0}", file);
            }
        }
        throw new IOException("there are " + MOST_NAMES + " files of " + time);
    }
}
