package io.mambaaudio.models.train;

import io.mambaaudio.models.Checkpoint;
import io.mambaaudio.models.FrameFrontend;
import io.mambaaudio.models.MambaConfig;
import io.mambaaudio.models.ModelException;
import io.mambaaudio.models.Parallel;
import io.mambaaudio.models.cpu.Gemm.View;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A speech model that goes on learning: a Mamba-2 that takes mel frames and writes pieces with CTC. Its first blocks may stay as they are, with the
 * front end before them; they are then run once a recording ({@link #frozen}). Its last blocks, the last norm and the head are trained, whole or
 * by low-rank differences of their large matrices ({@link LowRank}). One thread calls; the work of a pass is spread over the threads that were handed in,
 * and comes out the same bits however many they are.
 */
public final class FrameNetwork {
    private final MambaConfig config;
    private final FrameFrontend shape;
    private final Compute compute;
    private final float[] mean; // (nMels)
    private final float[] scale; // (nMels)
    private final Linear frontend;
    private final boolean everything; // the front end, too
    private final List<Block> lower = new ArrayList<>();
    private final List<Block> upper = new ArrayList<>();
    private final RmsNorm finalNorm;
    private final Linear head;
    private final List<LowRank> adapters = new ArrayList<>();
    private final List<Parameter> whole = new ArrayList<>(); // trained as they are
    private final List<Parameter> changed = new ArrayList<>(); // of the network
    private float[] x = {}; // (batch, length, dModel), and its gradient
    private float[] windows = {}; // (batch, length, windowFrames * nMels) if the front end learns
    private float[] normed = {}; // (batch, length, dModel)
    private float[] logits = {}; // (batch, length, vocabSize)

    /**
     * How much of a network is trained, beside its last norm and its head.
     *
     * @param layers the last so many blocks; all of them: the front end, too
     * @param rank of the differences that the matrices of these blocks learn; 0: the matrices are trained whole
     */
    public record Trained(int layers, int rank) {
        /** Checks the ranges. */
        public Trained {
            if (layers < 0 || rank < 0) {
                throw new IllegalArgumentException(
                        "layers=" + layers + ", rank=" + rank + " is out of range; choose 0 or more of both");
            }
        }
    }

    private FrameNetwork(Checkpoint checkpoint, MambaConfig config, Trained trained, long seed, Compute compute) {
        StoredTensors stored = new StoredTensors(checkpoint, config);
        SplittableRandom random = new SplittableRandom(seed);
        this.config = config;
        this.shape = config.frontend().orElseThrow();
        this.compute = compute;
        mean = stored.floats("frontend.mean");
        scale = stored.floats("frontend.scale");
        everything = trained.layers() == config.nLayers();
        frontend = stored.linear("frontend.proj", everything);
        if (everything) {
            train(frontend.parameters());
        }
        for (int i = 0; i < config.nLayers(); i++) {
            boolean learns = i >= config.nLayers() - trained.layers();
            Mamba2Parameters p = stored.mamba2(i, learns);
            Mixer mixer = new Mamba2Mixer(compute, p, config.timeStepMin(), config.timeStepMax());
            (learns ? upper : lower).add(new MambaBlock(compute, Keep.PROJECTIONS, mixer));
            if (learns) {
                train(p, trained.rank(), random);
            }
        }
        finalNorm = stored.norm(stored.prefix() + "norm_f", true);
        head = stored.linear("lm_head", true);
        train(List.of(finalNorm.weight()));
        train(head.parameters());
    }

    private void train(List<Parameter> parameters) {
        whole.addAll(parameters);
        changed.addAll(parameters);
    }

    private void train(Mamba2Parameters block, int rank, SplittableRandom random) {
        changed.addAll(block.all());
        for (Parameter p : block.all()) {
            if (rank > 0 && p.decay()) {
                adapters.add(new LowRank(p, rank, random));
            } else {
                whole.add(p);
            }
        }
    }

    /**
     * Takes the weights out of a checkpoint, which may be closed afterwards.
     *
     * @param checkpoint of a speech model
     * @param config what {@link io.mambaaudio.models.Mamba#load} made of it, so that every shape is checked
     * @param trained which part learns
     * @param seed of the first differences of low rank
     * @param parallel the threads
     * @return the network
     * @throws ModelException in one line, if it is of a kind that cannot be trained here
     */
    public static FrameNetwork load(
            Checkpoint checkpoint, MambaConfig config, Trained trained, long seed, Parallel parallel) {
        return load(checkpoint, config, trained, seed, Compute.on(parallel));
    }

    static FrameNetwork load(Checkpoint checkpoint, MambaConfig config, Trained trained, long seed, Compute compute) {
        if (config.kind() != MambaConfig.Kind.MAMBA2
                || config.nGroups() != 1
                || config.frontend().isEmpty()) {
            throw new ModelException(
                    "found a " + config.kind() + " with n_groups=" + config.nGroups()
                            + (config.frontend().isPresent() ? "" : " that takes tokens")
                            + ", only a MAMBA2 with n_groups=1 that takes mel frames can be trained further; choose such a model");
        }
        if (trained.layers() > config.nLayers()) {
            throw new ModelException("layers=" + trained.layers() + " is out of range; the model has "
                    + config.nLayers() + ", choose 0 to " + config.nLayers());
        }
        return new FrameNetwork(checkpoint, config, trained, seed, compute);
    }

    /**
     * What the optimiser moves.
     *
     * @return parameters of the network, and the factors of its low-rank differences
     */
    public List<Parameter> parameters() {
        List<Parameter> all = new ArrayList<>(whole);
        adapters.forEach(adapter -> all.addAll(adapter.parameters()));
        return all;
    }

    /**
     * The tensors that differ from the checkpoint's once the network has learnt, under its names.
     *
     * @return parameters of the network, low-rank differences within
     */
    public List<Parameter> changed() {
        merge();
        return List.copyOf(changed);
    }

    /** Sets all gradients to zero. */
    public void clearGradients() {
        parameters().forEach(p -> Arrays.fill(p.gradient(), 0));
        changed.forEach(p -> Arrays.fill(p.gradient(), 0));
    }

    /**
     * How many steps the model makes of some frames.
     *
     * @param frames how many
     * @return none before the first window is full, then one a stride
     */
    public int steps(int frames) {
        return frames < shape.windowFrames() ? 0 : (frames - shape.windowFrames()) / shape.strideFrames() + 1;
    }

    /**
     * What {@link #frozen} gives for a step.
     *
     * @return floats
     */
    public int inputSize() {
        return everything ? shape.windowSize() : config.dModel();
    }

    /**
     * What the part that does not learn makes of a recording: needed once, however often it is learnt.
     *
     * @param frames (count, nMels) mel frames
     * @param count how many
     * @return (steps, dModel), the input of the first block that learns; (steps, windowFrames * nMels) if the front end learns
     */
    public float[] frozen(float[] frames, int count) {
        int steps = steps(count);
        int nMels = shape.nMels();
        int window = shape.windowSize();
        float[] windows = new float[steps * window];
        for (int s = 0; s < steps; s++) {
            for (int i = 0; i < window; i++) {
                int from = s * shape.strideFrames() * nMels + i;
                windows[s * window + i] = (frames[from] - mean[i % nMels]) * scale[i % nMels];
            }
        }
        if (everything) {
            return windows;
        }
        float[] out = new float[steps * config.dModel()];
        if (steps > 0) {
            frontend.forward(compute, steps, View.rows(windows, 0, window), out);
            lower.forEach(block -> block.forward(out, 1, steps));
        }
        return out;
    }

    /**
     * The mean CTC loss of some recordings; its gradient is added to the parameters' gradients.
     *
     * @param batch recordings whose texts fit into their steps
     * @return nats for each piece of their texts
     */
    public double learn(List<Transcript> batch) {
        int length = forward(batch);
        double loss = loss(batch, length, true);
        int rows = batch.size() * length;
        head.backwardWeights(compute, rows, View.rows(normed, 0, config.dModel()), logits);
        head.backwardInput(compute, rows, logits, normed, config.dModel(), false);
        finalNorm.backward(compute, rows, x, normed, normed, false);
        for (Block block : upper.reversed()) {
            block.backward(normed);
        }
        if (everything) {
            frontend.backwardWeights(compute, rows, View.rows(windows, 0, shape.windowSize()), normed);
        }
        adapters.forEach(adapter -> adapter.handOver(compute));
        return loss;
    }

    /**
     * The CTC loss of some recordings.
     *
     * @param batch recordings whose texts fit into their steps
     * @return nats for each piece of their texts
     */
    public double judge(List<Transcript> batch) {
        return loss(batch, forward(batch), false);
    }

    /**
     * The logits of one recording.
     *
     * @param one the recording
     * @return (steps, vocabSize)
     */
    public float[] logits(Transcript one) {
        forward(List.of(one));
        return Arrays.copyOf(logits, one.steps() * config.vocabSize());
    }

    /** From the inputs to the logits; the length of the longest. Rows beyond the end of the others follow them and are not judged. */
    private int forward(List<Transcript> batch) {
        merge();
        int d = config.dModel();
        int length = batch.stream().mapToInt(Transcript::steps).max().orElseThrow();
        int rows = batch.size() * length;
        if (x.length != rows * d) {
            x = new float[rows * d];
            normed = new float[rows * d];
            logits = new float[rows * config.vocabSize()];
            windows = new float[everything ? rows * shape.windowSize() : 0];
        }
        if (everything) {
            gather(batch, length, windows, shape.windowSize());
            frontend.forward(compute, rows, View.rows(windows, 0, shape.windowSize()), x);
        } else {
            gather(batch, length, x, d);
        }
        upper.forEach(block -> block.forward(x, batch.size(), length));
        finalNorm.forward(compute, rows, x, normed);
        head.forward(compute, rows, View.rows(normed, 0, d), logits);
        return length;
    }

    /** The inputs side by side, zeros beyond their ends. */
    private static void gather(List<Transcript> batch, int length, float[] to, int width) {
        Arrays.fill(to, 0);
        for (int b = 0; b < batch.size(); b++) {
            Transcript one = batch.get(b);
            System.arraycopy(one.input(), 0, to, b * length * width, one.steps() * width);
        }
    }

    private void merge() {
        adapters.forEach(adapter -> adapter.merge(compute));
    }

    /** Nats for each piece; the logits become its gradient if it is wanted. */
    private double loss(List<Transcript> batch, int length, boolean gradient) {
        int vocab = config.vocabSize();
        int pieces = Math.max(1, batch.stream().mapToInt(t -> t.text().length).sum());
        double[] nats = new double[batch.size()];
        compute.parallel().run(batch.size(), b -> {
            Transcript one = batch.get(b);
            int at = b * length * vocab;
            nats[b] = Ctc.loss(logits, at, one.steps(), vocab, one.text(), 1f / pieces);
            if (gradient) {
                Arrays.fill(logits, at + one.steps() * vocab, at + length * vocab, 0);
            }
        });
        return Arrays.stream(nats).sum() / pieces;
    }
}
