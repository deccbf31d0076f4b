package io.mambaaudio.demo;

import io.mambaaudio.engine.EngineException;
import io.mambaaudio.models.ModelException;
import io.mambaaudio.music.MusicException;
import io.mambaaudio.server.ServerException;
import io.mambaaudio.speech.SpeechException;
import java.io.UncheckedIOException;

/** What a failure looks like to the user: one line and an exit code; the trace only for who asks for it. */
final class Failures {
    private Failures() {}

    /** Prints the line and gives the exit code. */
    static int report(Terminal terminal, Throwable failure) {
        boolean debug = Boolean.getBoolean(QuietLoggers.VERBOSE);
        boolean mistake = isMistake(failure);
        String message = String.valueOf(failure.getMessage());
        terminal.complain(
                mistake
                        ? message
                        : failure.getClass().getSimpleName() + ": " + message
                                + (debug ? "" : "; run again with --verbose for the details"));
        if (debug) {
            failure.printStackTrace(terminal.err());
        }
        return mistake ? Main.MISTAKE : Main.FAILED;
    }

    /** The exceptions by which the modules say that what they were given is at fault. */
    static boolean isMistake(Throwable failure) {
        return failure instanceof UserError
                || failure instanceof EngineException
                || failure instanceof ModelException
                || failure instanceof MusicException
                || failure instanceof ServerException
                || failure instanceof SpeechException
                || failure instanceof UncheckedIOException;
    }
}
