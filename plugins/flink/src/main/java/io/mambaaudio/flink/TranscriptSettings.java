package io.mambaaudio.flink;

import io.mambaaudio.models.Backend;
import io.mambaaudio.speech.EndpointRules;
import io.mambaaudio.speech.GateRules;
import java.io.Serializable;
import java.nio.file.Path;
import java.time.Duration;

/**
 * How a job recognises speech. Paths are looked up on every task manager.
 *
 * @param recogniser what to recognise with
 * @param partials whether rows are told before an utterance is finished
 * @param idle a stream that says nothing for so long, in event time, has its utterance finished and its sound forgotten
 * @param forget after so much more all of it is forgotten
 * @param liveStreams how many transcribers a subtask keeps at once; the other streams wait as bytes in Flink's state
 */
public record TranscriptSettings(
        Recogniser recogniser, boolean partials, Duration idle, Duration forget, int liveStreams)
        implements Serializable {
    private static final Duration LONGEST = Duration.ofDays(365_000);

    /**
     * What to recognise with. Opened once in a task manager, for all of its streams.
     *
     * @param model a checkpoint, a file or a folder; empty for the shipped one
     * @param backend where the model computes
     * @param beam hypotheses of the decoder; 1 for the greedy one
     * @param hotwords a file of phrases to prefer; empty for none
     * @param languageModel a word n-gram model in ARPA format; empty for none
     * @param gate what keeps noise from becoming words
     * @param endpoints when utterances end
     */
    public record Recogniser(
            String model,
            Backend backend,
            int beam,
            String hotwords,
            String languageModel,
            GateRules gate,
            EndpointRules endpoints)
            implements Serializable {
        /** Checks the range of the beam. */
        public Recogniser {
            check(beam >= 1 && beam <= 1024, "beam", beam, "1 to 1024");
        }
    }

    /** Checks the ranges. */
    public TranscriptSettings {
        check(idle.toMillis() >= 100 && idle.compareTo(LONGEST) <= 0, "idle", idle, "0.1 s to 1000 years");
        check(!forget.isNegative() && forget.compareTo(LONGEST) <= 0, "forget", forget, "0 s to 1000 years");
        check(liveStreams >= 1 && liveStreams <= 1_000_000, "liveStreams", liveStreams, "1 to 1000000");
    }

    private static void check(boolean ok, String name, Object value, String range) {
        if (!ok) {
            throw new IllegalArgumentException(name + "=" + value + " is out of range; choose " + range);
        }
    }

    /**
     * The shipped model, a greedy decoder, finals alone, a minute until a stream is idle, a day until it is forgotten, 256 live
     * streams a subtask.
     *
     * @return a builder with these defaults
     */
    public static Builder builder() {
        return new Builder();
    }

    /** Makes settings. One thread at a time. */
    public static final class Builder {
        private static final int DEFAULT_BEAM = 8;

        private String model = "";
        private Backend backend = Backend.AUTO;
        private int beam;
        private String hotwords = "";
        private String languageModel = "";
        private GateRules gate = GateRules.DEFAULT;
        private EndpointRules endpoints = EndpointRules.DEFAULT;
        private boolean partials;
        private Duration idle = Duration.ofMinutes(1);
        private Duration forget = Duration.ofDays(1);
        private int liveStreams = 256;

        private Builder() {}

        /**
         * Another model than the shipped one.
         *
         * @param checkpoint a file or a folder
         * @return this
         */
        public Builder model(Path checkpoint) {
            model = checkpoint.toString();
            return this;
        }

        /**
         * Where the model computes.
         *
         * @param where default AUTO
         * @return this
         */
        public Builder backend(Backend where) {
            backend = where;
            return this;
        }

        /**
         * How many hypotheses the decoder keeps.
         *
         * @param width 1, the default, for the greedy decoder; with hotwords or a language model the default is 8
         * @return this
         */
        public Builder beam(int width) {
            beam = width;
            return this;
        }

        /**
         * Phrases to prefer.
         *
         * @param file one phrase a line
         * @return this
         */
        public Builder hotwords(Path file) {
            hotwords = file.toString();
            return this;
        }

        /**
         * A language model.
         *
         * @param file in ARPA format
         * @return this
         */
        public Builder languageModel(Path file) {
            languageModel = file.toString();
            return this;
        }

        /**
         * What keeps noise from becoming words.
         *
         * @param rules default {@link GateRules#DEFAULT}
         * @return this
         */
        public Builder gate(GateRules rules) {
            gate = rules;
            return this;
        }

        /**
         * When utterances end.
         *
         * @param rules default {@link EndpointRules#DEFAULT}
         * @return this
         */
        public Builder endpoints(EndpointRules rules) {
            endpoints = rules;
            return this;
        }

        /**
         * Whether rows are told before an utterance is finished.
         *
         * @param told default false
         * @return this
         */
        public Builder partials(boolean told) {
            partials = told;
            return this;
        }

        /**
         * How long to wait for a stream that says nothing, in event time.
         *
         * @param untilIdle until its utterance is finished and its sound forgotten
         * @param untilForgotten until the rest, some 50 bytes, is forgotten too
         * @return this
         */
        public Builder patience(Duration untilIdle, Duration untilForgotten) {
            idle = untilIdle;
            forget = untilForgotten;
            return this;
        }

        /**
         * How many transcribers a subtask keeps at once.
         *
         * @param streams default 256
         * @return this
         */
        public Builder liveStreams(int streams) {
            liveStreams = streams;
            return this;
        }

        /**
         * Makes the settings.
         *
         * @return the settings
         */
        public TranscriptSettings build() {
            boolean search = !hotwords.isEmpty() || !languageModel.isEmpty();
            int width = beam != 0 ? beam : search ? DEFAULT_BEAM : 1;
            Recogniser recogniser = new Recogniser(model, backend, width, hotwords, languageModel, gate, endpoints);
            return new TranscriptSettings(recogniser, partials, idle, forget, liveStreams);
        }
    }
}
