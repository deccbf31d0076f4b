package io.mambaaudio.models;

import static io.mambaaudio.models.SafetensorsWriter.file;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is read, and what is said about files that cannot be. */
final class CheckpointTest {
    @TempDir
    private Path folder;

    private Path write(byte[] bytes) {
        return SafetensorsWriter.write(folder.resolve("x.safetensors"), bytes);
    }

    private String refused(byte[] bytes) {
        Path path = write(bytes);
        return message(path, () -> Checkpoint.open(path).close());
    }

    /** The message of the expected exception, without the file's name, which must be in it. */
    private static String message(Path path, Runnable code) {
        CheckpointException e = assertThrows(CheckpointException.class, code::run);
        String message = String.valueOf(e.getMessage());
        assertTrue(message.contains(path.toString()), message);
        assertEquals(1, message.lines().count(), message);
        return message.replace(path + ": ", "");
    }

    private static String one(String dtype, String shape, String offsets) {
        return "{\"w\":{\"dtype\":\"" + dtype + "\",\"shape\":" + shape + ",\"data_offsets\":" + offsets + "}}";
    }

    @Test
    void everyElementTypeIsRead() {
        ByteBuffer half = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN);
        half.putShort(Float.floatToFloat16(1.5f)).putShort(Float.floatToFloat16(-65504));
        ByteBuffer brain = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN);
        brain.putShort((short) 0x3FC0).putShort((short) 0xC000);
        ByteBuffer twice = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
        twice.putDouble(0.25).putDouble(-1e3);
        ByteBuffer wide = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
        wide.putLong(5).putLong(Integer.MIN_VALUE);
        Path path = new SafetensorsWriter()
                .metadata(Map.of("a", "b"))
                .floats("f32", new float[] {1, -2, 3}, 3)
                .add("f16", "F16", half.array(), 2)
                .add("bf16", "BF16", brain.array(), 2)
                .add("f64", "F64", twice.array(), 2)
                .ints("i32", new int[] {-7}, 1)
                .add("i64", "I64", wide.array(), 2)
                .add("i8", "I8", new byte[] {-3, 4}, 2)
                .add("u8", "U8", new byte[] {-3, 4}, 1, 2)
                .floats("scalar", new float[] {9})
                .floats("empty", new float[0], 0, 5)
                .write(folder.resolve("all.safetensors"));
        try (Checkpoint c = Checkpoint.open(path)) {
            assertArrayEquals(new float[] {1, -2, 3}, c.floats("f32"));
            assertArrayEquals(new float[] {1.5f, -65504}, c.floats("f16"));
            assertArrayEquals(new float[] {1.5f, -2}, c.floats("bf16"));
            assertArrayEquals(new float[] {0.25f, -1000}, c.floats("f64"));
            assertArrayEquals(new int[] {-7}, c.ints("i32"));
            assertArrayEquals(new int[] {5, Integer.MIN_VALUE}, c.ints("i64"));
            assertArrayEquals(new int[] {-3, 4}, c.ints("i8"));
            assertArrayEquals(new int[] {253, 4}, c.ints("u8"));
            assertArrayEquals(new float[] {9}, c.floats("scalar"));
            assertArrayEquals(new float[0], c.floats("empty"));
            assertEquals(List.of(1L, 2L), c.shape("u8"));
            assertEquals("b", c.metadata("a").orElseThrow());
            assertTrue(c.metadata("c").isEmpty());
            assertEquals(10, c.names().size());
        }
    }

    @Test
    void afterCloseNothingIsReadAndTheFileCanBeDeleted() throws IOException {
        Path path = new SafetensorsWriter().floats("w", new float[1], 1).write(folder.resolve("w.safetensors"));
        Checkpoint c = Checkpoint.open(path);
        c.close();
        c.close();
        assertThrows(IllegalStateException.class, () -> c.floats("w"));
        Files.delete(path);
        assertFalse(Files.exists(path));
    }

    @Test
    void whatIsNotASafetensorsFileIsRefused() {
        Path missing = folder.resolve("missing");
        assertEquals(
                "found no such file, expected a safetensors file; check the path",
                message(missing, () -> Checkpoint.open(missing).close()));
        assertEquals(
                "found a folder, expected a safetensors file; open it as a folder",
                message(folder, () -> Checkpoint.open(folder).close()));
        assertEquals(
                "found 0 bytes, expected a safetensors file of at least 10; download it again", refused(new byte[0]));
        assertEquals(
                "found 9 bytes, expected a safetensors file of at least 10; download it again", refused(new byte[9]));
        assertEquals(
                "found a header of 18446744073709551615 bytes, expected 2 to 2; it is not a safetensors file or was cut short",
                refused(new byte[] {-1, -1, -1, -1, -1, -1, -1, -1, '{', '}'}));
        assertEquals(
                "found a header that does not begin with '{', expected a safetensors file",
                refused(file("[]", new byte[0])));
    }

    @Test
    void headersThatAreNotJsonAreRefused() {
        assertTrue(refused(file("{\"w\":", new byte[0])).startsWith("header: found Unexpected end-of-input"));
        assertTrue(refused(file("{\"a\":{}, \"a\":{}}", new byte[0])).contains("tensor a: found 0 keys"));
        String twice = one("F32", "[1]", "[0,4]")
                .replace("}}", "},\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}");
        assertTrue(refused(file(twice, new byte[4])).equals("tensor w: found it twice, expected every tensor once"));
        assertEquals(
                "__metadata__.a: found it twice, expected every key once",
                refused(file("{\"__metadata__\":{\"a\":\"1\",\"a\":\"2\"}}", new byte[0])));
        assertEquals(
                "tensor w: dtype: found it twice, expected every key once",
                refused(file("{\"w\":{\"dtype\":\"I8\",\"dtype\":\"I8\",\"data_offsets\":[0,1]}}", new byte[1])));
        assertEquals(
                "tensor w: found 2 keys, expected dtype, shape, data_offsets",
                refused(file("{\"w\":{\"dtype\":\"I8\",\"data_offsets\":[0,1]}}", new byte[1])));
        assertEquals("found text behind the header's end, expected spaces only", refused(file("{} {}", new byte[0])));
        String deep = "{\"w\":" + "[".repeat(100_000) + "]".repeat(100_000) + "}";
        assertEquals("tensor w: found START_ARRAY, expected START_OBJECT", refused(file(deep, new byte[0])));
        String deeper = "{\"__metadata__\":{\"a\":" + "{\"a\":".repeat(1000) + "1" + "}".repeat(1002);
        assertEquals("__metadata__.a: found START_OBJECT, expected VALUE_STRING", refused(file(deeper, new byte[0])));
        assertEquals(
                "tensor w?[31m: found the key x?, expected dtype, shape, data_offsets",
                refused(file("{\"w\\u001b[31m\":{\"x\\n\":1}}", new byte[0])));
    }

    @Test
    void tensorsThatDoNotFitTheirFileAreRefused() {
        assertEquals(
                "tensor w: found dtype F33, expected one of [BOOL, U8, I8, F8_E4M3, F8_E5M2, I16, U16, F16, BF16, I32, U32, F32, I64, U64, F64]",
                refused(file(one("F33", "[1]", "[0,4]"), new byte[4])));
        assertEquals(
                "tensor w: found data_offsets [0, 8], expected begin <= end <= 4 (the bytes of data in the file)",
                refused(file(one("F32", "[2]", "[0,8]"), new byte[4])));
        assertEquals(
                "tensor w: found data_offsets [4, 0], expected begin <= end <= 4 (the bytes of data in the file)",
                refused(file(one("F32", "[1]", "[4,0]"), new byte[4])));
        assertEquals(
                "tensor w: found data_offsets [0, 4] (4 bytes), expected as many bytes as dtype F32 and shape [2] take",
                refused(file(one("F32", "[2]", "[0,4]"), new byte[4])));
        assertEquals(
                "tensor w: found data_offsets [0, 4] (4 bytes), expected as many bytes as dtype F32 and shape [1099511627776, 1099511627776] take",
                refused(file(one("F32", "[1099511627776,1099511627776]", "[0,4]"), new byte[4])));
        assertEquals(
                "tensor w: shape: found -1, expected 0 to 1099511627776",
                refused(file(one("F32", "[-1]", "[0,4]"), new byte[4])));
        assertEquals(
                "tensor w: shape: found VALUE_NUMBER_FLOAT, expected VALUE_NUMBER_INT",
                refused(file(one("F32", "[1.0]", "[0,4]"), new byte[4])));
        assertEquals(
                "tensor w: shape: found more than 8 numbers, expected at most 8",
                refused(file(one("F32", "[1,1,1,1,1,1,1,1,1]", "[0,4]"), new byte[4])));
        assertTrue(refused(file(one("F32", "[99999999999999999999]", "[0,4]"), new byte[4]))
                .contains("out of range of `long`"));
    }

    @Test
    void holesOverlapsAndBytesLeftOverAreRefused() {
        assertEquals(
                "found 5 bytes of data, expected 4 as the header says; it was cut short or something was appended",
                refused(file(one("F32", "[1]", "[0,4]"), new byte[5])));
        assertEquals(
                "tensor w: found a hole at data byte 0, expected it to begin at 0",
                refused(file(one("F32", "[1]", "[4,8]"), new byte[8])));
        String overlap = "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},"
                + "\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}";
        assertEquals(
                "tensor b: found an overlap at data byte 4, expected it to begin at 8",
                refused(file(overlap, new byte[8])));
    }

    @Test
    void tensorsThatAreNotWhatIsNeededAreRefused() {
        float[] values = {1, 2, Float.NaN};
        Path path = new SafetensorsWriter()
                .floats("w", values, 3)
                .add("i64", "I64", new byte[] {0, 0, 0, 0, 1, 0, 0, 0}, 1)
                .add("bf16", "BF16", new byte[] {(byte) 0x80, 0x7F}, 1)
                .write(folder.resolve("w.safetensors"));
        try (Checkpoint c = Checkpoint.open(path)) {
            assertEquals(
                    "tensor w: found NaN at element 2, expected finite values; the file is damaged or its training diverged",
                    message(path, () -> c.floats("w")));
            assertEquals(
                    "tensor bf16: found Infinity at element 0, expected finite values; the file is damaged or its training diverged",
                    message(path, () -> c.reader("bf16").bf16()));
            assertEquals(
                    "tensor w: found dtype F32, expected one of [I32, I64, I8, U8]", message(path, () -> c.ints("w")));
            assertEquals(
                    "tensor i64: found dtype I64, expected one of [F32, F16, BF16, F64]",
                    message(path, () -> c.floats("i64")));
            assertEquals(
                    "tensor i64: found 4294967296 at element 0, expected a 32-bit integer",
                    message(path, () -> c.ints("i64")));
            assertEquals(
                    "found no tensor v, expected one; it is not the checkpoint that is needed here",
                    message(path, () -> c.floats("v")));
            assertEquals("tensor w: found shape [3], expected [1, 3]", message(path, () -> c.reader("w")
                    .shaped(1, 3)));
        }
    }

    @Test
    void headersOfAnySizeCostAFewTimesTheirSize() {
        StringBuilder many = new StringBuilder("{");
        for (int i = 0; i < 40_000; i++) {
            many.append("\"")
                    .append(i)
                    .append("\":{\"dtype\":\"I8\",\"shape\":[],\"data_offsets\":[")
                    .append(i)
                    .append(',')
                    .append(i + 1)
                    .append("]},");
        }
        many.setCharAt(many.length() - 1, '}');
        String text = "{\"__metadata__\":{\"a\":\"" + "\u2581".repeat(1_000_000) + "\"}}";
        for (byte[] bytes : List.of(file(many.toString(), new byte[40_000]), file(text, new byte[0]))) {
            Path path = write(bytes);
            long allocated = Allocations.bytes(() -> Checkpoint.open(path).close());
            System.out.println("a header of " + bytes.length + " bytes allocated " + allocated);
            assertTrue(allocated < 16L * bytes.length, allocated + " for " + bytes.length);
        }
        byte[] huge = new byte[20_000_000];
        ByteBuffer.wrap(huge)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(huge.length - 8)
                .put((byte) '{');
        assertEquals(
                "found a header of 19999992 bytes, expected 2 to 16000000; it is not a safetensors file or was cut short",
                refused(huge));
    }

    @Test
    void aFileThatShrinksWhileItIsOpenIsAnErrorAndNotACrash() throws IOException {
        int n = 1 << 20;
        Path path = new SafetensorsWriter().floats("w", new float[n], n).write(folder.resolve("w.safetensors"));
        try (Checkpoint c = Checkpoint.open(path)) {
            try (var channel = java.nio.channels.FileChannel.open(path, java.nio.file.StandardOpenOption.WRITE)) {
                channel.truncate(100);
            }
            assertEquals(
                    "changed while it was read, expected a file at rest; try again",
                    message(path, () -> c.floats("w")));
        }
    }
}
