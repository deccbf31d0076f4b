package io.mambaaudio.demo;

import io.mambaaudio.speech.TranscriptEvent;
import java.io.PrintStream;

/**
 * One way to write transcripts down. For each input {@link #begin}, its events in order, {@link #end}; also for an input that
 * failed, so that the lines of a table stay in step with the inputs. Each piece is flushed as soon as it is final.
 */
interface TranscriptWriter {
    /** The formats that {@code --format} knows. */
    enum Format {
        text,
        json,
        srt,
        vtt,
        tsv;

        /** A writer of this format. */
        TranscriptWriter to(PrintStream out) {
            return switch (this) {
                case text -> new TextWriter(out);
                case json -> new JsonWriter(out);
                case srt -> new CueWriter(out, CueWriter.Style.SRT);
                case vtt -> new CueWriter(out, CueWriter.Style.VTT);
                case tsv -> new TsvWriter(out);
            };
        }

        /** Whether the texts of several inputs can stand one after the other. */
        boolean holdsManyInputs() {
            return this != srt && this != vtt;
        }
    }

    /** A new input begins. */
    default void begin(String input) {}

    /** Something was heard. */
    void accept(TranscriptEvent event);

    /** The input is over. */
    default void end() {}
}
