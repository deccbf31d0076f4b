package io.mambaaudio.models;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Damages real files and opens them: either a {@link CheckpointException} with one line or a model, never another error, in bounded memory and
 * time. About 10 seconds; {@code -Dmamba.fuzz.minutes=10} for a long run, {@code -Dmamba.seed=N} to replay one.
 */
final class CheckpointFuzzTest {
    private static final long SEED = Long.getLong("mamba.seed", System.nanoTime());
    private static final double MINUTES = Double.parseDouble(System.getProperty("mamba.fuzz.minutes", "0.15"));
    /** What one file may cost: the parser's and the JVM's own, and a multiple of the file for its header's objects and the weights. */
    private static final long FIXED_BYTES = 1 << 18;

    private static final int BYTES_A_BYTE = 12;
    private static final long MAX_MILLIS = 5000;

    private static final List<String> WORDS = List.of(
            "\"dtype\"",
            "\"shape\"",
            "\"data_offsets\"",
            "\"__metadata__\"",
            "\"F32\"",
            "\"I8\"",
            "\"BF16\"",
            "\"F16\"",
            "\"I64\"",
            "\"mamba\"",
            "\"mamba2\"",
            "0",
            "1",
            "-1",
            "4",
            "2147483647",
            "2147483648",
            "4294967296",
            "9223372036854775807",
            "9223372036854775808",
            "1e400",
            "1e-400",
            "NaN",
            "Infinity",
            "-Infinity",
            "null",
            "true",
            "{}",
            "[]",
            "[[[[[[[[[[[[[[[[[[[[",
            "{\"a\":{\"a\":{\"a\":",
            "\"",
            "\\",
            "\\u0000",
            "\\ud800",
            ",",
            ":",
            "}",
            "]",
            "\u2581",
            "[0,0]",
            "[1,1,1,1,1,1,1,1,1]",
            "[4294967296,4294967296]");

    @TempDir
    private Path folder;

    private final Random random = new Random(SEED);
    private long mostBytes;
    private long mostMillis;

    @Test
    void damagedFilesAreRefusedInOneLineOrWork() throws IOException {
        System.out.println("fuzz: -Dmamba.seed=" + SEED + " for " + MINUTES + " minutes");
        FuzzCorpus corpus = FuzzCorpus.read(folder);
        for (byte[] model : corpus.models()) {
            opens(model, SafetensorsWriter.write(folder.resolve("first.safetensors"), model)); // loads the classes
        }
        long end = System.nanoTime() + (long) (MINUTES * 60e9);
        int opened = 0;
        int files = 0;
        for (; System.nanoTime() < end; files++) {
            opened += survives(corpus) ? 1 : 0;
        }
        System.out.println("fuzz: " + files + " files, " + opened + " of them opened and ran, most memory " + mostBytes
                + " bytes, longest " + mostMillis + " ms");
        assertTrue(files > 20, "only " + files + " files in " + MINUTES + " minutes");
        assertTrue(opened < files, "no file was damaged");
    }

    /** Damages one of them. */
    private boolean survives(FuzzCorpus c) throws IOException {
        int which = random.nextInt(c.models().size() + c.folders().size() + 2) - 2;
        if (which == -2) {
            byte[] damaged = text(c.index());
            Files.write(c.shards().resolve("model.safetensors.index.json"), damaged);
            return opens(damaged, c.shards());
        }
        if (which == -1) {
            return compares(damaged(c.expected()), c.session());
        }
        if (which < c.models().size()) {
            return survives(damaged(c.models().get(which)), null);
        }
        int i = which - c.models().size();
        return random.nextBoolean()
                ? survives(c.folders().get(i), text(c.configs().get(i)))
                : survives(damaged(c.folders().get(i)), c.configs().get(i));
    }

    /** Opens, loads, runs a step. */
    private boolean survives(byte[] weights, byte @org.jspecify.annotations.Nullable [] config) throws IOException {
        Path path = folder.resolve("model.safetensors");
        Files.write(path, weights);
        Path json = folder.resolve("config.json");
        if (config != null) {
            Files.write(json, config);
        } else {
            Files.deleteIfExists(json);
        }
        boolean[] works = {false};
        Runnable opening = () -> works[0] = opens(weights, config != null ? folder : path);
        long size = weights.length + (config == null ? 0L : config.length);
        long limit = FIXED_BYTES + BYTES_A_BYTE * size;
        long start = System.nanoTime();
        long bytes = Allocations.bytes(opening);
        long millis = (System.nanoTime() - start) / 1_000_000;
        if (bytes > limit) { // a class that the JVM loaded on the way does not come again, what the file costs does
            bytes = Allocations.bytes(opening);
        }
        mostBytes = Math.max(mostBytes, bytes);
        mostMillis = Math.max(mostMillis, millis);
        if (bytes > limit || millis > MAX_MILLIS) {
            fail(bytes + " bytes and " + millis + " ms for a file of " + size + ", seed " + SEED + kept(weights));
        }
        return works[0];
    }

    private boolean opens(byte[] weights, Path path) {
        return attempt(weights, () -> {
            Mamba model = Mamba.open(path);
            if (model.config().stateSize() < 1 << 16 && model.config().vocabSize() < 1 << 16) {
                step(model);
            }
        });
    }

    /** Reads it as the expected logits of a model. */
    private boolean compares(byte[] expected, Session session) {
        Path path = SafetensorsWriter.write(folder.resolve("expected.safetensors"), expected);
        return attempt(expected, () -> {
            try (Checkpoint file = Checkpoint.open(path)) {
                Expected.read(file).compare(session);
            }
        });
    }

    private static boolean attempt(byte[] weights, Runnable code) {
        try {
            code.run();
            return true;
        } catch (CheckpointException e) {
            String message = String.valueOf(e.getMessage());
            if (message.lines().count() != 1
                    || message.length() > 1500
                    || message.codePoints().anyMatch(Character::isISOControl)) {
                fail("not one readable line, seed " + SEED + kept(weights) + ": " + message, e);
            }
            return false;
        } catch (RuntimeException | Error e) {
            return fail("seed " + SEED + kept(weights), e);
        }
    }

    private static void step(Mamba model) {
        float[] logits = new float[model.config().vocabSize()];
        try (Session session = model.open(Backend.SCALAR)) {
            if (model.config().frontend().isPresent()) {
                session.step(new float[model.config().frontend().get().nMels()], logits);
            } else {
                session.step(0, logits);
            }
        }
    }

    private static String kept(byte[] weights) {
        try {
            return ", kept as " + Files.write(Files.createTempFile("fuzz", ".safetensors"), weights);
        } catch (IOException e) {
            return ", not kept: " + e;
        }
    }

    /** One to three kinds of damage. */
    private byte[] damaged(byte[] file) {
        byte[] out = file;
        for (int n = 1 + random.nextInt(3); n > 0; n--) {
            out = switch (random.nextInt(8)) {
                case 0 -> flipped(out, out.length);
                case 1 -> flipped(out, Math.min(8, out.length));
                case 2 -> flipped(out, Math.min(2000, out.length));
                case 3 -> Arrays.copyOf(out, random.nextInt(out.length + 200));
                case 4 -> noise();
                default -> header(out, file);
            };
        }
        return out;
    }

    private byte[] flipped(byte[] file, int within) {
        byte[] out = file.clone();
        for (int n = 1 + random.nextInt(4); n > 0 && within > 0; n--) {
            out[random.nextInt(within)] ^= (byte) (1 << random.nextInt(8));
        }
        return out;
    }

    private byte[] noise() {
        byte[] out = new byte[random.nextInt(4000)];
        random.nextBytes(out);
        if (out.length > 8 && random.nextBoolean()) {
            ByteBuffer.wrap(out)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putLong(0, random.nextInt(out.length))
                    .put(8, (byte) '{');
        }
        return out;
    }

    /** A header with other words in it and its length put right, so that the damage is looked at and not only found. */
    private byte[] header(byte[] file, byte[] original) {
        byte[] base = file.length < 10 ? original : file;
        long length = ByteBuffer.wrap(base).order(ByteOrder.LITTLE_ENDIAN).getLong();
        if (length < 2 || length > base.length - 8) {
            return base;
        }
        byte[] text = text(Arrays.copyOfRange(base, 8, 8 + (int) length));
        byte[] data = Arrays.copyOfRange(base, 8 + (int) length, base.length);
        return ByteBuffer.allocate(8 + text.length + data.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(text.length)
                .put(text)
                .put(data)
                .array();
    }

    /** JSON with a token or a digit replaced, a piece repeated, or a piece lost. */
    private byte[] text(byte[] json) {
        String text = new String(json, StandardCharsets.UTF_8);
        int at = random.nextInt(text.length());
        int to = Math.min(text.length(), at + 1 + random.nextInt(random.nextBoolean() ? 4 : 80));
        String piece = text.substring(at, to);
        String word = WORDS.get(random.nextInt(WORDS.size()));
        String out =
                switch (random.nextInt(6)) {
                    case 0 -> text.substring(0, at) + word + text.substring(at);
                    case 1 -> text.substring(0, at) + word + text.substring(to);
                    case 2 -> text.substring(0, at) + piece + text.substring(at);
                    case 3 -> text.substring(0, at) + text.substring(to);
                    case 4 ->
                        text.substring(0, at)
                                + text.substring(at)
                                        .replaceFirst("-?[0-9.]+", java.util.regex.Matcher.quoteReplacement(word));
                    default ->
                        text.substring(0, at)
                                + text.substring(at)
                                        .replaceFirst("\"[^\"]*\"", java.util.regex.Matcher.quoteReplacement(word));
                };
        return out.getBytes(StandardCharsets.UTF_8);
    }
}
