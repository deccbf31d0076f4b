package io.mambaaudio.music;

import io.mambaaudio.music.FrameHead.MusicShape;
import java.util.Arrays;

/**
 * Notes from the model's rows: a note begins where the onset's logit rises above its threshold, and ends where it sounds no longer, where
 * it begins again, or at the end of all. Rows speak of the step before the newest.
 */
final class NoteReader {
    private static final float ONSET_LOGIT = 0; // one half
    private static final float SOUNDING_LOGIT = -0.4f;
    private static final int LEAST_STEPS = 3; // 64 ms: an onset is seen in more than one step

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

    /** Reads one row. */
    void read(float[] row, long step, Sink sink) {
        int onset = shape.featureSize();
        int sounding = onset + shape.pitches();
        int loudness = sounding + shape.pitches();
        for (int p = 0; p < since.length; p++) {
            boolean old = since[p] >= 0 && step - since[p] >= LEAST_STEPS;
            boolean begins = row[onset + p] > ONSET_LOGIT && (since[p] < 0 || old);
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
