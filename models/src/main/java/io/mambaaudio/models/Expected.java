package io.mambaaudio.models;

import java.util.List;

/**
 * Inputs with the logits that another implementation computed for them, to compare a model with. Read from a checkpoint file with
 * {@code input_ids} (B, T) or {@code mel} (T, nMels), and {@code logits} (B, T, vocabSize) or (steps, vocabSize). Immutable.
 */
public final class Expected {
    private final int[] tokens; // (sequences, inputs), or empty
    private final float[] frames; // (inputs, nMels), or empty
    private final float[] logits; // (sequences, steps, vocabSize)
    private final int sequences;
    private final int inputs;
    private final int vocabSize;
    private final String name;

    private Expected(Checkpoint file, boolean hears, List<Long> inputShape, List<Long> logitShape) {
        this.tokens = hears ? new int[0] : file.ints("input_ids");
        this.frames = hears ? file.floats("mel") : new float[0];
        this.logits = file.floats("logits");
        this.sequences = hears ? 1 : Math.toIntExact(inputShape.getFirst());
        this.inputs = Math.toIntExact(hears ? inputShape.getFirst() : inputShape.getLast());
        this.vocabSize = Math.toIntExact(logitShape.getLast());
        this.name = Json.printable(String.valueOf(file.path()));
    }

    /**
     * Reads the tensors.
     *
     * @param file an open file
     * @return its contents; the file may be closed
     * @throws CheckpointException if a tensor is missing or the shapes do not fit each other
     */
    public static Expected read(Checkpoint file) {
        boolean hears = file.has("mel");
        List<Long> input = file.shape(hears ? "mel" : "input_ids");
        List<Long> logits = file.shape("logits");
        if (input.size() != 2
                || logits.size() != (hears ? 2 : 3)
                || logits.stream().anyMatch(n -> n < 1)) {
            throw file.error(
                    "found shapes " + input + " and " + logits
                            + ", expected input_ids (B, T) with logits (B, T, vocab_size), or mel (T, n_mels) with logits (steps, vocab_size)");
        }
        if (!hears && !logits.subList(0, 2).equals(input)) {
            throw file.error(
                    "found input_ids " + input + " and logits " + logits + ", expected logits (B, T, vocab_size)");
        }
        return new Expected(file, hears, input, logits);
    }

    /**
     * How far a session is from what was expected.
     *
     * @param largestDifference of a logit; NaN if any logit was not a number
     * @param largestLogit magnitude of the largest expected logit
     * @param rows of logits that were compared
     */
    public record Comparison(double largestDifference, double largestLogit, long rows) {
        /**
         * The difference in the logits' scale.
         *
         * @return largestDifference / largestLogit; NaN if any logit was not a number
         */
        public double relative() {
            return largestDifference / largestLogit;
        }

        /**
         * Whether the comparison passes. A NaN never does.
         *
         * @param tolerance largest {@link #relative()} that passes
         * @return true if it does
         */
        public boolean within(double tolerance) {
            return rows > 0 && relative() <= tolerance;
        }
    }

    /**
     * Runs the inputs through a session, each sequence from the start of a stream.
     *
     * @param session of the model in question; it is reset before every sequence and left as the last one leaves it
     * @return the comparison
     * @throws CheckpointException if the inputs do not fit the model
     */
    public Comparison compare(Session session) {
        MambaConfig config = session.config();
        requireFit("vocab_size", vocabSize, config.vocabSize());
        int nMels = config.frontend().map(FrameFrontend::nMels).orElse(0);
        requireFit("n_mels", inputs == 0 ? nMels : frames.length / inputs, nMels);
        float[] row = new float[vocabSize];
        float[] frame = new float[nMels];
        double difference = 0;
        int at = 0;
        for (int i = 0; i < sequences * inputs; i++) {
            if (i % inputs == 0) {
                session.reset();
            }
            if (step(session, i, frame, row)) {
                difference = worst(difference, row, at++);
            }
        }
        requireFit("rows of logits", logits.length / vocabSize, at);
        return new Comparison(difference, largest(), at);
    }

    private boolean step(Session session, int i, float[] frame, float[] row) {
        if (frame.length > 0) {
            System.arraycopy(frames, i * frame.length, frame, 0, frame.length);
            return session.step(frame, row);
        }
        if (tokens[i] < 0 || tokens[i] >= vocabSize) {
            throw new CheckpointException(name + ": found token " + tokens[i] + ", expected 0 to " + (vocabSize - 1));
        }
        session.step(tokens[i], row);
        return true;
    }

    private double worst(double soFar, float[] row, int at) {
        double worst = soFar;
        for (int v = 0; v < vocabSize && (at + 1L) * vocabSize <= logits.length; v++) {
            worst = Math.max(worst, Math.abs((double) row[v] - logits[at * vocabSize + v])); // max keeps NaN
        }
        return worst;
    }

    private double largest() {
        double largest = 0;
        for (float logit : logits) {
            largest = Math.max(largest, Math.abs(logit));
        }
        return largest;
    }

    private void requireFit(String what, long found, long expected) {
        if (found != expected) {
            throw new CheckpointException(name + ": found " + what + "=" + found + ", the model expects " + expected
                    + "; give the file that belongs to it");
        }
    }
}
