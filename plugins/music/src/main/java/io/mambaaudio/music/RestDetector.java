package io.mambaaudio.music;

/**
 * Whether the player plays, from the power of each pair of frames: quiet is 30 dB below the loudest of late, or below −55 dBFS. The
 * loudest fades by 2 dB a second, so that a soft passage is not a rest for long.
 */
final class RestDetector {
    private static final double QUIET = 1e-3;
    private static final double SILENCE = 3e-6;
    private static final double FADE_PER_SECOND = 0.63;
    private static final double LEAST_MUSIC = 3e-5; // −45 dBFS: below it there was nothing to go on from
    private static final int PLAYING_PAIRS = 2; // one alone is a click
    private static final double LOUDNESS_SECONDS = 5;

    private final double pairsPerSecond;
    private final double fade; // a pair
    private double restSeconds = 1;
    private double loudest;
    private double loudness; // mean power while playing
    private int quietPairs;
    private int loudPairs;

    RestDetector(double pairsPerSecond) {
        this.pairsPerSecond = pairsPerSecond;
        this.fade = Math.pow(FADE_PER_SECOND, 1 / pairsPerSecond);
    }

    void restSeconds(double seconds) {
        restSeconds = seconds;
    }

    void hear(double power) {
        boolean loud = power > SILENCE && power > QUIET * loudest;
        loudest = Math.max(power, loudest * (loud ? fade : 1)); // a rest does not become music by waiting
        quietPairs = loud ? 0 : quietPairs + 1;
        loudPairs = loud ? loudPairs + 1 : 0;
        if (loud) {
            double share = loudness == 0 ? 1 : 1 / (LOUDNESS_SECONDS * pairsPerSecond);
            loudness += (power - loudness) * share;
        }
    }

    /** A rest has begun, after music. */
    boolean quiet() {
        return quietPairs > 0 && loudest > LEAST_MUSIC;
    }

    /** It is long enough. */
    boolean rested() {
        return quiet() && quietPairs >= restSeconds * pairsPerSecond;
    }

    boolean playing() {
        return loudPairs >= PLAYING_PAIRS;
    }

    /** Mean power of the music of late. */
    double loudness() {
        return loudness;
    }

    void reset() {
        loudest = 0;
        loudness = 0;
        quietPairs = 0;
        loudPairs = 0;
    }
}
