package io.mambaaudio.server;

import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.jr.ob.JSON;

/** JSON objects that clients send. Any thread. */
final class JsonObjects {
    private JsonObjects() {}

    /**
     * Reads an object.
     *
     * @param text what the client sent
     * @param complaint the message if it is anything else, also the word null
     * @throws IllegalArgumentException with the complaint
     */
    static Map<String, Object> parse(String text, String complaint) {
        try {
            Map<String, Object> fields = JSON.std.mapFrom(text);
            if (fields != null) {
                return fields;
            }
        } catch (JacksonException | ClassCastException e) {
            throw new IllegalArgumentException(complaint, e);
        }
        throw new IllegalArgumentException(complaint);
    }
}
