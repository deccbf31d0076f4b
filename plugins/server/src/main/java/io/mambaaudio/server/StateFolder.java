package io.mambaaudio.server;

import io.mambaaudio.server.ParkedStreams.Parked;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A folder with the streams that lost their connection, a file each, so that they outlive the server. A file is written beside its place
 * and moved there, so it is whole or not there. The oldest go when the folder is full or they have waited long enough. For the eyes of the
 * server's user alone. One server at a time; any thread.
 */
final class StateFolder implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(StateFolder.class.getName());
    private static final Pattern NAME = Pattern.compile("[0-9a-f]{32}");
    private static final String SUFFIX = ".stream";
    private static final String UNFINISHED = ".tmp";

    private final Path folder;
    private final Duration keep;
    private final long mostBytes;
    private final ReentrantLock lock =
            new ReentrantLock(); // a file is written, read and removed by one thread at a time
    private final FileChannel guard;

    private record Saved(Path file, long bytes, long millis) {}

    private StateFolder(Path folder, Duration keep, long mostBytes, FileChannel guard) {
        this.folder = folder;
        this.keep = keep;
        this.mostBytes = mostBytes;
        this.guard = guard;
    }

    /**
     * Opens a folder, which is made if it is not there.
     *
     * @param keep how long a stream waits
     * @param mostBytes of all files together
     * @throws ServerException in one line, if that can't be done or another server has it
     */
    static StateFolder open(Path folder, Duration keep, long mostBytes) {
        FileChannel guard = null;
        try {
            Files.createDirectories(folder, privately(folder, "rwx------"));
            guard = FileChannel.open(folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            if (!isAlone(guard)) {
                throw new ServerException("stateDir=" + folder + " is in use by another server; choose another folder");
            }
            StateFolder opened = new StateFolder(folder, keep, mostBytes, guard);
            opened.removeUnfinished();
            opened.tick();
            return opened;
        } catch (IOException e) {
            closeQuietly(guard);
            throw new ServerException(
                    "stateDir=" + folder + " can't be used (" + e + "); choose a folder to write to", e);
        } catch (RuntimeException e) {
            closeQuietly(guard);
            throw e;
        }
    }

    private static boolean isAlone(FileChannel guard) throws IOException {
        try {
            FileLock held = guard.tryLock(); // until the channel is closed
            return held != null;
        } catch (OverlappingFileLockException e) {
            return false; // by this very process
        }
    }

    private static void closeQuietly(@Nullable FileChannel channel) {
        try {
            if (channel != null) {
                channel.close();
            }
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, "a lock stays until this process ends", e);
        }
    }

    private static FileAttribute<?>[] privately(Path folder, String permissions) {
        return folder.getFileSystem().supportedFileAttributeViews().contains("posix")
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))
                }
                : new FileAttribute<?>[0];
    }

    private void removeUnfinished() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file :
                    files.filter(f -> f.toString().endsWith(UNFINISHED)).toList()) {
                Files.delete(file);
            }
        }
    }

    /** Saves a stream; makes room for it first. If that fails it is logged in one line, and the stream waits in memory alone. */
    void save(String id, Parked stream) {
        byte[] bytes = ParkedBytes.write(stream, System.currentTimeMillis());
        lock.lock();
        try {
            makeRoom(bytes.length);
            if (bytes.length > mostBytes) {
                LOG.log(
                        System.Logger.Level.WARNING,
                        "a stream of {0} bytes is not saved, the state folder may have {1}; allow more",
                        bytes.length,
                        mostBytes);
                return;
            }
            Path unfinished = folder.resolve(id + UNFINISHED);
            try (FileChannel out = FileChannel.open(
                    unfinished,
                    java.util.Set.of(
                            StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE),
                    privately(folder, "rw-------"))) {
                for (ByteBuffer rest = ByteBuffer.wrap(bytes); rest.hasRemaining(); ) {
                    out.write(rest);
                }
                out.force(true);
            }
            Files.move(unfinished, file(id), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "a stream could not be saved in {0}: {1}", folder, e.toString());
        } finally {
            lock.unlock();
        }
    }

    /**
     * Takes a stream out.
     *
     * @param id as a client says it, which may be anything
     * @throws IllegalArgumentException in one line, if its file is damaged; it is gone then
     */
    Optional<Parked> take(String id) {
        if (!NAME.matcher(id).matches()) {
            return Optional.empty();
        }
        lock.lock();
        try {
            Path file = file(id);
            if (!Files.exists(file) || tooOld(Files.getLastModifiedTime(file).toMillis())) {
                return Optional.empty();
            }
            if (Files.size(file) > mostBytes) {
                throw new IOException("it has " + Files.size(file) + " bytes, more than the folder may");
            }
            return Optional.of(ParkedBytes.read(Files.readAllBytes(file)));
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "the saved stream {0} is not used: {1}", id, e.getMessage());
            throw new IllegalArgumentException("the saved state of that stream is damaged; begin again", e);
        } finally {
            removeLocked(id);
            lock.unlock();
        }
    }

    /** The stream is over, or goes on. */
    void remove(String id) {
        if (NAME.matcher(id).matches()) {
            lock.lock();
            try {
                removeLocked(id);
            } finally {
                lock.unlock();
            }
        }
    }

    private void removeLocked(String id) {
        try {
            Files.deleteIfExists(file(id));
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "the saved stream {0} can't be removed: {1}", id, e.toString());
        }
    }

    private Path file(String id) {
        return folder.resolve(id + SUFFIX);
    }

    private boolean tooOld(long millis) {
        return System.currentTimeMillis() - millis > keep.toMillis();
    }

    /** Once in a while: lets those go that waited long enough. */
    void tick() {
        lock.lock();
        try {
            for (Saved saved : saved()) {
                if (tooOld(saved.millis)) {
                    Files.deleteIfExists(saved.file);
                }
            }
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "old streams in {0} can't be removed: {1}", folder, e.toString());
        } finally {
            lock.unlock();
        }
    }

    private void makeRoom(long bytes) throws IOException {
        List<Saved> oldestFirst = saved();
        long total = oldestFirst.stream().mapToLong(Saved::bytes).sum();
        for (int i = 0; i < oldestFirst.size() && total + bytes > mostBytes; i++) {
            Files.deleteIfExists(oldestFirst.get(i).file);
            total -= oldestFirst.get(i).bytes;
        }
    }

    private List<Saved> saved() throws IOException {
        List<Saved> all = new ArrayList<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.filter(f -> f.toString().endsWith(SUFFIX)).toList()) {
                all.add(new Saved(
                        file, Files.size(file), Files.getLastModifiedTime(file).toMillis()));
            }
        }
        all.sort(Comparator.comparingLong(Saved::millis));
        return all;
    }

    /** Streams that wait here. */
    int count() {
        lock.lock();
        try {
            return saved().size();
        } catch (IOException e) {
            return 0;
        } finally {
            lock.unlock();
        }
    }

    /** Lets another server have the folder. */
    @Override
    public void close() {
        closeQuietly(guard);
    }
}
