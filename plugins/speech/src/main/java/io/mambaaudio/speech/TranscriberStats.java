package io.mambaaudio.speech;

/**
 * What a transcriber has done since it was built.
 *
 * @param steps of the model
 * @param meanStepMillis time of a step of the model
 * @param worstStepMillis the longest step of the model
 * @param partials told
 * @param finals told
 * @param suppressed utterances that were not told, for want of certainty or of sound
 */
public record TranscriberStats(
        long steps, double meanStepMillis, double worstStepMillis, long partials, long finals, long suppressed) {}
