package io.mambaaudio.server;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.buffers.DataReader;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.jr.ob.JSON;

/**
 * One event of the Wyoming protocol: a line of JSON that says its type and how many bytes of further JSON and of payload follow.
 *
 * @param payload sound, or nothing
 */
record WyomingEvent(String type, Map<String, Object> data, ByteBuffer payload) {
    private static final String VERSION = "1.10.0";
    private static final int MOST_LINE = 1 << 16;
    private static final int MOST_DATA = 1 << 20;
    private static final byte[] NOTHING = {};

    WyomingEvent(String type, Map<String, Object> data) {
        this(type, data, ByteBuffer.allocate(0));
    }

    /**
     * Reads the next event.
     *
     * @param mostPayload the most bytes of sound
     * @return empty if the client closed its side between two events
     * @throws IllegalArgumentException in one line, if that is no event
     */
    static Optional<WyomingEvent> read(DataReader in, int mostPayload) {
        String line = line(in);
        if (line == null) {
            return Optional.empty();
        }
        Map<String, Object> header = json(line);
        if (!(header.get("type") instanceof String type)) {
            throw new IllegalArgumentException("the event has no type; send {\"type\":\"...\"}");
        }
        Map<String, Object> data = new LinkedHashMap<>();
        if (header.get("data") instanceof Map<?, ?> inline) {
            inline.forEach((key, value) -> data.put(String.valueOf(key), value));
        }
        int dataLength = length(header, "data_length", MOST_DATA);
        int payloadLength = length(header, "payload_length", mostPayload);
        if (dataLength > 0) {
            data.putAll(json(new String(in.readBytes(dataLength), StandardCharsets.UTF_8)));
        }
        return Optional.of(new WyomingEvent(
                type, data, ByteBuffer.wrap(payloadLength > 0 ? in.readBytes(payloadLength) : NOTHING)));
    }

    private static @Nullable String line(DataReader in) {
        ByteArrayOutputStream line = new ByteArrayOutputStream(256);
        try {
            for (byte b = in.read(); b != '\n'; b = in.read()) {
                if (line.size() == MOST_LINE) {
                    throw new IllegalArgumentException(
                            "a line of more than " + MOST_LINE + " bytes; is this the Wyoming protocol?");
                }
                line.write(b);
            }
        } catch (DataReader.InsufficientDataAvailableException e) {
            return null;
        }
        return line.toString(StandardCharsets.UTF_8);
    }

    private static Map<String, Object> json(String text) {
        return JsonObjects.parse(text, "the event is not a line of JSON; is this the Wyoming protocol?");
    }

    private static int length(Map<String, Object> header, String name, int most) {
        Object value = header.get(name);
        if (value == null) {
            return 0;
        }
        double length = VoskConfig.number(name, value);
        if (!(length >= 0 && length <= most)) {
            throw new IllegalArgumentException(name + "=" + value + " is out of range; choose 0 to " + most);
        }
        return (int) length;
    }

    /** In the wire's format. */
    BufferData bytes() {
        Map<String, Object> header = new LinkedHashMap<>();
        header.put("type", type);
        header.put("version", VERSION);
        byte[] body = data.isEmpty() ? NOTHING : JSON.std.asString(data).getBytes(StandardCharsets.UTF_8);
        if (body.length > 0) {
            header.put("data_length", body.length);
        }
        byte[] line = (JSON.std.asString(header) + "\n").getBytes(StandardCharsets.UTF_8);
        return BufferData.create(BufferData.create(line), BufferData.create(body));
    }
}
