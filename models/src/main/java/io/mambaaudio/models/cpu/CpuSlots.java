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
    private final ModelWeights weights;
    private final MambaConfig config;
    private final Backend backend;
    private final Kernels kernels;
    private final String description;
    private final float[][] states; // (capacity, stateSize), a row empty until it is used
    private final Scratch scratch;
    private final float[] row; // (vocabSize)
    private final int nMels;
    private final int windowSize;

    /** Slots that compute with these kernels. */
    public CpuSlots(ModelWeights weights, Backend backend, Kernels kernels, String description, int capacity) {
        this.weights = weights;
        this.config = weights.config();
        this.backend = backend;
        this.kernels = kernels;
        this.description = description;
        this.states = new float[capacity][];
        Arrays.fill(states, Layer.NONE);
        this.scratch = new Scratch(config);
        this.row = new float[config.vocabSize()];
        this.nMels = config.frontend().map(FrameFrontend::nMels).orElse(0);
        this.windowSize = config.frontend().map(FrameFrontend::windowSize).orElse(0);
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
        for (int i = 0; i < count; i++) {
            float[] state = states[slots[i]];
            remember(frames, i * nMels, f, state);
            if (due[i]) {
                embed(f, state);
                forward(state, logits, i * config.vocabSize());
            }
        }
    }

    @Override
    public void step(int[] slots, int count, int[] tokens, float[] logits) {
        Matrix embeddings = weights.embeddings().orElseThrow();
        for (int i = 0; i < count; i++) {
            embeddings.row(tokens[i], scratch.x);
            forward(states[slots[i]], logits, i * config.vocabSize());
        }
    }

    @Override
    public void prefill(int slot, float[] frames, int count, int firstDue, int rows, float[] logits) {
        ModelWeights.Frontend f = weights.frontend().orElseThrow();
        int stride = config.frontend().orElseThrow().strideFrames();
        int steps = firstDue < count ? (count - 1 - firstDue) / stride + 1 : 0;
        float[] state = states[slot];
        int done = 0;
        for (int i = 0; i < count; i++) {
            remember(frames, i * nMels, f, state);
            if (i >= firstDue && (i - firstDue) % stride == 0) {
                embed(f, state);
                forward(state, logits, (done++ - (steps - rows)) * config.vocabSize());
            }
        }
    }

    @Override
    public void prefill(int slot, int[] tokens, int count, int rows, float[] logits) {
        Matrix embeddings = weights.embeddings().orElseThrow();
        for (int i = 0; i < count; i++) {
            embeddings.row(tokens[i], scratch.x);
            forward(states[slot], logits, (i - (count - rows)) * config.vocabSize());
        }
    }

    /** Moves the window on by one frame, kept normalised: {@code (frame - mean) * scale}. */
    private void remember(float[] frames, int at, ModelWeights.Frontend f, float[] state) {
        int window = state.length - windowSize;
        System.arraycopy(state, window + nMels, state, window, windowSize - nMels);
        for (int i = 0; i < nMels; i++) {
            state[state.length - nMels + i] = (frames[at + i] - f.mean()[i]) * f.scale()[i];
        }
    }

    private void embed(ModelWeights.Frontend f, float[] state) {
        System.arraycopy(state, state.length - windowSize, scratch.window, 0, windowSize);
        kernels.matVec(f.proj(), f.bias(), scratch.window, scratch.x);
    }

    /** From the embedded input in {@code scratch.x} to the logits, if at is not negative: the blocks, the last norm, the head. */
    private void forward(float[] state, float[] logits, int at) {
        List<Layer> layers = weights.layers();
        int size = config.layerStateSize();
        for (int i = 0; i < layers.size(); i++) { // an iterator would be allocated
            Blocks.step(layers.get(i), config, kernels, state, i * size, scratch);
        }
        if (at >= 0) {
            kernels.rmsNorm(scratch.x, weights.finalNorm(), config.normEps(), scratch.u);
            kernels.matVec(weights.head(), weights.headBias(), scratch.u, row);
            System.arraycopy(row, 0, logits, at, row.length);
        }
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
