package io.mambaaudio.javasound;

import java.nio.file.Path;
import java.util.Optional;

/**
 * What the system properties say when a line opens.
 *
 * @param text the file that gets the text
 * @param model the checkpoint that replaces the shipped one
 * @param realTime whether sound is taken at the pace of a loudspeaker
 */
record Settings(Optional<Path> text, Optional<Path> model, boolean realTime) {
    static final String TEXT = "io.mambaaudio.javasound.text";
    static final String MODEL = "io.mambaaudio.javasound.model";
    static final String PACE = "io.mambaaudio.javasound.pace";

    private static final String REAL_TIME = "real-time";
    private static final String NONE = "none";

    /** @throws IllegalArgumentException in one line, if a property has no meaning */
    static Settings read() {
        String pace = System.getProperty(PACE, REAL_TIME);
        if (!pace.equals(REAL_TIME) && !pace.equals(NONE)) {
            throw new IllegalArgumentException(
                    PACE + "=" + pace + " is not known; choose " + REAL_TIME + " or " + NONE);
        }
        return new Settings(path(TEXT), path(MODEL), pace.equals(REAL_TIME));
    }

    private static Optional<Path> path(String name) {
        return Optional.ofNullable(System.getProperty(name))
                .filter(text -> !text.isBlank())
                .map(Path::of);
    }
}
