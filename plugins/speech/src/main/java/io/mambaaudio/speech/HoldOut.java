package io.mambaaudio.speech;

import io.mambaaudio.speech.Adaptation.Example;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * Recordings to learn and recordings to judge by, both in the order in which they were given.
 *
 * @param learnt what is learnt
 * @param heldOut what is held out
 */
record HoldOut(List<Example> learnt, List<Example> heldOut) {
    /**
     * Splits, by a draw.
     *
     * @param share of the recordings that is held out: at least one, and not all
     * @throws SpeechException in one line, if there are too few or they are too short
     */
    static HoldOut of(List<Example> examples, double share, long seed) {
        double seconds = examples.stream().mapToDouble(Example::seconds).sum();
        if (examples.size() < 2) {
            throw new SpeechException("found " + examples.size()
                    + " recording with a text; give 2 or more, since some are held out to judge by");
        }
        if (seconds < Adaptation.LEAST_SECONDS) {
            throw new SpeechException(String.format(
                    Locale.ROOT,
                    "found %.1f s of speech; give %d s or more, and 5 minutes for a clear gain",
                    seconds,
                    Adaptation.LEAST_SECONDS));
        }
        List<Integer> order =
                new ArrayList<>(IntStream.range(0, examples.size()).boxed().toList());
        Lessons.shuffle(order, new SplittableRandom(seed));
        long count = Math.clamp(Math.round(share * examples.size()), 1, examples.size() - 1);
        List<Example> learnt = new ArrayList<>();
        List<Example> heldOut = new ArrayList<>();
        for (int i = 0; i < examples.size(); i++) {
            (order.get(i) < count ? heldOut : learnt).add(examples.get(i));
        }
        return new HoldOut(List.copyOf(learnt), List.copyOf(heldOut));
    }

    /**
     * The pieces of each text.
     *
     * @throws SpeechException that names the recording, if a text is empty or cannot be written, or a recording is too long
     */
    static List<int[]> texts(List<Example> examples, Spelling spelling) {
        List<int[]> texts = new ArrayList<>();
        for (Example example : examples) {
            if (example.words().isEmpty()) {
                throw new SpeechException(example + " has no text; write what is said, or leave it out");
            }
            if (example.seconds() > Adaptation.LONGEST_SECONDS) {
                throw new SpeechException(String.format(
                        Locale.ROOT,
                        "%s lasts %.0f s; cut it into pieces of at most %d s, each with its text",
                        example,
                        example.seconds(),
                        Adaptation.LONGEST_SECONDS));
            }
            try {
                texts.add(spelling.pieces(example.words()));
            } catch (SpeechException e) {
                throw new SpeechException("the text of " + example + ": " + e.getMessage(), e);
            }
        }
        return texts;
    }
}
