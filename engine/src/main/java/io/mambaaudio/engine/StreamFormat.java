package io.mambaaudio.engine;

/**
 * The shape of a stream of sound inside the engine: float samples, one array a channel.
 *
 * @param sampleRateHz frames a second, 1 to 768,000
 * @param channels channels of a frame, 1 to 64
 */
public record StreamFormat(int sampleRateHz, int channels) {
    /** Checks the ranges. */
    public StreamFormat {
        if (sampleRateHz < 1 || sampleRateHz > 768_000) {
            throw new IllegalArgumentException("sampleRateHz=" + sampleRateHz + " is out of range; choose 1 to 768000");
        }
        if (channels < 1 || channels > 64) {
            throw new IllegalArgumentException("channels=" + channels + " is out of range; choose 1 to 64");
        }
    }
}
