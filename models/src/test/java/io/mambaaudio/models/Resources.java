package io.mambaaudio.models;

import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Path;
import java.util.Objects;

/** Files of src/test/resources. */
final class Resources {
    private Resources() {}

    static Path path(String name) {
        URL url = Objects.requireNonNull(Resources.class.getResource("/" + name), name);
        try {
            return Path.of(url.toURI());
        } catch (URISyntaxException e) {
            throw new AssertionError(e);
        }
    }
}
