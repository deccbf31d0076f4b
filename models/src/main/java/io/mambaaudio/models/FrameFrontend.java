package io.mambaaudio.models;

/**
 * The patch embedding of a model that hears: a linear layer over a window of mel frames, in place of a table of token embeddings. Step
 * {@code k} takes the frames {@code [k * strideFrames, k * strideFrames + windowFrames)}.
 *
 * @param nMels values in a frame
 * @param windowFrames frames that a step sees, at least {@code strideFrames}
 * @param strideFrames frames from one step to the next
 */
public record FrameFrontend(int nMels, int windowFrames, int strideFrames) {
    /** Checks the values against each other. */
    public FrameFrontend {
        if (nMels < 1 || strideFrames < 1 || windowFrames < strideFrames) {
            throw new IllegalArgumentException("nMels=" + nMels + ", windowFrames=" + windowFrames + ", strideFrames="
                    + strideFrames + " is out of range; choose nMels >= 1 and 1 <= strideFrames <= windowFrames");
        }
    }

    /**
     * Size of a window.
     *
     * @return nMels * windowFrames
     */
    public int windowSize() {
        return Math.multiplyExact(nMels, windowFrames);
    }
}
