package io.mambaaudio.speech;

import java.io.PrintStream;

/**
 * One way to write transcripts down. For each input {@link #begin}, its events in order, {@link #end}; also for an input that
 * failed, so that the lines of a table stay in step with the inputs. Each piece is flushed as soon as it is final. One thread at a
 * time.
 */
public interface TranscriptWriter {
    /** The formats that there are, named as on a command line. */
    enum Format {
        /** A line an utterance. */
        text,
        /** JSON Lines: an object an utterance, with the times of its words in seconds. */
        json,
        /** SubRip subtitles. */
        srt,
        /** WebVTT subtitles. */
        vtt,
        /** A line an input: its name, a tab, the whole text. */
        tsv;

        /**
         * A writer of this format.
         *
         * @param out UTF-8; stays open
         * @return a writer at the start of its output
         */
        public TranscriptWriter to(PrintStream out) {
            return switch (this) {
                case text -> new TextWriter(out);
                case json -> new JsonWriter(out);
                case srt -> new CueWriter(out, CueWriter.Style.SRT);
                case vtt -> new CueWriter(out, CueWriter.Style.VTT);
                case tsv -> new TsvWriter(out);
            };
        }

        /**
         * Whether the texts of several inputs can stand one after the other.
         *
         * @return false for subtitles, whose times would overlap
         */
        public boolean holdsManyInputs() {
            return this != srt && this != vtt;
        }
    }

    /**
     * A new input begins.
     *
     * @param input its name
     */
    default void begin(String input) {}

    /**
     * Something was heard.
     *
     * @param event the next event of the input
     */
    void accept(TranscriptEvent event);

    /** The input is over. */
    default void end() {}
}
