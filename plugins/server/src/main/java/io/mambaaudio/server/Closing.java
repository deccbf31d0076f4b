package io.mambaaudio.server;

import java.util.Locale;

/** Why a client's connection ends, with the WebSocket close code that says so. */
enum Closing {
    /** The client said that its sound is over, and has the text. */
    DONE(1000),
    /** The client went away. */
    LEFT(1000),
    /** The server stops. */
    DRAINED(1001),
    /** Something that is not of the protocol. */
    GARBAGE(1008),
    /** No sound for too long. */
    IDLE(1008),
    /** The stream goes on over another connection. */
    TAKEN_OVER(1008),
    /** Nobody reads what is sent. */
    SLOW_READER(1008),
    /** More bytes than a message may have. */
    OVERSIZED(1009),
    /** Our own mistake. */
    FAILED(1011),
    /** No room, or no time. */
    REFUSED(1013);

    private final int code;

    Closing(int code) {
        this.code = code;
    }

    int code() {
        return code;
    }

    String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
