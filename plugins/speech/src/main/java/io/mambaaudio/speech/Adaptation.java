package io.mambaaudio.speech;

import io.mambaaudio.dsp.MelSpec;
import io.mambaaudio.models.Checkpoint;
import io.mambaaudio.models.Mamba;
import io.mambaaudio.models.Parallel;
import io.mambaaudio.models.Weights;
import io.mambaaudio.models.train.AdamW;
import io.mambaaudio.models.train.ChangedCheckpoint;
import io.mambaaudio.models.train.FrameNetwork;
import io.mambaaudio.models.train.Parameter;
import io.mambaaudio.models.train.Transcript;
import io.mambaaudio.models.train.WeightAverage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Makes a speech model better at a speaker, an accent or a room, from some minutes of recordings with their texts. Part of the recordings is held
 * out: the model is judged on it after every epoch, and the best epoch's weights are what stays. The model that is adapted is only read.
 *
 * <p>One seed gives one result, whatever the threads, unless the time limit ends the training. One thread calls.
 */
public final class Adaptation implements AutoCloseable {
    /** Seconds of a recording at most: the memory of the loss grows with the square. */
    public static final int LONGEST_SECONDS = 60;

    /** Seconds of all recordings at least. */
    public static final int LEAST_SECONDS = 30;

    private static final AdamW.Settings SETTINGS = new AdamW.Settings(0.9, 0.98, 1e-8, 0, 1);
    private static final double RATE = 1e-4;
    private static final int WARM_UP_STEPS = 10;
    private static final int AVERAGED_STEPS = 20;
    private static final int BATCH_STEPS = 800; // 32 s
    private static final int MOST_EPOCHS = 30;
    private static final int PATIENCE = 3;
    private static final Weights MATRICES = Weights.BF16;

    private final Checkpoint checkpoint;
    private final Options options;
    private final HoldOut split;
    private final FrameNetwork network;
    private final Lessons lessons;
    private final List<String> pieces;
    private final List<Transcript> judged;
    private final List<float[]> best = new ArrayList<>();
    private int steps;

    /**
     * A recording.
     *
     * @param name for messages
     * @param mono samples, nominally −1 to 1
     * @param sampleRateHz their rate
     * @param text what is said
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared; prints its name
    public record Example(String name, float[] mono, int sampleRateHz, String text) {
        /**
         * How long it is.
         *
         * @return seconds
         */
        public double seconds() {
            return mono.length / (double) sampleRateHz;
        }

        /**
         * What is said, as the model writes it.
         *
         * @return small letters, no punctuation, single spaces
         */
        public String words() {
            return Spelling.words(text);
        }

        @Override
        public String toString() {
            return name;
        }
    }

    /**
     * How to adapt.
     *
     * @param layers how many of the last layers learn, beside the output; empty for all, and the front end
     * @param rank of what their matrices learn: see {@link FrameNetwork.Trained}; 0 for whole matrices
     * @param holdOut share of the recordings that is not learnt but judged, above 0 and below 1
     * @param seed of everything that is random
     * @param limit no epoch begins that would probably end later than this
     */
    public record Options(Optional<Integer> layers, int rank, double holdOut, long seed, Duration limit) {
        /** Checks the ranges. */
        public Options {
            if (layers.orElse(0) < 0 || rank < 0 || !(holdOut > 0 && holdOut < 1) || limit.isNegative()) {
                throw new IllegalArgumentException("found layers=" + layers + ", rank=" + rank + ", holdOut=" + holdOut
                        + ", limit=" + limit + ", expected 0 or more, and a share above 0 and below 1");
            }
        }
    }

    /**
     * After an epoch.
     *
     * @param epoch from 1; 0 is before
     * @param learnt mean loss while learning, nats a piece; NaN before
     * @param heldOut loss of the held-out recordings, nats a piece
     * @param errors word errors of the held-out recordings, greedy
     * @param seconds since the beginning
     */
    public record Progress(int epoch, double learnt, double heldOut, WordErrors errors, double seconds) {}

    /**
     * The end.
     *
     * @param before held-out loss of the model as it was, nats a piece
     * @param after held-out loss of the best epoch, whose weights the network has now
     * @param bestEpoch which, from 1
     * @param epochs how many there were
     * @param outOfTime whether the limit ended it
     */
    public record Outcome(double before, double after, int bestEpoch, int epochs, boolean outOfTime) {}

    private Adaptation(Checkpoint checkpoint, List<Example> examples, Options options, Parallel parallel) {
        this.checkpoint = checkpoint;
        this.options = options;
        Mamba model = Mamba.load(checkpoint, Weights.AS_STORED);
        MelSpec spec = MelMetadata.of(model);
        pieces = model.vocabulary()
                .orElseThrow(() -> new SpeechException(
                        "the model has no vocabulary of word pieces; choose a speech checkpoint of this engine"))
                .pieces();
        Spelling spelling = new Spelling(pieces);
        split = HoldOut.of(examples, options.holdOut(), options.seed());
        List<int[]> texts = HoldOut.texts(split.learnt(), spelling);
        List<int[]> heldOutTexts = HoldOut.texts(split.heldOut(), spelling);
        int layers = options.layers().orElse(model.config().nLayers());
        network = FrameNetwork.load(
                checkpoint, model.config(), new FrameNetwork.Trained(layers, options.rank()), options.seed(), parallel);
        lessons = new Lessons(network, spec, split.learnt(), texts, options.seed());
        judged = new Lessons(network, spec, split.heldOut(), heldOutTexts, options.seed()).plain();
    }

    /**
     * Reads the model and looks at the recordings.
     *
     * @param model a safetensors file of ours, or its folder; read until this is closed
     * @param examples the recordings
     * @param options how
     * @param parallel threads to compute on
     * @return ready to run
     * @throws SpeechException in one line, if the recordings are too few, too short, too long, or their texts do not fit
     * @throws io.mambaaudio.models.ModelException if the model cannot be read or trained
     */
    public static Adaptation of(Path model, List<Example> examples, Options options, Parallel parallel) {
        Checkpoint checkpoint = Files.isDirectory(model) ? Checkpoint.openFolder(model) : Checkpoint.open(model);
        try {
            return new Adaptation(checkpoint, examples, options, parallel);
        } catch (RuntimeException e) {
            checkpoint.close();
            throw e;
        }
    }

    /**
     * What is learnt.
     *
     * @return the recordings
     */
    public List<Example> learnt() {
        return split.learnt();
    }

    /**
     * What is held out.
     *
     * @return the recordings
     */
    public List<Example> heldOut() {
        return split.heldOut();
    }

    /**
     * Learns, until the held-out loss has not fallen for some epochs.
     *
     * @param listener told after each epoch, on this thread
     * @return how it went
     */
    public Outcome run(Consumer<Progress> listener) {
        long start = System.nanoTime();
        List<Parameter> parameters = network.parameters();
        AdamW optimiser = new AdamW(parameters, SETTINGS);
        WeightAverage average = new WeightAverage(parameters, AVERAGED_STEPS);
        Lessons.Judgement before = Lessons.judge(network, pieces, split.heldOut(), judged);
        listener.accept(new Progress(0, Double.NaN, before.nats(), before.errors(), seconds(start)));
        double least = Double.POSITIVE_INFINITY;
        int bestEpoch = 0;
        int epoch = 0;
        double longest = 0; // epoch, in seconds
        boolean outOfTime = false;
        while (epoch < MOST_EPOCHS && epoch - bestEpoch < PATIENCE && !outOfTime) {
            double began = seconds(start);
            double nats = epoch(lessons.epoch(epoch, BATCH_STEPS), optimiser, average);
            epoch++;
            average.swap();
            Lessons.Judgement now = Lessons.judge(network, pieces, split.heldOut(), judged);
            if (now.nats() < least) {
                least = now.nats();
                bestEpoch = epoch;
                keep(parameters);
            }
            average.swap();
            listener.accept(new Progress(epoch, nats, now.nats(), now.errors(), seconds(start)));
            longest = Math.max(longest, seconds(start) - began);
            outOfTime = seconds(start) + longest > options.limit().toMillis() / 1000.0;
        }
        restore(parameters);
        return new Outcome(before.nats(), least, bestEpoch, epoch, outOfTime);
    }

    /** The mean loss of the batches while they are learnt. */
    private double epoch(List<List<Transcript>> batches, AdamW optimiser, WeightAverage average) {
        double sum = 0;
        for (List<Transcript> batch : batches) {
            network.clearGradients();
            sum += network.learn(batch);
            optimiser.step(RATE * Math.min(1, ++steps / (double) WARM_UP_STEPS));
            average.update();
        }
        return sum / batches.size();
    }

    private static double seconds(long start) {
        return (System.nanoTime() - start) / 1e9;
    }

    private void keep(List<Parameter> parameters) {
        best.clear();
        parameters.forEach(p -> best.add(p.value().clone()));
    }

    private void restore(List<Parameter> parameters) {
        for (int i = 0; i < best.size(); i++) {
            System.arraycopy(best.get(i), 0, parameters.get(i).value(), 0, best.get(i).length);
        }
    }

    /**
     * Writes the adapted model.
     *
     * @param folder made if need be; gets {@code model.safetensors}
     * @param note for the metadata: what it was adapted to
     * @return the file
     * @throws IOException if it cannot be written
     */
    public Path write(Path folder, String note) throws IOException {
        Files.createDirectories(folder);
        Path file = folder.resolve("model.safetensors");
        new ChangedCheckpoint(checkpoint, network.changed())
                .note("training", note)
                .write(file, MATRICES);
        return file;
    }

    /** Closes the model that was read. */
    @Override
    public void close() {
        checkpoint.close();
    }
}
