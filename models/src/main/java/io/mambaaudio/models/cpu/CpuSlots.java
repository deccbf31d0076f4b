package io.mambaaudio.models.cpu;

import io.mambaaudio.models.Backend;
import io.mambaaudio.models.FrameFrontend;
import io.mambaaudio.models.MambaConfig;
import io.mambaaudio.models.backend.Layer;
import io.mambaaudio.models.backend.ModelWeights;
import io.mambaaudio.models.backend.Slots;
import java.util.Arrays;
import java.util.List;

/** Streams on the CPU. A state is allocated when its slot is first used. */
public final class CpuSlots implements Slots {
    /** Rows that go through the model together: enough to read a weight seldom, few enough for the second-level cache. */
    private static final int MOST_ROWS = 32;

    private static final int NOWHERE = -2; // so that no row follows it

    private final ModelWeights weights;
    private final MambaConfig config;
    private final Backend backend;
    private final Kernels kernels;
    private final String description;
    private final float[][] states; // (capacity, stateSize), a row empty until it is used
    private final int nMels;
    private final int windowSize;
    private Rows rows;
    private final int[] targets; // (MOST_ROWS) which row of logits a row is for, or NOWHERE

    /** Slots that compute with these kernels. */
    public CpuSlots(ModelWeights weights, Backend backend, Kernels kernels, String description, int capacity) {
        this.weights = weights;
        this.config = weights.config();
        this.backend = backend;
        this.kernels = kernels;
        this.description = description;
        this.states = new float[capacity][];
        Arrays.fill(states, Layer.NONE);
        this.nMels = config.frontend().map(FrameFrontend::nMels).orElse(0);
        this.windowSize = config.frontend().map(FrameFrontend::windowSize).orElse(0);
        this.rows = new Rows(config, kernels, Math.min(capacity, MOST_ROWS));
        this.targets = new int[MOST_ROWS];
    }

    @Override
    public int capacity() {
        return states.length;
    }

    @Override
    public void reset(int slot) {
        if (states[slot].length == 0) {
            states[slot] = new float[config.stateSize()];
        }
        Arrays.fill(states[slot], 0);
    }

    @Override
    public void read(int slot, float[] state) {
        System.arraycopy(states[slot], 0, state, 0, states[slot].length);
    }

    @Override
    public void write(int slot, float[] state) {
        System.arraycopy(state, 0, states[slot], 0, states[slot].length);
    }

    @Override
    public void step(int[] slots, int count, float[] frames, boolean[] due, float[] logits) {
        ModelWeights.Frontend f = weights.frontend().orElseThrow();
        begin(false);
        for (int i = 0; i < count; i++) {
            float[] state = states[slots[i]];
            remember(frames, i * nMels, f, state);
            if (due[i]) {
                hear(f, state, i, logits);
            }
        }
        embedWindows(f, logits);
    }

    @Override
    public void step(int[] slots, int count, int[] tokens, float[] logits) {
        begin(false);
        for (int i = 0; i < count; i++) {
            read(tokens[i], states[slots[i]], i, logits);
        }
        forward(logits);
    }

    @Override
    public void prefill(int slot, float[] frames, int count, int firstDue, int wanted, float[] logits) {
        ModelWeights.Frontend f = weights.frontend().orElseThrow();
        int stride = config.frontend().orElseThrow().strideFrames();
        int steps = firstDue < count ? (count - 1 - firstDue) / stride + 1 : 0;
        makeRoom(steps);
        begin(true);
        int step = 0;
        for (int i = 0; i < count; i++) {
            remember(frames, i * nMels, f, states[slot]);
            if (i == firstDue + (long) step * stride) {
                hear(f, states[slot], step++ - (steps - wanted), logits);
            }
        }
        embedWindows(f, logits);
    }

    @Override
    public void prefill(int slot, int[] tokens, int count, int wanted, float[] logits) {
        makeRoom(count);
        begin(true);
        for (int i = 0; i < count; i++) {
            read(tokens[i], states[slot], i - (count - wanted), logits);
        }
        forward(logits);
    }

    private void makeRoom(int steps) {
        int room = Math.min(steps, MOST_ROWS);
        if (rows.capacity < room) {
            rows = new Rows(config, kernels, MOST_ROWS);
        }
    }

    private void begin(boolean inSequence) {
        rows.count = 0;
        rows.inSequence = inSequence;
    }

    /** Moves the window on by one frame, kept normalised: {@code (frame - mean) * scale}. */
    private void remember(float[] frames, int at, ModelWeights.Frontend f, float[] state) {
        int window = state.length - windowSize;
        System.arraycopy(state, window + nMels, state, window, windowSize - nMels);
        for (int i = 0; i < nMels; i++) {
            state[state.length - nMels + i] = (frames[at + i] - f.mean()[i]) * f.scale()[i];
        }
    }

    /** A row for the window as it is now; runs the rows if there are enough. */
    private void hear(ModelWeights.Frontend f, float[] state, int target, float[] logits) {
        System.arraycopy(state, state.length - windowSize, rows.windows, rows.count * windowSize, windowSize);
        if (add(state, target)) {
            embedWindows(f, logits);
        }
    }

    private void embedWindows(ModelWeights.Frontend f, float[] logits) {
        kernels.matMul(f.proj(), f.bias(), rows.windows, 0, windowSize, rows.x, 0, rows.count, rows.panel);
        forward(logits);
    }

    /** A row for a token; runs the rows if there are enough. */
    private void read(int token, float[] state, int target, float[] logits) {
        weights.embeddings().orElseThrow().row(token, rows.x, rows.count * config.dModel());
        if (add(state, target)) {
            forward(logits);
        }
    }

    /** Whether the rows are full now. */
    private boolean add(float[] state, int target) {
        rows.states[rows.count] = state;
        targets[rows.count++] = target < 0 ? NOWHERE : target;
        return rows.count == rows.capacity;
    }

    /** From the embedded inputs in {@code rows.x} to the logits: the blocks, the last norm, the head. Then there are no rows. */
    private void forward(float[] logits) {
        List<Layer> layers = weights.layers();
        int size = config.layerStateSize();
        for (int i = 0; i < layers.size(); i++) { // an iterator would be allocated
            Blocks.forward(layers.get(i), config, kernels, i * size, rows);
        }
        kernels.rmsNorm(rows.x, weights.finalNorm(), config.normEps(), rows.u, rows.count);
        for (int from = 0, to; from < rows.count; from = to) {
            for (to = from + 1; to < rows.count && targets[to] == targets[to - 1] + 1; to++) {}
            if (targets[from] != NOWHERE) {
                head(from, to, logits);
            }
        }
        rows.count = 0;
    }

    /** Rows whose logits lie side by side. */
    private void head(int from, int to, float[] logits) {
        int dModel = config.dModel();
        int at = targets[from] * config.vocabSize();
        kernels.matMul(
                weights.head(), weights.headBias(), rows.u, from * dModel, dModel, logits, at, to - from, rows.panel);
    }

    @Override
    public Slots sibling(int capacity) {
        return new CpuSlots(weights, backend, kernels, description, capacity);
    }

    @Override
    public Backend backend() {
        return backend;
    }

    @Override
    public String describe() {
        return description;
    }

    @Override
    public void close() {
        Arrays.fill(states, Layer.NONE);
    }
}
