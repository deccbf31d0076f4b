package io.mambaaudio.models;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;

/**
 * Reads a header token by token: {@code {"__metadata__": {...}, NAME: {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}, ...}}.
 * The tensors must tile the data: no hole, no overlap, no byte left over.
 */
record SafetensorsHeader(Map<String, TensorInfo> tensors, Map<String, String> metadata) {
    private static final int MAX_RANK = 8;
    private static final List<String> KEYS = List.of("dtype", "shape", "data_offsets");
    private static final int ALL_KEYS = 0b1110;
    private static final long MAX_DIMENSION = 1L << 40;

    static SafetensorsHeader parse(Path file, byte[] text, long dataBytes) {
        try (JsonParser parser = Json.factory(text.length, false).createParser(ObjectReadContext.empty(), text)) {
            SafetensorsHeader header = new Reader(file, parser, dataBytes).header();
            if (parser.nextToken() != null) {
                throw Safetensors.error(file, "found text behind the header's end, expected spaces only");
            }
            tile(file, header.tensors, dataBytes);
            return header;
        } catch (JacksonException e) {
            throw new CheckpointException(
                    Json.printable(file.toString()) + ": header: found " + Json.reason(e) + ", expected JSON", e);
        }
    }

    private static void tile(Path file, Map<String, TensorInfo> tensors, long dataBytes) {
        List<TensorInfo> inOrder = new ArrayList<>(tensors.values());
        inOrder.sort(Comparator.comparingLong(TensorInfo::begin).thenComparingLong(TensorInfo::end));
        long at = 0;
        for (TensorInfo tensor : inOrder) {
            if (tensor.begin() != at) {
                String what = tensor.begin() < at ? "an overlap" : "a hole";
                throw Safetensors.error(
                        file,
                        "tensor " + Json.printable(tensor.name()) + ": found " + what + " at data byte "
                                + Math.min(at, tensor.begin()) + ", expected it to begin at " + at);
            }
            at = tensor.end();
        }
        if (at != dataBytes) {
            throw Safetensors.error(
                    file,
                    "found " + dataBytes + " bytes of data, expected " + at
                            + " as the header says; it was cut short or something was appended");
        }
    }

    /** One pass over a header. What a message needs is put together only for a message. */
    private static final class Reader {
        private final Path file;
        private final JsonParser parser;
        private final long dataBytes;
        private String current = "";

        Reader(Path file, JsonParser parser, long dataBytes) {
            this.file = file;
            this.parser = parser;
            this.dataBytes = dataBytes;
        }

        SafetensorsHeader header() {
            Map<String, TensorInfo> tensors = new LinkedHashMap<>();
            Map<String, String> metadata = Map.of();
            expect(JsonToken.START_OBJECT, "");
            while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                current = parser.currentName();
                if (current.equals("__metadata__")) {
                    if (!metadata.isEmpty()) {
                        throw error("", "found it twice", "it once");
                    }
                    metadata = metadata();
                } else if (tensors.put(current, tensor()) != null) {
                    throw error("", "found it twice", "every tensor once");
                }
            }
            return new SafetensorsHeader(tensors, metadata);
        }

        private Map<String, String> metadata() {
            Map<String, String> metadata = new LinkedHashMap<>();
            expect(JsonToken.START_OBJECT, "");
            while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                String key = parser.currentName();
                expect(JsonToken.VALUE_STRING, key);
                if (metadata.put(key, parser.getString()) != null) {
                    throw error(key, "found it twice", "every key once");
                }
            }
            return metadata;
        }

        private TensorInfo tensor() {
            String type = "";
            List<Long> shape = List.of();
            List<Long> offsets = List.of();
            int keys = 0; // a bit for each
            expect(JsonToken.START_OBJECT, "");
            while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                String key = parser.currentName();
                int bit = 1 << (KEYS.indexOf(key) + 1);
                if ((keys & bit) != 0) {
                    throw error(key, "found it twice", "every key once");
                }
                keys |= bit;
                switch (key) {
                    case "dtype" -> {
                        expect(JsonToken.VALUE_STRING, key);
                        type = parser.getString();
                    }
                    case "shape" -> shape = naturals(key, MAX_RANK, MAX_DIMENSION);
                    case "data_offsets" -> offsets = naturals(key, 2, Long.MAX_VALUE);
                    default -> throw error("", "found the key " + Json.printable(key), "dtype, shape, data_offsets");
                }
            }
            if (keys != ALL_KEYS) {
                throw error("", "found " + Integer.bitCount(keys) + " keys", "dtype, shape, data_offsets");
            }
            return located(type, shape, offsets);
        }

        private TensorInfo located(String type, List<Long> shape, List<Long> offsets) {
            DType dtype = DType.of(type)
                    .orElseThrow(() ->
                            error("", "found dtype " + Json.printable(type), "one of " + List.of(DType.values())));
            if (offsets.size() != 2 || offsets.get(0) > offsets.get(1) || offsets.get(1) > dataBytes) {
                throw error(
                        "",
                        "found data_offsets " + offsets,
                        "begin <= end <= " + dataBytes + " (the bytes of data in the file)");
            }
            long bytes = offsets.get(1) - offsets.get(0);
            long elements = bytes / dtype.bytes;
            if (elements * dtype.bytes != bytes || elements != product(shape)) {
                throw error(
                        "",
                        "found data_offsets " + offsets + " (" + bytes + " bytes)",
                        "as many bytes as dtype " + dtype + " and shape " + shape + " take");
            }
            return new TensorInfo(current, dtype, shape, offsets.get(0), elements);
        }

        /** Elements of a shape, or -1 if they are more than a long can count. */
        private static long product(List<Long> shape) {
            long elements = 1;
            for (long dimension : shape) {
                if (Math.multiplyHigh(elements, dimension) != 0 || elements * dimension < 0) {
                    return -1;
                }
                elements *= dimension;
            }
            return elements;
        }

        private List<Long> naturals(String key, int maxCount, long max) {
            expect(JsonToken.START_ARRAY, key);
            List<Long> values = new ArrayList<>(maxCount);
            for (JsonToken token = parser.nextToken(); token != JsonToken.END_ARRAY; token = parser.nextToken()) {
                expect(token, JsonToken.VALUE_NUMBER_INT, key);
                if (values.size() == maxCount) {
                    throw error(key, "found more than " + maxCount + " numbers", "at most " + maxCount);
                }
                long value = parser.getLongValue(); // refuses what does not fit
                if (value < 0 || value > max) {
                    throw error(key, "found " + value, "0 to " + max);
                }
                values.add(value);
            }
            return List.copyOf(values);
        }

        private void expect(JsonToken expected, String key) {
            expect(parser.nextToken(), expected, key);
        }

        private void expect(@Nullable JsonToken found, JsonToken expected, String key) {
            if (found != expected) {
                throw error(key, "found " + (found == null ? "the end" : found), expected.toString());
            }
        }

        private CheckpointException error(String key, String found, String expected) {
            boolean tensor = !current.equals("__metadata__") && !current.isEmpty();
            String where = (tensor ? "tensor " : "") + (current.isEmpty() ? "header" : Json.printable(current));
            String inside = key.isEmpty() ? "" : (tensor ? ": " : ".") + Json.printable(key);
            return Safetensors.error(file, where + inside + ": " + found + ", expected " + expected);
        }
    }
}
