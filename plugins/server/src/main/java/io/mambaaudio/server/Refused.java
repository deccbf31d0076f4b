package io.mambaaudio.server;

/** A stream that is not admitted. The message is one line for whoever asked. */
final class Refused extends Exception {
    private static final long serialVersionUID = 1L;

    private final Why why;

    /** Names of a label in the metrics. */
    enum Why {
        FULL,
        BUSY,
        LATE,
        DRAINING,
        UNUSABLE
    }

    Refused(Why why, String message) {
        super(message);
        this.why = why;
    }

    Refused(String message, Throwable cause) {
        super(message, cause);
        this.why = Why.UNUSABLE;
    }

    Why why() {
        return why;
    }
}
