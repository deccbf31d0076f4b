package io.mambaaudio.models;

import java.io.Serial;

/** A model cannot be used as asked. The message is one line for the user: what was found, what was expected, what to do. */
public class ModelException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1L;

    /**
     * An error for the user.
     *
     * @param message one line
     */
    public ModelException(String message) {
        super(message);
    }

    /**
     * An error for the user.
     *
     * @param message one line
     * @param cause what it came from
     */
    public ModelException(String message, Throwable cause) {
        super(message, cause);
    }
}
