package io.mambaaudio.models;

import io.mambaaudio.models.cpu.Kernels;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * One stream through a {@link Mamba}: a state of fixed size that every input moves on by one step. Allocated once; a step allocates nothing
 * once the code is compiled. One thread at a time; different sessions of one model are independent.
 *
 * <p>The first hundred steps of a JVM are slow (with vectors about 0.6 s of work for a speech model, the first of them most) and allocate,
 * until the kernels are compiled. A program that listens to a microphone runs some hundred steps on a throwaway session first.
 */
public final class Session implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Session.class.getName());

    private final Mamba model;
    private final MambaConfig config;
    private final Backends.Choice choice;
    private final Kernels kernels;
    private final float[] state; // a part of layerStateSize() a layer, then the window (windowFrames, nMels)
    private final Scratch scratch;
    private long inputs;
    private boolean closed;

    private Session(Mamba model, Backends.Choice choice, float[] state) {
        this.model = model;
        this.config = model.config();
        this.choice = choice;
        this.kernels = choice.kernels();
        this.state = state;
        this.scratch = new Scratch(config);
    }

    static Session open(Mamba model, Backends.Choice choice) {
        Session session = new Session(model, choice, new float[model.config().stateSize()]);
        LOG.log(System.Logger.Level.DEBUG, session::describe);
        return session;
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
        Loader.Frontend weights = model.frontend()
                .orElseThrow(() -> new IllegalStateException("this model takes tokens; call step(token, logits)"));
        FrameFrontend f = config.frontend().orElseThrow();
        requireOpen();
        requireLength("frame", frame.length, "nMels", f.nMels());
        requireLength("logits", logits.length, "vocabSize", config.vocabSize());
        requireFinite(frame);
        remember(frame, weights, f);
        inputs++;
        if (inputs < f.windowFrames() || (inputs - f.windowFrames()) % f.strideFrames() != 0) {
            return false;
        }
        System.arraycopy(state, windowAt(f), scratch.window, 0, scratch.window.length);
        kernels.matVec(weights.proj(), weights.bias(), scratch.window, scratch.x);
        forward(logits);
        return true;
    }

    /**
     * One token of a model with an embedding table.
     *
     * @param token from 0 to vocabSize - 1
     * @param logits (vocabSize), written
     * @throws IllegalArgumentException if the token is out of range or the array has the wrong length
     */
    public void step(int token, float[] logits) {
        if (model.embeddings().isEmpty()) {
            throw new IllegalStateException("this model takes mel frames; call step(frame, logits)");
        }
        requireOpen();
        requireLength("logits", logits.length, "vocabSize", config.vocabSize());
        if (token < 0 || token >= config.vocabSize()) {
            throw new IllegalArgumentException(
                    "token=" + token + " is out of range; choose one from 0 to " + (config.vocabSize() - 1));
        }
        inputs++;
        model.embeddings().get().row(token, scratch.x);
        forward(logits);
    }

    /** From the embedded input in {@code scratch.x} to the logits: the blocks, the last norm, the head. */
    private void forward(float[] logits) {
        List<Layer> layers = model.layers();
        int size = config.layerStateSize();
        for (int i = 0; i < layers.size(); i++) { // an iterator would be allocated
            layers.get(i).step(config, kernels, state, i * size, scratch);
        }
        kernels.rmsNorm(scratch.x, model.finalNorm(), config.normEps(), scratch.u);
        kernels.matVec(model.head(), model.headBias(), scratch.u, logits);
    }

    /** Moves the window on by one frame, kept normalised: {@code (frame - mean) * scale}. */
    private void remember(float[] frame, Loader.Frontend weights, FrameFrontend f) {
        int at = windowAt(f);
        int newest = at + f.windowSize() - f.nMels();
        System.arraycopy(state, at + f.nMels(), state, at, f.windowSize() - f.nMels());
        for (int i = 0; i < f.nMels(); i++) {
            state[newest + i] = (frame[i] - weights.mean()[i]) * weights.scale()[i];
        }
    }

    private int windowAt(FrameFrontend f) {
        return state.length - f.windowSize();
    }

    /** Back to the start of a stream: equal to a session just opened. */
    public void reset() {
        Arrays.fill(state, 0);
        inputs = 0;
    }

    /**
     * The state as it is now.
     *
     * @return a copy
     */
    public Snapshot snapshot() {
        return new Snapshot(model.fingerprint(), inputs, state.clone());
    }

    /**
     * Continues from where a snapshot was taken.
     *
     * @param snapshot of a session of the same model
     * @throws CheckpointException if it is of another model; the state is then as before
     */
    public void restore(Snapshot snapshot) {
        if (snapshot.fingerprint() != model.fingerprint() || snapshot.state().length != state.length) {
            throw new CheckpointException(String.format(
                    Locale.ROOT,
                    "snapshot: found one of model %016x with %d floats, expected model %016x with %d; load the model that it was taken from",
                    snapshot.fingerprint(),
                    snapshot.state().length,
                    model.fingerprint(),
                    state.length));
        }
        System.arraycopy(snapshot.state(), 0, state, 0, state.length);
        inputs = snapshot.inputs();
    }

    /**
     * A second session that goes on from here on its own.
     *
     * @return a session with a copy of this state
     */
    public Session fork() {
        requireOpen();
        Session fork = new Session(model, choice, state.clone());
        fork.inputs = inputs;
        return fork;
    }

    /**
     * The size of the state, which never changes.
     *
     * @return bytes
     */
    public long stateBytes() {
        return 4L * state.length + Long.BYTES;
    }

    /**
     * Where this session computes.
     *
     * @return the resolved backend, never AUTO
     */
    public Backend backend() {
        return choice.backend();
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
        return String.format(
                Locale.ROOT, "%s, %s, state %,d bytes a stream", model.describe(), choice.why(), stateBytes());
    }

    /** Ends the session; steps fail from now on. The model stays. */
    @Override
    public void close() {
        closed = true;
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("this session is closed; open another from its model");
        }
    }

    private static void requireLength(String what, int found, String name, int expected) {
        if (found != expected) {
            throw new IllegalArgumentException(
                    what + " has " + found + " values, the model expects " + name + "=" + expected);
        }
    }

    private static void requireFinite(float[] frame) {
        for (int i = 0; i < frame.length; i++) {
            if (!Float.isFinite(frame[i])) {
                throw new IllegalArgumentException(
                        "frame[" + i + "]=" + frame[i] + " is not finite; check the sound for NaN");
            }
        }
    }
}
