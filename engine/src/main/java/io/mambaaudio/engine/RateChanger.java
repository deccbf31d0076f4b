package io.mambaaudio.engine;

/**
 * A processor whose blocks out may have another number of frames than its blocks in: it changes the rate or the pace. A
 * {@link Chain} can hold one anywhere; a host that needs as many frames out as in has to refuse it.
 */
public interface RateChanger extends Processor {
    /**
     * The most frames that a call of {@link #convert} or {@link #flush} writes, known after {@link #prepare}.
     *
     * @return frames at the output's rate, for blocks of {@code maxFrames}
     */
    int maxOutputFrames();

    /**
     * As {@link #process}, but for the number of frames that it writes.
     *
     * @param in (channels, at least frames) samples; not to be written
     * @param out (channels of the output format, at least {@link #maxOutputFrames}) samples, never the same arrays as {@code in}
     * @param frames how many frames of {@code in} count
     * @return frames written, often 0
     */
    int convert(float[][] in, float[][] out, int frames);

    /**
     * Lets out what is still held back when the input has ended; called before {@link #finish} until it returns 0.
     *
     * @param out as in {@link #convert}
     * @return frames written, 0 when there are no more
     */
    int flush(float[][] out);

    /** Not possible: the number of frames that come out would be lost. */
    @Override
    default void process(float[][] in, float[][] out, int frames) {
        throw new IllegalStateException("processor \"" + id()
                + "\" changes the number of frames; put it into a Chain or call convert instead of process");
    }
}
