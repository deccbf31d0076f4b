package io.mambaaudio.dsp;

/** Receives the frames of a {@link MelFrontend}, on the thread that pushed the samples. */
@FunctionalInterface
public interface FrameSink {
    /**
     * Takes one frame.
     *
     * @param frame (nMels) log-mel values; the array belongs to the front end and is overwritten by the next frame
     */
    void accept(float[] frame);
}
