package io.mambaaudio.javasound;

import io.mambaaudio.speech.TranscriptEvent;
import javax.sound.sampled.AudioFormat;

/**
 * Gets what programs play into "Mamba Transcriber", as text. Provide one with {@link java.util.ServiceLoader}; several may be there, and
 * each gets all.
 */
public interface TranscriptReceiver {
    /** One opened line. */
    interface Stream {
        /**
         * Something was heard.
         *
         * @param event the next event of the line; on a thread of the engine, so return soon
         */
        void accept(TranscriptEvent event);

        /** The line was closed, all its events are out. On the thread that closes the line. */
        default void close() {}
    }

    /**
     * A line was opened.
     *
     * @param format what will be played
     * @return who gets its events
     */
    Stream opened(AudioFormat format);
}
