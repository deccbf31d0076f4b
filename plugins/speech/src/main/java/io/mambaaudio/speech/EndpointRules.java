package io.mambaaudio.speech;

import java.io.Serializable;

/**
 * When words and utterances end. The first rule that holds ends an utterance; none does before a word was said.
 *
 * @param wordSilenceSeconds nothing but blanks from the decoder for so long completes the last word, long before the utterance ends
 * @param decoderSilenceSeconds nothing but blanks from the decoder for so long
 * @param acousticSilenceSeconds nothing but blanks, and a level near the noise floor, for so long
 * @param acousticMarginDb how near: at most this much above the tracked noise floor
 * @param maxUtteranceSeconds an utterance that goes on for longer is handed out up to its last finished word and goes on from there
 * @param resetStateAtEndpoint whether the model's state starts afresh after an end by silence; otherwise it runs on
 */
public record EndpointRules(
        double wordSilenceSeconds,
        double decoderSilenceSeconds,
        double acousticSilenceSeconds,
        double acousticMarginDb,
        double maxUtteranceSeconds,
        boolean resetStateAtEndpoint)
        implements Serializable {

    /** The rules that the transcriber has by default. */
    public static final EndpointRules DEFAULT = new EndpointRules(0.4, 1.0, 0.7, 6, 30, false);

    /** Checks the ranges. */
    public EndpointRules {
        check(wordSilenceSeconds >= 0.1 && wordSilenceSeconds <= 60, "wordSilenceSeconds", wordSilenceSeconds);
        check(
                decoderSilenceSeconds >= 0.1 && decoderSilenceSeconds <= 60,
                "decoderSilenceSeconds",
                decoderSilenceSeconds);
        check(
                acousticSilenceSeconds >= 0.1 && acousticSilenceSeconds <= 60,
                "acousticSilenceSeconds",
                acousticSilenceSeconds);
        check(acousticMarginDb >= 0 && acousticMarginDb <= 60, "acousticMarginDb", acousticMarginDb);
        check(maxUtteranceSeconds >= 1 && maxUtteranceSeconds <= 600, "maxUtteranceSeconds", maxUtteranceSeconds);
    }

    /**
     * With the default for words.
     *
     * @param decoderSilenceSeconds nothing but blanks from the decoder for so long
     * @param acousticSilenceSeconds nothing but blanks, and a level near the noise floor, for so long
     * @param acousticMarginDb how near
     * @param maxUtteranceSeconds how long an utterance may be
     * @param resetStateAtEndpoint whether the model's state starts afresh
     */
    public EndpointRules(
            double decoderSilenceSeconds,
            double acousticSilenceSeconds,
            double acousticMarginDb,
            double maxUtteranceSeconds,
            boolean resetStateAtEndpoint) {
        this(
                DEFAULT.wordSilenceSeconds,
                decoderSilenceSeconds,
                acousticSilenceSeconds,
                acousticMarginDb,
                maxUtteranceSeconds,
                resetStateAtEndpoint);
    }

    private static void check(boolean ok, String name, double value) {
        if (!ok) {
            throw new IllegalArgumentException(name + "=" + value
                    + " is out of range; choose 0.1 to 60 (seconds), 0 to 60 (dB), 1 to 600 (maxUtteranceSeconds)");
        }
    }
}
