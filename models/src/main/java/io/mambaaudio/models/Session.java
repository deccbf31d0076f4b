package io.mambaaudio.models;

/**
 * One stream through a {@link Mamba}: a state of fixed size that every input moves on by one step. Allocated once; a step allocates nothing
 * once the code is compiled. One thread at a time; different sessions of one model are independent.
 *
 * <p>The first hundred steps of a JVM are slow (with vectors about 0.6 s of work for a speech model, the first of them most) and allocate,
 * until the kernels are compiled. A program that listens to a microphone runs some hundred steps on a throwaway session first.
 */
public final class Session implements AutoCloseable {
    private static final int SLOT = 0;
    private static final int[] SLOTS = {SLOT};

    private final SessionBatch batch; // of one stream
    private final MambaConfig config;
    private final boolean[] stepped = {false};
    private final int[] token = {0};

    Session(SessionBatch batch) {
        this.batch = batch;
        this.config = batch.model().config();
        batch.join();
    }

    /**
     * One mel frame of a model with a front end.
     *
     * @param frame (nMels), finite
     * @param logits (vocabSize), written when the answer is true
     * @return whether the frame completed a step: the first after windowFrames frames, then one every strideFrames
     * @throws IllegalArgumentException if an array has the wrong length or the frame is not finite; the state is then as before
     */
    public boolean step(float[] frame, float[] logits) {
        if (config.frontend().isPresent()) {
            requireLength(
                    "frame", frame.length, "nMels", config.frontend().get().nMels());
            requireLength("logits", logits.length, "vocabSize", config.vocabSize());
        }
        batch.step(SLOTS, 1, frame, logits, stepped);
        return stepped[0];
    }

    /**
     * One token of a model with an embedding table.
     *
     * @param token from 0 to vocabSize - 1
     * @param logits (vocabSize), written
     * @throws IllegalArgumentException if the token is out of range or the array has the wrong length
     */
    public void step(int token, float[] logits) {
        if (config.frontend().isEmpty()) {
            requireLength("logits", logits.length, "vocabSize", config.vocabSize());
        }
        this.token[0] = token;
        batch.step(SLOTS, 1, this.token, logits);
    }

    /**
     * Many mel frames: leaves the state that as many steps leave, in less time.
     *
     * @param frames (count, nMels) or longer, finite
     * @param count how many
     * @param logits (rows, vocabSize): rows for as many of the last steps as there is room; an array of no length if none are wanted
     * @return how many steps there were; the first min(steps, rows) rows are written, in the order of the steps
     * @throws IllegalArgumentException if an argument does not fit; the state is then as before
     */
    public int prefill(float[] frames, int count, float[] logits) {
        return batch.prefill(SLOT, frames, count, logits);
    }

    /**
     * Many tokens: leaves the state that as many steps leave, in less time.
     *
     * @param tokens (count) or longer, from 0 to vocabSize - 1
     * @param count how many
     * @param logits (rows, vocabSize): rows for as many of the last tokens as there is room; an array of no length if none are wanted
     * @throws IllegalArgumentException if an argument does not fit; the state is then as before
     */
    public void prefill(int[] tokens, int count, float[] logits) {
        batch.prefill(SLOT, tokens, count, logits);
    }

    /** Back to the start of a stream: equal to a session just opened. */
    public void reset() {
        batch.reset(SLOT);
    }

    /**
     * The state as it is now.
     *
     * @return a copy
     */
    public Snapshot snapshot() {
        return batch.snapshot(SLOT);
    }

    /**
     * Continues from where a snapshot was taken.
     *
     * @param snapshot of a session of the same model
     * @throws CheckpointException if it is of another model; the state is then as before
     */
    public void restore(Snapshot snapshot) {
        batch.restore(SLOT, snapshot);
    }

    /**
     * A second session that goes on from here on its own.
     *
     * @return a session with a copy of this state
     */
    public Session fork() {
        Session fork = new Session(batch.sibling(1));
        fork.restore(snapshot());
        return fork;
    }

    /**
     * The size of the state, which never changes.
     *
     * @return bytes
     */
    public long stateBytes() {
        return batch.stateBytes();
    }

    /**
     * Where this session computes.
     *
     * @return the resolved backend, never AUTO
     */
    public Backend backend() {
        return batch.backend();
    }

    MambaConfig config() {
        return config;
    }

    /**
     * One line for the user: model, precision, backend and why, state.
     *
     * @return such as {@code mamba2, 10 layers, d_model=512, 16.8 M parameters, int8 ..., vector: 512-bit lanes, state 1.4 MB a stream}
     */
    public String describe() {
        return batch.describe();
    }

    /** Ends the session; steps fail from now on. The model stays. */
    @Override
    public void close() {
        batch.close();
    }

    private static void requireLength(String what, int found, String name, int expected) {
        if (found != expected) {
            throw new IllegalArgumentException(
                    what + " has " + found + " values, the model expects " + name + "=" + expected);
        }
    }
}
