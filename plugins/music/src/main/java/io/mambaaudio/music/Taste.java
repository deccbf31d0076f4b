package io.mambaaudio.music;

/**
 * What the player wants of the machine's notes, over what the model says: how many, how high, in which key, on which beat. One stream's
 * own; plain numbers that {@link NoteHead} asks for at every step.
 */
final class Taste {
    private static final float NATS_AN_OCTAVE = 2; // of register
    private static final float OUT_OF_KEY_NATS = 8; // of a full key lock
    private static final int MIDDLE_C = 60;

    private final int lowestPitch;
    private final float[] leaning; // (pitches) added to logits
    private double oddsOfNotes = 1;
    private double oddsNow = 1; // of the beat

    Taste(int pitches, int lowestPitch) {
        this.lowestPitch = lowestPitch;
        this.leaning = new float[pitches];
    }

    /**
     * Sets all but the beat.
     *
     * @param density odds of notes to begin, 1 as the model says
     * @param register -1 low to 1 high
     * @param keyLock 0 no matter, 1 hardly ever a note outside of the key
     * @param key a bit for each pitch class of the key, C the lowest; all twelve where none is known
     */
    void rules(float density, float register, float keyLock, int key) {
        oddsOfNotes = density;
        for (int i = 0; i < leaning.length; i++) {
            int pitch = lowestPitch + i;
            boolean inKey = ((key >> (pitch % 12)) & 1) == 1;
            leaning[i] = register * NATS_AN_OCTAVE * (pitch - MIDDLE_C) / 12 - (inKey ? 0 : keyLock * OUT_OF_KEY_NATS);
        }
    }

    /** How much likelier the beat makes notes now. */
    void beat(double odds) {
        oddsNow = odds;
    }

    /** What is added to a pitch's logit; pitch counted from the lowest. */
    float leaning(int pitch) {
        return leaning[pitch];
    }

    /** The probability that notes begin, after density and beat. */
    double timed(double probability) {
        double weighted = probability * oddsOfNotes * oddsNow;
        return weighted / (1 - probability + weighted);
    }
}
