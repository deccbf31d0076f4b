package io.mambaaudio.speech;

import io.mambaaudio.dsp.MelSpec;
import io.mambaaudio.models.FrameFrontend;

/**
 * Where steps lie in time. A step is named by its newest mel frame; it sees the window of frames that ends there. A CTC model names a
 * piece when it is sure of it, which is late in the piece: a word begins before the step that is likeliest for its first piece, and
 * ends about in the middle of that of its last piece.
 *
 * @param frameSeconds from one mel frame to the next
 * @param stepSeconds from one step to the next
 * @param windowSeconds sound that a step sees
 * @param frameWindowSeconds sound that a mel frame sees
 */
record StepClock(double frameSeconds, double stepSeconds, double windowSeconds, double frameWindowSeconds) {
    /** From the beginning of a word to the middle of the step that names its first piece: the median of the development set. */
    private static final double LEAD_SECONDS = 0.22;

    static StepClock of(MelSpec spec, FrameFrontend shape) {
        double rate = spec.sampleRateHz();
        double frame = spec.hopSamples() / rate;
        double frameWindow = spec.windowSamples() / rate;
        return new StepClock(
                frame, frame * shape.strideFrames(), frame * (shape.windowFrames() - 1) + frameWindow, frameWindow);
    }

    /** Up to where the sound was heard. */
    double heardSeconds(long frame) {
        return frame * frameSeconds + frameWindowSeconds;
    }

    /** The middle of what the step sees. */
    private double centreSeconds(long frame) {
        return heardSeconds(frame) - windowSeconds / 2;
    }

    double wordStartSeconds(long frame) {
        return Math.max(0, centreSeconds(frame) - LEAD_SECONDS);
    }

    double wordEndSeconds(long frame) {
        return centreSeconds(frame);
    }
}
