package io.mambaaudio.speech;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;

/**
 * Finds the ends of utterances, from what the decoder says and from how loud it is. One call a step, one thread at a time; a few
 * numbers of state.
 *
 * <p>The noise floor follows the level down at once and up slowly ({@value #RISE_DB_PER_SECOND} dB a second), so that speech hardly
 * lifts it and a noise that starts is taken in within half a minute.
 */
public final class Endpointer {
    /** What a step means for the utterance. */
    public enum Verdict {
        /** It goes on. */
        GOES_ON,
        /** It has ended in silence. */
        ENDED,
        /** It goes on, but is so long that its finished words should be handed out. */
        TOO_LONG
    }

    private static final double RISE_DB_PER_SECOND = 1.0;
    /** Of the way down that the floor goes in a step. */
    private static final double FALL = 0.5;

    /** The level of digital silence. */
    static final double SILENCE_DB = -100;

    /** A floor below this counts as this: dither and the noise of a good room are silence alike. */
    private static final double LOWEST_FLOOR_DB = -70;

    private static final double UNSET = Double.MAX_VALUE;

    private final EndpointRules rules;
    private final double stepSeconds;
    private double floorDb = UNSET;
    private long blankSteps;
    private long quietSteps;
    private long utteranceSteps;

    /**
     * Makes one that has heard nothing.
     *
     * @param rules when to end
     * @param stepSeconds from one step to the next
     */
    public Endpointer(EndpointRules rules, double stepSeconds) {
        if (!(stepSeconds > 0 && stepSeconds < 10)) {
            throw new IllegalArgumentException(
                    "stepSeconds=" + stepSeconds + " is out of range; choose above 0, below 10");
        }
        this.rules = rules;
        this.stepSeconds = stepSeconds;
    }

    /**
     * Takes one step.
     *
     * @param blank whether the decoder's likeliest label was the blank
     * @param words whether the utterance has text so far
     * @param levelDb loudness of the newest sound, dB relative to full scale
     * @return what it means; after {@code ENDED} and {@code TOO_LONG} the next utterance begins by itself
     */
    public Verdict accept(boolean blank, boolean words, double levelDb) {
        track(levelDb);
        boolean quiet = levelDb <= Math.max(floorDb, LOWEST_FLOOR_DB) + rules.acousticMarginDb();
        blankSteps = blank ? blankSteps + 1 : 0;
        quietSteps = blank && quiet ? quietSteps + 1 : 0;
        if (!words) {
            utteranceSteps = 0;
            return Verdict.GOES_ON;
        }
        utteranceSteps++;
        if (reached(blankSteps, rules.decoderSilenceSeconds()) || reached(quietSteps, rules.acousticSilenceSeconds())) {
            utteranceSteps = 0;
            return Verdict.ENDED;
        }
        if (reached(utteranceSteps, rules.maxUtteranceSeconds())) {
            utteranceSteps = 0;
            return Verdict.TOO_LONG;
        }
        return Verdict.GOES_ON;
    }

    private void track(double levelDb) {
        if (floorDb == UNSET) {
            floorDb = levelDb;
        } else if (levelDb < floorDb) {
            floorDb += FALL * (levelDb - floorDb);
        } else {
            floorDb += Math.min(levelDb - floorDb, RISE_DB_PER_SECOND * stepSeconds);
        }
    }

    private boolean reached(long steps, double seconds) {
        return steps * stepSeconds >= seconds - 1e-9;
    }

    /**
     * The level of the background as heard so far.
     *
     * @return dB relative to full scale; that of digital silence before the first step
     */
    public double noiseFloorDb() {
        return floorDb == UNSET ? SILENCE_DB : floorDb;
    }

    /** Forgets everything, the noise floor too. */
    public void reset() {
        floorDb = UNSET;
        blankSteps = 0;
        quietSteps = 0;
        utteranceSteps = 0;
    }

    void save(DataOutputStream out) throws IOException {
        out.writeDouble(floorDb);
        out.writeLong(blankSteps);
        out.writeLong(quietSteps);
        out.writeLong(utteranceSteps);
    }

    void load(DataInputStream in) throws IOException {
        floorDb = in.readDouble();
        blankSteps = in.readLong();
        quietSteps = in.readLong();
        utteranceSteps = in.readLong();
    }
}
