package io.mambaaudio.models;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;

/**
 * One memory-mapped safetensors file: 8 bytes with the length of a JSON header, the header, the data. Everything in the header is checked
 * here, so that a {@link TensorInfo} of this file always lies inside it.
 */
final class Safetensors implements AutoCloseable {
    /** The format allows 100 MB; a model of a thousand tensors has 0.1 MB, and what a header allocates is a multiple of it. */
    static final int MAX_HEADER_BYTES = 16_000_000;

    private static final ValueLayout.OfLong LENGTH = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final Path file;
    private final Arena arena;
    private final MemorySegment data;
    private final Map<String, TensorInfo> tensors;
    private final Map<String, String> metadata;

    private Safetensors(Path file, Arena arena, MemorySegment data, SafetensorsHeader header) {
        this.file = file;
        this.arena = arena;
        this.data = data;
        this.tensors = header.tensors();
        this.metadata = header.metadata();
    }

    @SuppressWarnings("MustBeClosedChecker") // the arena is this object's to close
    static Safetensors open(Path file) {
        if (Files.isDirectory(file)) {
            throw error(file, "found a folder, expected a safetensors file; open it as a folder");
        }
        if (!Files.isRegularFile(file)) {
            throw error(file, "found no such file, expected a safetensors file; check the path");
        }
        Arena arena = Arena.ofShared();
        try {
            MemorySegment all = map(file, arena);
            byte[] text = headerText(file, all);
            MemorySegment data = all.asSlice(8L + text.length);
            return new Safetensors(file, arena, data, SafetensorsHeader.parse(file, text, data.byteSize()));
        } catch (Throwable e) {
            arena.close();
            throw e;
        }
    }

    private static MemorySegment map(Path file, Arena arena) {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            long size = channel.size();
            if (size < 10) {
                throw error(
                        file,
                        "found " + size + " bytes, expected a safetensors file of at least 10; download it again");
            }
            return channel.map(FileChannel.MapMode.READ_ONLY, 0, size, arena);
        } catch (IOException e) {
            throw unreadable(file, e);
        }
    }

    private static byte[] headerText(Path file, MemorySegment all) {
        long length = all.get(LENGTH, 0);
        long limit = Math.min(all.byteSize() - 8, MAX_HEADER_BYTES);
        if (length < 2 || length > limit) {
            throw error(
                    file,
                    "found a header of " + Long.toUnsignedString(length) + " bytes, expected 2 to " + limit
                            + "; it is not a safetensors file or was cut short");
        }
        byte[] text = new byte[(int) length];
        reading(file, () -> MemorySegment.copy(all, ValueLayout.JAVA_BYTE, 8, text, 0, text.length));
        if (text[0] != '{') {
            throw error(file, "found a header that does not begin with '{', expected a safetensors file");
        }
        return text;
    }

    /** Runs a read of the mapping; a file that shrinks below a mapping makes the JVM throw InternalError. */
    static void reading(Path file, Runnable read) {
        try {
            read.run();
        } catch (InternalError e) {
            throw new CheckpointException(
                    Json.printable(file + ": changed while it was read, expected a file at rest; try again"), e);
        }
    }

    static CheckpointException unreadable(Path file, IOException e) {
        String why = e instanceof AccessDeniedException ? "no permission" : String.valueOf(e.getMessage());
        return new CheckpointException(Json.printable(file + ": cannot be read: " + why), e);
    }

    static CheckpointException error(Path file, String message) {
        return new CheckpointException(Json.printable(file.toString()) + ": " + message);
    }

    Path file() {
        return file;
    }

    Map<String, TensorInfo> tensors() {
        return tensors;
    }

    Map<String, String> metadata() {
        return metadata;
    }

    /** All bytes behind the header. */
    MemorySegment data() {
        if (!arena.scope().isAlive()) {
            throw new IllegalStateException(file + " is closed; read tensors before close");
        }
        return data;
    }

    /** Unmaps the file. */
    @Override
    public void close() {
        if (arena.scope().isAlive()) {
            arena.close();
        }
    }
}
