package io.mambaaudio.music;

/** What a user got wrong: a model that does not fit. The message is one line that names the value, the limit and what to do. */
public final class MusicException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /**
     * Makes one.
     *
     * @param message one line
     */
    public MusicException(String message) {
        super(message);
    }

    /**
     * Makes one that another exception caused.
     *
     * @param message one line
     * @param cause what went wrong underneath
     */
    public MusicException(String message, Throwable cause) {
        super(message, cause);
    }
}
