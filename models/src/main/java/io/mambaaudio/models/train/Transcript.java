package io.mambaaudio.models.train;

/**
 * One recording and its text, as a {@link FrameNetwork} learns it.
 *
 * @param input what the part that does not learn made of the frames: see {@link FrameNetwork#frozen}
 * @param steps how many steps
 * @param text the pieces that are said, without blanks
 */
@SuppressWarnings("ArrayRecordComponent") // never compared, never printed
public record Transcript(float[] input, int steps, int[] text) {
    /**
     * How many steps the text needs at least: one a piece, and a blank between two equal ones.
     *
     * @param text the pieces
     * @return steps
     */
    public static int leastSteps(int[] text) {
        int least = text.length;
        for (int i = 1; i < text.length; i++) {
            least += text[i] == text[i - 1] ? 1 : 0;
        }
        return least;
    }
}
