package io.mambaaudio.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mambaaudio.server.ParkedStreams.Parked;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class StateFolderTest {
    private static final Duration HOUR = Duration.ofHours(1);

    @TempDir
    private Path folder = Path.of("");

    private static String id(int number) {
        return "%032x".formatted(number);
    }

    private static Parked parked(int seed, int bytes) {
        byte[] state = new byte[bytes];
        new SplittableRandom(seed).nextBytes(state);
        VoskConfig config = new VoskConfig(8000, false, true, List.of("größe", "two words"));
        return new Parked(
                ByteBuffer.wrap(state), config, 123_456_789_012L, 7, List.of("{\"text\":\"é\"}", ""), "half", 0);
    }

    private static void assertSame(Parked expected, Optional<Parked> found) {
        assertEquals(
                expected,
                found.map(p -> new Parked(
                                p.state(), p.config(), p.samples(), p.results(), p.lastResults(), p.partial(), 0))
                        .orElseThrow());
    }

    @Test
    void whatWasSavedIsTakenOnceByAnotherServer() throws IOException {
        Parked stream = parked(1, 5000);
        try (StateFolder first = StateFolder.open(folder.resolve("new/state"), HOUR, 1 << 20)) {
            first.save(id(1), stream);
            assertEquals(1, first.count());
        }
        Path file = folder.resolve("new/state").resolve(id(1) + ".stream");
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
        try (StateFolder second = StateFolder.open(folder.resolve("new/state"), HOUR, 1 << 20)) {
            assertSame(stream, second.take(id(1)));
            assertEquals(Optional.empty(), second.take(id(1)));
            assertEquals(0, second.count());
        }
    }

    @Test
    void aDamagedFileIsRefusedInOneLineWhateverIsDamaged() throws IOException {
        long seed = 3;
        SplittableRandom random = new SplittableRandom(seed);
        byte[] good = ParkedBytes.write(parked(2, 200), 5);
        try (StateFolder state = StateFolder.open(folder, HOUR, 1 << 20)) {
            for (int round = 0; round < 100; round++) {
                byte[] bad = round % 4 == 0 ? java.util.Arrays.copyOf(good, random.nextInt(good.length)) : good.clone();
                if (bad.length == good.length) {
                    bad[random.nextInt(bad.length)] ^= (byte) (1 << random.nextInt(8));
                }
                Files.write(folder.resolve(id(1) + ".stream"), bad);
                IllegalArgumentException refused =
                        assertThrows(IllegalArgumentException.class, () -> state.take(id(1)), "seed=" + seed);
                assertEquals("the saved state of that stream is damaged; begin again", refused.getMessage());
                assertEquals(0, state.count(), "it is gone");
            }
        }
    }

    @Test
    void theOldestMakeRoomAndOneThatIsTooLargeIsNotSaved() throws IOException {
        int each = ParkedBytes.write(parked(1, 1000), 0).length;
        try (StateFolder state = StateFolder.open(folder, HOUR, 3L * each)) {
            for (int i = 1; i <= 4; i++) {
                state.save(id(i), parked(i, 1000));
                Files.setLastModifiedTime(
                        folder.resolve(id(i) + ".stream"),
                        FileTime.fromMillis(System.currentTimeMillis() - 10_000 + i * 1000L));
            }
            assertEquals(3, state.count());
            assertEquals(Optional.empty(), state.take(id(1)));
            assertSame(parked(4, 1000), state.take(id(4)));
            state.save(id(5), parked(5, 4 * each));
            assertEquals(Optional.empty(), state.take(id(5)));
        }
    }

    @Test
    void whatWaitedLongEnoughGoes() throws IOException {
        try (StateFolder state = StateFolder.open(folder, HOUR, 1 << 20)) {
            state.save(id(1), parked(1, 100));
            state.save(id(2), parked(2, 100));
            FileTime old = FileTime.fromMillis(System.currentTimeMillis() - HOUR.toMillis() - 60_000);
            Files.setLastModifiedTime(folder.resolve(id(1) + ".stream"), old);
            assertEquals(Optional.empty(), state.take(id(1)), "also before anybody has cleaned up");
            Files.setLastModifiedTime(folder.resolve(id(2) + ".stream"), old);
            state.tick();
            assertEquals(0, state.count());
        }
    }

    @Test
    void whatWasNotWrittenToItsEndIsRemoved() throws IOException {
        Files.write(folder.resolve(id(1) + ".tmp"), new byte[10]);
        try (StateFolder state = StateFolder.open(folder, HOUR, 1 << 20)) {
            assertEquals(0, state.count());
            try (Stream<Path> files = Files.list(folder)) {
                assertEquals(List.of(folder.resolve("lock")), files.toList());
            }
        }
    }

    @Test
    void aNameThatIsAPathFindsNothing() throws IOException {
        Files.write(folder.resolve("secret.stream"), ParkedBytes.write(parked(1, 10), 0));
        try (StateFolder state = StateFolder.open(folder.resolve("in"), HOUR, 1 << 20)) {
            for (String name :
                    List.of("../secret", "", "/etc/passwd", id(1).toUpperCase(java.util.Locale.ROOT) + "/")) {
                assertEquals(Optional.empty(), state.take(name), name);
                state.remove(name);
            }
        }
        assertTrue(Files.exists(folder.resolve("secret.stream")));
    }

    @Test
    void aFolderOfAnotherServerOrNoFolderIsRefusedInOneLine() throws IOException {
        try (StateFolder first = StateFolder.open(folder, HOUR, 1 << 20)) {
            assertEquals(0, first.count());
            ServerException taken = assertThrows(ServerException.class, () -> StateFolder.open(folder, HOUR, 1 << 20));
            assertEquals(
                    "stateDir=" + folder + " is in use by another server; choose another folder", taken.getMessage());
        }
        StateFolder.open(folder, HOUR, 1 << 20).close();
        Path file = Files.write(folder.resolve("file"), new byte[1]);
        ServerException none = assertThrows(ServerException.class, () -> StateFolder.open(file, HOUR, 1 << 20));
        assertTrue(String.valueOf(none.getMessage()).startsWith("stateDir=" + file + " can't be used ("));
    }
}
