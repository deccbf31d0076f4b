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
    private static final long MAX_DIMENSION = 1L << 40;

    static SafetensorsHeader parse(Path file, byte[] text, long dataBytes) {
        try (JsonParser parser = Json.factory(text.length).createParser(ObjectReadContext.empty(), text)) {
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

    /** The state of one pass over a header. */
    private record Reader(Path file, JsonParser parser, long dataBytes) {
        SafetensorsHeader header() {
            Map<String, TensorInfo> tensors = new LinkedHashMap<>();
            Map<String, String> metadata = Map.of();
            expect(parser.nextToken(), JsonToken.START_OBJECT, "header");
            while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                String name = parser.currentName();
                if (name.equals("__metadata__")) {
                    metadata = metadata();
                } else {
                    tensors.put(name, tensor(name));
                }
            }
            return new SafetensorsHeader(tensors, metadata);
        }

        private Map<String, String> metadata() {
            Map<String, String> metadata = new LinkedHashMap<>();
            expect(parser.nextToken(), JsonToken.START_OBJECT, "__metadata__");
            while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                String key = parser.currentName();
                expect(parser.nextToken(), JsonToken.VALUE_STRING, "__metadata__." + Json.printable(key));
                metadata.put(key, parser.getString());
            }
            return metadata;
        }

        private TensorInfo tensor(String name) {
            String where = "tensor " + Json.printable(name);
            String type = "";
            List<Long> shape = List.of();
            List<Long> offsets = List.of();
            int keys = 0;
            expect(parser.nextToken(), JsonToken.START_OBJECT, where);
            while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                String key = parser.currentName();
                keys++;
                switch (key) {
                    case "dtype" -> {
                        expect(parser.nextToken(), JsonToken.VALUE_STRING, where + ": dtype");
                        type = parser.getString();
                    }
                    case "shape" -> shape = naturals(where + ": shape", MAX_RANK, MAX_DIMENSION);
                    case "data_offsets" -> offsets = naturals(where + ": data_offsets", 2, Long.MAX_VALUE);
                    default -> throw error(where, "found the key " + Json.printable(key), "dtype, shape, data_offsets");
                }
            }
            if (keys != 3) {
                throw error(where, "found " + keys + " keys", "dtype, shape, data_offsets");
            }
            return located(name, where, type, shape, offsets);
        }

        private TensorInfo located(String name, String where, String type, List<Long> shape, List<Long> offsets) {
            String known = Json.printable(type);
            DType dtype = DType.of(type)
                    .orElseThrow(() -> error(where, "found dtype " + known, "one of " + List.of(DType.values())));
            if (offsets.size() != 2 || offsets.get(0) > offsets.get(1) || offsets.get(1) > dataBytes) {
                throw error(
                        where,
                        "found data_offsets " + offsets,
                        "begin <= end <= " + dataBytes + " (the bytes of data in the file)");
            }
            long elements = 1;
            try {
                for (long dimension : shape) {
                    elements = Math.multiplyExact(elements, dimension);
                }
                if (Math.multiplyExact(elements, (long) dtype.bytes) != offsets.get(1) - offsets.get(0)) {
                    throw new ArithmeticException();
                }
            } catch (ArithmeticException e) {
                throw error(
                        where,
                        "found data_offsets " + offsets + " (" + (offsets.get(1) - offsets.get(0)) + " bytes)",
                        "as many bytes as dtype " + dtype + " and shape " + shape + " take");
            }
            return new TensorInfo(name, dtype, List.copyOf(shape), offsets.get(0), elements);
        }

        private List<Long> naturals(String where, int maxCount, long max) {
            expect(parser.nextToken(), JsonToken.START_ARRAY, where);
            List<Long> values = new ArrayList<>(4);
            for (JsonToken token = parser.nextToken(); token != JsonToken.END_ARRAY; token = parser.nextToken()) {
                expect(token, JsonToken.VALUE_NUMBER_INT, where);
                if (values.size() == maxCount) {
                    throw error(where, "found more than " + maxCount + " numbers", "at most " + maxCount);
                }
                long value = parser.getLongValue(); // refuses what does not fit
                if (value < 0 || value > max) {
                    throw error(where, "found " + value, "0 to " + max);
                }
                values.add(value);
            }
            return values;
        }

        private void expect(@Nullable JsonToken found, JsonToken expected, String where) {
            if (found != expected) {
                throw error(where, "found " + (found == null ? "the end" : found), expected.toString());
            }
        }

        private CheckpointException error(String where, String found, String expected) {
            return Safetensors.error(file, where + ": " + found + ", expected " + expected);
        }
    }
}
