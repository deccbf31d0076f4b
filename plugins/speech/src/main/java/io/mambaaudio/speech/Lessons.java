package io.mambaaudio.speech;

import io.mambaaudio.dsp.MelSpec;
import io.mambaaudio.models.train.Ctc;
import io.mambaaudio.models.train.FrameNetwork;
import io.mambaaudio.models.train.Transcript;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * Recordings as a network learns them: each in a few variants, of other speeds and with holes (SpecAugment, Park et al. 2019), so that it is
 * not learnt by heart. What the frozen part of the network makes of a variant is computed when it is first asked for, and kept.
 */
final class Lessons {
    /** Nats for each piece, and words. */
    record Judgement(double nats, WordErrors errors) {}

    private static final int[] SPEEDS = {100, 95, 105, 90, 110}; // percent
    private static final int MOST_VARIANTS = 10;
    /** Floats that are kept at most, a gigabyte. */
    private static final long ROOM = 1L << 28;

    private static final int BANDS = 2;
    private static final double BAND_SHARE = 0.15; // of the mels, the widest band
    private static final int SPAN_FRAMES = 20; // the longest span
    private static final int FRAMES_A_SPAN = 200;

    private final FrameNetwork network;
    private final MelSpec spec;
    private final List<Adaptation.Example> examples;
    private final List<int[]> texts;
    private final long seed;
    private final @Nullable Transcript[][] kept; // (variants, examples)

    /**
     * Begins without having computed anything.
     *
     * @param texts the pieces of each recording
     * @throws SpeechException in one line, if a text cannot have been said in its recording
     */
    Lessons(FrameNetwork network, MelSpec spec, List<Adaptation.Example> examples, List<int[]> texts, long seed) {
        this.network = network;
        this.spec = spec;
        this.examples = examples;
        this.texts = texts;
        this.seed = seed;
        long floats = 0;
        for (int i = 0; i < examples.size(); i++) {
            floats += (long) requireFit(i) * network.inputSize();
        }
        int variants = Math.clamp(ROOM / Math.max(1, floats), 1, MOST_VARIANTS);
        kept = new Transcript[variants][examples.size()];
    }

    /** How many steps a recording has. */
    private int requireFit(int i) {
        int steps = network.steps(frames(i, 100).count());
        if (steps < Transcript.leastSteps(texts.get(i))) {
            Adaptation.Example example = examples.get(i);
            throw new SpeechException(String.format(
                    Locale.ROOT,
                    "%s lasts %.1f s, too short for the %d words of its text; check that the two belong together",
                    example,
                    example.seconds(),
                    example.words().split(" ", -1).length));
        }
        return steps;
    }

    private MelFrames frames(int i, int speedPercent) {
        Adaptation.Example example = examples.get(i);
        return MelFrames.of(spec, example.mono(), example.sampleRateHz(), speedPercent);
    }

    /** All recordings as they are, in their order. */
    List<Transcript> plain() {
        List<Transcript> all = new ArrayList<>();
        for (int i = 0; i < examples.size(); i++) {
            all.add(transcript(frames(i, 100), i));
        }
        return all;
    }

    /** All recordings once, as this epoch hears them: in batches of about so many steps, each of recordings of like length. */
    List<List<Transcript>> epoch(int epoch, int batchSteps) {
        List<Transcript> all = new ArrayList<>();
        for (int i = 0; i < examples.size(); i++) {
            all.add(variant((epoch + i) % kept.length, i));
        }
        all.sort(Comparator.comparingInt(Transcript::steps));
        List<List<Transcript>> batches = new ArrayList<>();
        List<Transcript> batch = new ArrayList<>();
        for (Transcript one : all) {
            if (!batch.isEmpty() && (batch.size() + 1) * one.steps() > batchSteps) {
                batches.add(batch);
                batch = new ArrayList<>();
            }
            batch.add(one);
        }
        batches.add(batch);
        shuffle(batches, new SplittableRandom(seed + 31L * epoch));
        return batches;
    }

    static void shuffle(List<?> list, SplittableRandom random) {
        for (int i = list.size() - 1; i > 0; i--) {
            Collections.swap(list, i, random.nextInt(i + 1));
        }
    }

    private Transcript variant(int v, int i) {
        Transcript found = kept[v][i];
        if (found == null) {
            MelFrames mel = frames(i, SPEEDS[v % SPEEDS.length]);
            if (network.steps(mel.count()) < Transcript.leastSteps(texts.get(i))) { // too fast for its text
                mel = frames(i, 100);
            }
            punch(mel, new SplittableRandom(seed + 1_000_003L * v + i));
            found = transcript(mel, i);
            kept[v][i] = found;
        }
        return found;
    }

    private Transcript transcript(MelFrames mel, int i) {
        return new Transcript(network.frozen(mel.values(), mel.count()), network.steps(mel.count()), texts.get(i));
    }

    /** Bands of mels and spans of time take the mean of their mels. */
    private void punch(MelFrames mel, SplittableRandom random) {
        int nMels = spec.nMels();
        float[] mean = new float[nMels];
        for (int i = 0; i < mel.count() * nMels; i++) {
            mean[i % nMels] += mel.values()[i] / mel.count();
        }
        for (int band = 0; band < BANDS; band++) {
            int width = random.nextInt((int) (BAND_SHARE * nMels) + 1);
            int from = random.nextInt(nMels - width + 1);
            for (int t = 0; t < mel.count(); t++) {
                System.arraycopy(mean, from, mel.values(), t * nMels + from, width);
            }
        }
        for (int span = 0; span < Math.max(1, mel.count() / FRAMES_A_SPAN); span++) {
            int width = random.nextInt(Math.min(SPAN_FRAMES, mel.count()) + 1);
            int from = random.nextInt(mel.count() - width + 1);
            for (int t = from; t < from + width; t++) {
                System.arraycopy(mean, 0, mel.values(), t * nMels, nMels);
            }
        }
    }

    /** Loss and greedy word errors of recordings, one by one so that memory stays small. */
    static Judgement judge(
            FrameNetwork network, List<String> pieces, List<Adaptation.Example> examples, List<Transcript> all) {
        double sum = 0;
        long count = 0;
        WordErrors errors = WordErrors.NONE;
        for (int i = 0; i < all.size(); i++) {
            Transcript one = all.get(i);
            float[] logits = network.logits(one);
            String text = greedy(logits, one.steps(), pieces);
            sum += Ctc.loss(logits, 0, one.steps(), pieces.size(), one.text(), 1);
            count += one.text().length;
            errors = errors.plus(WordErrors.of(examples.get(i).text(), text));
        }
        return new Judgement(sum / Math.max(1, count), errors);
    }

    private static String greedy(float[] logits, int steps, List<String> pieces) {
        CtcDecoder decoder = CtcDecoder.greedy(pieces);
        StringBuilder text = new StringBuilder();
        CtcDecoder.WordSink sink =
                (word, first, last, confidence) -> text.append(word).append(' ');
        float[] row = new float[pieces.size()];
        for (int t = 0; t < steps; t++) {
            System.arraycopy(logits, t * row.length, row, 0, row.length);
            decoder.accept(t, row, sink);
        }
        decoder.finish(sink);
        return text.toString();
    }
}
