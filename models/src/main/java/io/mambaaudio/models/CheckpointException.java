package io.mambaaudio.models;

import java.io.Serial;

/** A checkpoint or a snapshot cannot be read. The message is one line: the file, the tensor, what was found, what was expected. */
public final class CheckpointException extends ModelException {
    @Serial
    private static final long serialVersionUID = 1L;

    /**
     * An error for the user.
     *
     * @param message one line
     */
    public CheckpointException(String message) {
        super(message);
    }

    /**
     * An error for the user.
     *
     * @param message one line
     * @param cause what it came from
     */
    public CheckpointException(String message, Throwable cause) {
        super(message, cause);
    }
}
