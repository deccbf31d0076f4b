package io.mambaaudio.models;

import io.mambaaudio.models.backend.Slots;
import java.util.Locale;

/**
 * Up to a fixed number of streams through one {@link Mamba}, stepped together: weights are read once for all that are due. Streams join, leave,
 * reset and are restored at any time, and a stream's result never depends on who else is in a call: on the CPU it has the same bits as that of
 * a {@link Session} alone, also after {@code prefill}.
 *
 * <p>A stream is a slot from {@link #join} until {@link #leave}. One thread at a time. A step allocates nothing once warm; the state of a
 * slot is allocated when it is first joined. Every argument is checked before any state moves.
 */
public final class SessionBatch implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(SessionBatch.class.getName());
    private static final long FREE = -1;

    private final Mamba model;
    private final MambaConfig config;
    private final Slots slots;
    private final long[] inputs; // (capacity) how many a stream has had; FREE without a stream
    private final long[] calls; // (capacity) the last call that a slot was in, so that none is in one twice
    private long call;
    private boolean closed;

    SessionBatch(Mamba model, Slots slots) {
        this.model = model;
        this.config = model.config();
        this.slots = slots;
        this.inputs = new long[slots.capacity()];
        this.calls = new long[slots.capacity()];
        java.util.Arrays.fill(inputs, FREE);
    }

    /**
     * Opens a batch without streams.
     *
     * @param model what they run through
     * @param backend where it computes
     * @param capacity streams that have room, at least 1
     * @return the batch
     * @throws ModelException if the backend cannot be had here, or has no room for so many; the message says what to do
     */
    public static SessionBatch open(Mamba model, Backend backend, int capacity) {
        if (capacity < 1) {
            throw new IllegalArgumentException("capacity=" + capacity + " is out of range; choose 1 or more");
        }
        SessionBatch batch = new SessionBatch(model, Backends.open(model.weights(), backend, capacity));
        LOG.log(System.Logger.Level.DEBUG, batch::describe);
        return batch;
    }

    /**
     * Another batch over the same weights on the same device. The two may be used by two threads at the same time.
     *
     * @param capacity streams that have room in it, at least 1
     * @return the other batch, without streams, to be closed by itself
     * @throws ModelException if the device has no room for so many
     */
    public SessionBatch sibling(int capacity) {
        requireOpen();
        return new SessionBatch(model, slots.sibling(capacity));
    }

    /**
     * A new stream, at its start.
     *
     * @return its slot
     * @throws ModelException if all slots are taken
     */
    public int join() {
        requireOpen();
        for (int slot = 0; slot < inputs.length; slot++) {
            if (inputs[slot] == FREE) {
                slots.reset(slot);
                inputs[slot] = 0;
                return slot;
            }
        }
        throw new ModelException("all " + inputs.length
                + " slots of this batch are taken; let a stream leave, or open a batch with a larger capacity");
    }

    /**
     * Ends a stream; its slot is free for another.
     *
     * @param slot of the stream
     */
    public void leave(int slot) {
        requireStream(slot);
        inputs[slot] = FREE;
    }

    /**
     * Back to the start of a stream.
     *
     * @param slot of the stream
     */
    public void reset(int slot) {
        requireStream(slot);
        slots.reset(slot);
        inputs[slot] = 0;
    }

    /**
     * The state of a stream as it is now.
     *
     * @param slot of the stream
     * @return a copy, that also a {@link Session} of this model can go on from
     */
    public Snapshot snapshot(int slot) {
        requireStream(slot);
        float[] state = new float[config.stateSize()];
        slots.read(slot, state);
        return new Snapshot(model.fingerprint(), inputs[slot], state);
    }

    /**
     * A stream continues from where a snapshot was taken.
     *
     * @param slot of the stream
     * @param snapshot of a stream of the same model
     * @throws CheckpointException if it is of another model; the state is then as before
     */
    public void restore(int slot, Snapshot snapshot) {
        requireStream(slot);
        if (snapshot.fingerprint() != model.fingerprint() || snapshot.state().length != config.stateSize()) {
            throw new CheckpointException(String.format(
                    Locale.ROOT,
                    "snapshot: found one of model %016x with %d floats, expected model %016x with %d; load the model that it was taken from",
                    snapshot.fingerprint(),
                    snapshot.state().length,
                    model.fingerprint(),
                    config.stateSize()));
        }
        slots.write(slot, snapshot.state());
        inputs[slot] = snapshot.inputs();
    }

    /**
     * One mel frame for each of several streams of a model with a front end.
     *
     * @param of slots of the streams, each at most once; the first {@code count} count
     * @param count how many
     * @param frames (count, nMels) or longer, finite
     * @param logits (count, vocabSize) or longer; row i is written if stepped[i]
     * @param stepped (count) or longer, written: whether the stream's frame completed a step, as {@link Session#step(float[], float[])} tells
     * @throws IllegalArgumentException if an argument does not fit; all states are then as before
     */
    public void step(int[] of, int count, float[] frames, float[] logits, boolean[] stepped) {
        FrameFrontend f = requireFrames();
        requireStreams(of, count);
        requireRoom("frames", frames.length, count, "nMels", f.nMels());
        requireRoom("logits", logits.length, count, "vocabSize", config.vocabSize());
        requireRoom("stepped", stepped.length, count, "1", 1);
        requireFinite(frames, count * f.nMels(), f.nMels());
        for (int i = 0; i < count; i++) {
            long n = ++inputs[of[i]];
            stepped[i] = n >= f.windowFrames() && (n - f.windowFrames()) % f.strideFrames() == 0;
        }
        slots.step(of, count, frames, stepped, logits);
    }

    /**
     * How many more frames complete the next step of a stream, so that streams can be brought to step in one call.
     *
     * @param slot of the stream
     * @return 1 or more
     */
    public int framesToStep(int slot) {
        FrameFrontend f = requireFrames();
        requireStream(slot);
        long missing = f.windowFrames() - inputs[slot];
        return (int) (missing > 0 ? missing : f.strideFrames() - Math.floorMod(-missing, f.strideFrames()));
    }

    /**
     * One token for each of several streams of a model with an embedding table.
     *
     * @param of slots of the streams, each at most once; the first {@code count} count
     * @param count how many
     * @param tokens (count) or longer, from 0 to vocabSize - 1
     * @param logits (count, vocabSize) or longer, written
     * @throws IllegalArgumentException if an argument does not fit; all states are then as before
     */
    public void step(int[] of, int count, int[] tokens, float[] logits) {
        requireTokens();
        requireStreams(of, count);
        requireRoom("tokens", tokens.length, count, "1", 1);
        requireRoom("logits", logits.length, count, "vocabSize", config.vocabSize());
        requireInVocabulary(tokens, count);
        for (int i = 0; i < count; i++) {
            inputs[of[i]]++;
        }
        slots.step(of, count, tokens, logits);
    }

    /**
     * Many mel frames for one stream: leaves the state that as many steps leave, in less time.
     *
     * @param slot of the stream
     * @param frames (count, nMels) or longer, finite
     * @param count how many
     * @param logits (rows, vocabSize): rows for as many of the last steps as there is room; an array of no length if none are wanted
     * @return how many steps there were; the first min(steps, rows) rows are written, in the order of the steps
     * @throws IllegalArgumentException if an argument does not fit; the state is then as before
     */
    public int prefill(int slot, float[] frames, int count, float[] logits) {
        FrameFrontend f = requireFrames();
        requireStream(slot);
        requireRoom("frames", frames.length, count, "nMels", f.nMels());
        requireFinite(frames, count * f.nMels(), f.nMels());
        int firstDue = framesToStep(slot) - 1;
        int steps = firstDue < count ? (count - 1 - firstDue) / f.strideFrames() + 1 : 0;
        inputs[slot] += count;
        slots.prefill(slot, frames, count, firstDue, Math.min(steps, logits.length / config.vocabSize()), logits);
        return steps;
    }

    /**
     * Many tokens for one stream: leaves the state that as many steps leave, in less time.
     *
     * @param slot of the stream
     * @param tokens (count) or longer, from 0 to vocabSize - 1
     * @param count how many
     * @param logits (rows, vocabSize): rows for as many of the last tokens as there is room; an array of no length if none are wanted
     * @throws IllegalArgumentException if an argument does not fit; the state is then as before
     */
    public void prefill(int slot, int[] tokens, int count, float[] logits) {
        requireTokens();
        requireStream(slot);
        requireRoom("tokens", tokens.length, count, "1", 1);
        requireInVocabulary(tokens, count);
        inputs[slot] += count;
        slots.prefill(slot, tokens, count, Math.min(count, logits.length / config.vocabSize()), logits);
    }

    /**
     * Streams that have room.
     *
     * @return as many as were asked for at open
     */
    public int capacity() {
        return inputs.length;
    }

    /**
     * The size of one stream's state, which never changes.
     *
     * @return bytes
     */
    public long stateBytes() {
        return 4L * config.stateSize() + Long.BYTES;
    }

    /**
     * Where this batch computes.
     *
     * @return the resolved backend, never AUTO
     */
    public Backend backend() {
        return slots.backend();
    }

    /**
     * One line for the user: model, precision, backend and why, state.
     *
     * @return such as {@code mamba2, 10 layers, d_model=512, 16.8 M parameters, int8 ..., vector: 512-bit lanes, state 1.4 MB a stream}
     */
    public String describe() {
        return String.format(
                Locale.ROOT, "%s, %s, state %,d bytes a stream", model.describe(), slots.describe(), stateBytes());
    }

    Mamba model() {
        return model;
    }

    /** Ends all streams and gives their states back; everything else fails from now on. The model stays. */
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            slots.close();
        }
    }

    private FrameFrontend requireFrames() {
        requireOpen();
        if (config.frontend().isEmpty()) {
            throw new IllegalStateException("this model takes tokens; call step(token, logits)");
        }
        return config.frontend().get();
    }

    private void requireTokens() {
        requireOpen();
        if (config.frontend().isPresent()) {
            throw new IllegalStateException("this model takes mel frames; call step(frame, logits)");
        }
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("this session is closed; open another from its model");
        }
    }

    private void requireStream(int slot) {
        requireOpen();
        if (slot < 0 || slot >= inputs.length || inputs[slot] == FREE) {
            throw new IllegalArgumentException("slot=" + slot + " has no stream; take one from join()");
        }
    }

    private void requireStreams(int[] of, int count) {
        if (count < 0 || count > of.length) {
            throw new IllegalArgumentException("count=" + count + " is out of range; choose 0 to " + of.length);
        }
        call++;
        for (int i = 0; i < count; i++) {
            requireStream(of[i]);
            if (calls[of[i]] == call) {
                throw new IllegalArgumentException("slot=" + of[i] + " is in this call twice; step it once a call");
            }
            calls[of[i]] = call;
        }
    }

    private static void requireRoom(String what, int found, int count, String name, int each) {
        if (count < 0 || found < (long) count * each) {
            throw new IllegalArgumentException(what + " has " + found + " values, expected at least count(" + count
                    + ") * " + name + "(" + each + ")");
        }
    }

    private static void requireFinite(float[] frames, int count, int nMels) {
        for (int i = 0; i < count; i++) {
            if (!Float.isFinite(frames[i])) {
                throw new IllegalArgumentException(
                        "frame[" + i % nMels + "]=" + frames[i] + " is not finite; check the sound for NaN");
            }
        }
    }

    private void requireInVocabulary(int[] tokens, int count) {
        for (int i = 0; i < count; i++) {
            if (tokens[i] < 0 || tokens[i] >= config.vocabSize()) {
                throw new IllegalArgumentException(
                        "token=" + tokens[i] + " is out of range; choose one from 0 to " + (config.vocabSize() - 1));
            }
        }
    }
}
