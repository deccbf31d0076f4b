package io.mambaaudio.music;

import io.mambaaudio.music.FrameHead.MusicShape;
import java.util.Arrays;

/**
 * The machine's notes as events: a note begins where the machine drew it, as loud as the model then hears it, and ends where it hears it sound
 * no longer, where it begins again, or at the end of all. Rows speak of the step before the newest.
 */
final class NoteReader {
    private static final float SOUNDING_LOGIT = -0.4f;
    private static final int LEAST_STEPS = 3; // 64 ms: a note is at least heard

    /** Told of notes. */
    interface Sink {
        void on(int pitch, int velocity, long step);

        void off(int pitch, long step);
    }

    private final MusicShape shape;
    private final long[] since; // (pitches) the step of the onset, or −1

    NoteReader(MusicShape shape) {
        this.shape = shape;
        this.since = new long[shape.pitches()];
        reset();
    }

    void reset() {
        Arrays.fill(since, -1);
    }

    /**
     * Reads one row.
     *
     * @param row what the model said after the step that followed
     * @param drawn (pitches) 1 where a note began in the step
     */
    void read(float[] row, float[] drawn, long step, Sink sink) {
        int sounding = shape.featureSize() + shape.pitches();
        int loudness = sounding + shape.pitches();
        for (int p = 0; p < since.length; p++) {
            boolean old = since[p] >= 0 && step - since[p] >= LEAST_STEPS;
            boolean begins = drawn[p] != 0 && (since[p] < 0 || old);
            if (old && (begins || row[sounding + p] < SOUNDING_LOGIT)) {
                end(p, step, sink);
            }
            if (begins) {
                since[p] = step;
                double velocity = 127 / (1 + Math.exp(-row[loudness + p]));
                sink.on(shape.lowestPitch() + p, (int) Math.max(1, Math.min(127, Math.round(velocity))), step);
            }
        }
    }

    /** Ends all notes. */
    void end(long step, Sink sink) {
        for (int p = 0; p < since.length; p++) {
            if (since[p] >= 0) {
                end(p, step, sink);
            }
        }
    }

    private void end(int p, long step, Sink sink) {
        since[p] = -1;
        sink.off(shape.lowestPitch() + p, step);
    }
}
