package io.mambaaudio.flink;

/**
 * Where a stream stands: the small part of its keyed state, that outlasts the sound. Public because Flink writes only public records
 * without help.
 *
 * @param phase what the stream is doing
 * @param sampleRateHz samples a second
 * @param start position of the sample at which the transcriber started
 * @param next position of the sample that comes next
 * @param rows how many rows were told
 * @param heardMillis event time of the newest sound
 */
public record StreamPlace(Phase phase, int sampleRateHz, long start, long next, long rows, long heardMillis) {
    /** What a stream is doing. */
    public enum Phase {
        /** It speaks: a transcriber's state belongs to it. */
        LIVE,
        /** It was silent for so long that its utterance was finished and its sound forgotten; it may speak again. */
        IDLE,
        /** Its last block came. */
        ENDED,
        /** A block had a fault. */
        FAILED
    }

    /** At the start of a stream whose first block this is. */
    static StreamPlace at(AudioBlock block) {
        return new StreamPlace(
                Phase.LIVE, block.sampleRateHz(), block.position(), block.position(), 0, block.endMillis());
    }

    /** Of a stream of which nothing good was heard. */
    static StreamPlace unheard(long watermark) {
        return new StreamPlace(Phase.FAILED, 1, 0, 0, 0, Math.max(0, watermark));
    }

    /** Nothing more is heard of it. */
    boolean isOver() {
        return phase == Phase.ENDED || phase == Phase.FAILED;
    }

    StreamPlace in(Phase other) {
        return new StreamPlace(other, sampleRateHz, start, next, rows, heardMillis);
    }

    StreamPlace told(long rowsNow) {
        return new StreamPlace(phase, sampleRateHz, start, next, rowsNow, heardMillis);
    }

    StreamPlace heard(AudioBlock block) {
        long end = Math.max(next, block.end());
        return new StreamPlace(phase, sampleRateHz, start, end, rows, Math.max(heardMillis, block.endMillis()));
    }

    /** A new transcriber begins at the sample. */
    StreamPlace restarted(long position) {
        return new StreamPlace(Phase.LIVE, sampleRateHz, position, position, rows, heardMillis);
    }

    /** What to add to the times of the transcriber. */
    double offsetSeconds() {
        return start / (double) sampleRateHz;
    }
}
