package io.mambaaudio.models.train;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.jr.ob.JSON;

/** Writes a safetensors file: eight bytes of length, the header as JSON, the tensors one after the other. */
public final class SafetensorsWriter {
    private final Map<String, Object> header = new LinkedHashMap<>();
    private final List<byte[]> data = new ArrayList<>();
    private long size;

    /**
     * Begins a file.
     *
     * @param metadata what stands beside the tensors
     */
    public SafetensorsWriter(Map<String, String> metadata) {
        if (!metadata.isEmpty()) {
            header.put("__metadata__", metadata);
        }
    }

    /**
     * A tensor of 32-bit floats.
     *
     * @param name its name
     * @param values row by row
     * @param shape its dimensions
     * @return this
     */
    public SafetensorsWriter float32(String name, float[] values, int... shape) {
        byte[] bytes = new byte[4 * values.length];
        little(bytes).asFloatBuffer().put(values);
        return add(name, "F32", bytes, shape);
    }

    /**
     * A tensor of bfloat16, rounded to the nearest.
     *
     * @param name its name
     * @param values row by row
     * @param shape its dimensions
     * @return this
     */
    public SafetensorsWriter bfloat16(String name, float[] values, int... shape) {
        byte[] bytes = new byte[2 * values.length];
        ByteBuffer out = little(bytes);
        for (float value : values) {
            int bits = Float.floatToRawIntBits(value);
            out.putShort((short) ((bits + 0x7fff + (bits >>> 16 & 1)) >>> 16));
        }
        return add(name, "BF16", bytes, shape);
    }

    /**
     * A tensor of bytes.
     *
     * @param name its name
     * @param values row by row
     * @param shape its dimensions
     * @return this
     */
    public SafetensorsWriter int8(String name, byte[] values, int... shape) {
        return add(name, "I8", values, shape);
    }

    private static ByteBuffer little(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    private SafetensorsWriter add(String name, String type, byte[] bytes, int... shape) {
        int length = bytes.length;
        Map<String, Object> entry = new LinkedHashMap<>();
        entry.put("dtype", type);
        entry.put("shape", Arrays.stream(shape).boxed().toList());
        entry.put("data_offsets", List.of(size, size + length));
        header.put(name, entry);
        data.add(bytes);
        size += length;
        return this;
    }

    /**
     * Writes the file: beside its place first, so that no half of one is ever found there.
     *
     * @param file where to
     * @throws IOException if it cannot be written
     */
    public void write(Path file) throws IOException {
        byte[] text = JSON.std.asString(header).getBytes(StandardCharsets.UTF_8);
        byte[] padded = Arrays.copyOf(text, Math.ceilDiv(text.length, 8) * 8);
        Arrays.fill(padded, text.length, padded.length, (byte) ' ');
        Path part = file.resolveSibling(file.getFileName() + ".part");
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(part))) {
            byte[] length = new byte[Long.BYTES];
            little(length).putLong(padded.length);
            out.write(length);
            out.write(padded);
            for (byte[] tensor : data) {
                out.write(tensor);
            }
        }
        Files.move(part, file, StandardCopyOption.REPLACE_EXISTING);
    }
}
