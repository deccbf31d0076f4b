package io.mambaaudio.server;

/**
 * Why a server can't be started: an address, a file or a setting that does not fit. The message is one line that names the value, the
 * limit and what to do.
 */
public final class ServerException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /**
     * Makes one.
     *
     * @param message one line
     */
    public ServerException(String message) {
        super(message);
    }

    /**
     * Makes one that another exception caused.
     *
     * @param message one line
     * @param cause what went wrong underneath
     */
    public ServerException(String message, Throwable cause) {
        super(message, cause);
    }
}
