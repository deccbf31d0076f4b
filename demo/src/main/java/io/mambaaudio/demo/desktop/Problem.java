package io.mambaaudio.demo.desktop;

import io.mambaaudio.engine.EngineException;
import java.util.Locale;

/** A failure in one line, for the person in front of the window. */
final class Problem {
    private Problem() {}

    /** What the modules of this project say is made for people; anything else is named by its kind. */
    static String line(Throwable failure) {
        String reason = EngineException.reason(failure);
        boolean ours = failure.getClass().getName().startsWith("io.mambaaudio.");
        if (failure instanceof OutOfMemoryError) {
            return "Not enough memory: the heap has " + Runtime.getRuntime().maxMemory() / (1 << 20)
                    + " MiB at most; give more, for example with JDK_JAVA_OPTIONS=-Xmx4g";
        }
        return ours ? sentence(reason) : failure.getClass().getSimpleName() + ": " + reason;
    }

    /** Beginning with a capital, unless it begins with the name of a file. */
    static String sentence(String text) {
        int space = text.indexOf(' ');
        boolean word = text.chars().limit(space < 0 ? text.length() : space).allMatch(Character::isLetter);
        return word && !text.isEmpty() ? text.substring(0, 1).toUpperCase(Locale.ROOT) + text.substring(1) : text;
    }
}
