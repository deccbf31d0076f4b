package io.mambaaudio.engine;

/**
 * What went wrong with a device, a file or a processor, in one line made for the person in front of the machine: what was
 * found, what is possible, what to do next. The cause, where there is one, is kept for whoever debugs.
 */
public final class EngineException extends RuntimeException {
    /**
     * Makes one.
     *
     * @param message one line
     */
    public EngineException(String message) {
        super(message);
    }

    /**
     * Makes one with the exception behind it.
     *
     * @param message one line
     * @param cause what was thrown
     */
    public EngineException(String message, Throwable cause) {
        super(message, cause);
    }

    /**
     * The reason that an exception gives, in one line, for use inside a message.
     *
     * @param thrown any exception or error
     * @return its message or, without one, its class's simple name; line breaks are gone and the length is bounded
     */
    public static String reason(Throwable thrown) {
        String message = thrown.getMessage();
        String text = message == null || message.isBlank() ? thrown.getClass().getSimpleName() : message;
        String line = text.strip().replaceAll("\\s+", " ");
        return line.length() <= 200 ? line : line.substring(0, 200) + "…";
    }
}
