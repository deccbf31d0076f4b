package io.mambaaudio.models.train;

import io.mambaaudio.models.Parallel;
import io.mambaaudio.models.cpu.Gemm.View;
import io.mambaaudio.models.cpu.TrainingKernels;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A model in training: embedding, blocks, last norm, head, each with its forward and its backward pass; no tape. One thread calls; the work of
 * a pass is spread over the threads that were handed in, and comes out the same bits however many they are.
 */
public final class Network {
    private static final int HEAD_ROWS = 512;

    private final NetworkConfig config;
    private final Compute compute;
    private final Parameter embeddings; // (vocabSize, dModel)
    private final List<Block> blocks = new ArrayList<>();
    private final RmsNorm finalNorm;
    private final Linear head;
    private float[] x = {}; // (batch, length, dModel), and its gradient
    private float[] dx = {};

    Network(NetworkConfig config, long seed, Keep keep, Compute compute) {
        Initial initial = new Initial(config, seed);
        this.config = config;
        this.compute = compute;
        this.embeddings = initial.embeddings();
        for (int i = 0; i < config.nLayers(); i++) {
            blocks.add(block(initial, i, keep));
        }
        this.finalNorm = initial.norm("backbone.norm_f", config.dModel());
        this.head = config.tied() ? new Linear(embeddings, Optional.empty()) : initial.head();
    }

    private Block block(Initial initial, int layer, Keep keep) {
        return switch (config.kind()) {
            case MAMBA1 -> new MambaBlock(compute, keep, new Mamba1Mixer(compute, initial.mamba1(layer)));
            case MAMBA2 -> new MambaBlock(compute, keep, new Mamba2Mixer(compute, initial.mamba2(layer)));
            case S4D -> new S4dBlock(compute, initial.s4d(layer));
            case ATTENTION -> new AttentionBlock(compute, initial.attention(layer));
        };
    }

    /**
     * An untrained network.
     *
     * @param config its sizes
     * @param seed of its first weights
     * @param keep what its layers keep for the backward pass
     * @param parallel the threads
     * @return the network
     */
    public static Network create(NetworkConfig config, long seed, Keep keep, Parallel parallel) {
        return new Network(config, seed, keep, Compute.on(parallel));
    }

    /**
     * The sizes.
     *
     * @return the configuration
     */
    public NetworkConfig config() {
        return config;
    }

    /**
     * What is trained.
     *
     * @return every parameter once
     */
    public List<Parameter> parameters() {
        List<Parameter> all = new ArrayList<>(List.of(embeddings));
        blocks.forEach(block -> all.addAll(block.parameters()));
        all.add(finalNorm.weight());
        if (!config.tied()) {
            all.add(head.weight());
        }
        return all;
    }

    /** Sets all gradients to zero. */
    public void clearGradients() {
        parameters().forEach(p -> Arrays.fill(p.gradient(), 0));
    }

    /**
     * The mean cross-entropy of a batch; its gradient is added to the parameters' gradients.
     *
     * @param batch tokens and targets
     * @return nats for each target
     */
    public double learn(Batch batch) {
        forward(batch);
        int judged = (int)
                Arrays.stream(batch.targets()).filter(t -> t != Batch.NONE).count();
        double[] sum = {0};
        if (dx.length != x.length) {
            dx = new float[x.length];
        }
        head(batch, (first, rows, normed, raw, logits) -> {
            sum[0] += crossEntropy(batch.targets(), first, rows, logits, 1f / judged);
            head.backwardWeights(compute, rows, View.rows(normed, 0, config.dModel()), logits);
            head.backwardInput(compute, rows, logits, normed, config.dModel(), false);
            finalNorm.backward(compute, rows, raw, normed, normed, false);
            System.arraycopy(normed, 0, dx, first * config.dModel(), rows * config.dModel());
        });
        for (Block block : blocks.reversed()) {
            block.backward(dx);
        }
        embeddingGradient(batch.tokens());
        return sum[0] / judged;
    }

    /**
     * What the network makes of a batch.
     *
     * @param batch tokens and targets
     * @return mean cross-entropy in nats, and the share of targets that got the largest logit
     */
    public Score judge(Batch batch) {
        forward(batch);
        int[] counts = new int[2];
        double[] sum = {0};
        head(batch, (first, rows, normed, raw, logits) -> {
            for (int r = 0; r < rows; r++) {
                int target = batch.targets()[first + r];
                if (target != Batch.NONE) {
                    counts[0]++;
                    counts[1] += largest(logits, r * config.vocabSize(), config.vocabSize()) == target ? 1 : 0;
                }
            }
            sum[0] += crossEntropy(batch.targets(), first, rows, logits, 1);
        });
        return new Score(sum[0] / counts[0], (double) counts[1] / counts[0]);
    }

    /**
     * How good predictions were.
     *
     * @param nats mean cross-entropy
     * @param accuracy share of targets with the largest logit, 0 to 1
     */
    public record Score(double nats, double accuracy) {}

    /**
     * Memory that the blocks' passes take for the last batch.
     *
     * @return bytes, without parameters
     */
    public long activationBytes() {
        return blocks.stream().mapToLong(Block::activationBytes).sum();
    }

    /**
     * The Transformer that this network is, token by token.
     *
     * @return a stream that has seen nothing
     * @throws IllegalStateException if it is no Transformer
     */
    public TransformerStream stream() {
        List<AttentionWeights> layers = new ArrayList<>();
        for (Block block : blocks) {
            if (!(block instanceof AttentionBlock attention)) {
                throw new IllegalStateException("this network is " + config.kind() + ", expected ATTENTION");
            }
            layers.add(attention.weights());
        }
        return new TransformerStream(embeddings.value(), head.weight().value(), finalNorm, layers);
    }

    /**
     * Writes what is trained as a checkpoint that {@code Mamba.open} loads.
     *
     * @param file where to
     * @param bfloat16 whether matrices are rounded to bfloat16; all else stays float32
     * @throws IOException if it cannot be written
     */
    public void write(Path file, boolean bfloat16) throws IOException {
        SafetensorsWriter out =
                new SafetensorsWriter(Map.of("mamba_audio.format", "1", "mamba_audio.config", config.json()));
        for (Parameter p : parameters()) {
            if (bfloat16 && p.decay()) {
                out.bfloat16(p.name(), p.value(), p.shape());
            } else {
                out.float32(p.name(), p.value(), p.shape());
            }
        }
        out.write(file);
    }

    private void forward(Batch batch) {
        int d = config.dModel();
        int rows = batch.size() * batch.length();
        if (x.length != rows * d) {
            x = new float[rows * d];
        }
        for (int r = 0; r < rows; r++) {
            int token = batch.tokens()[r];
            if (token < 0 || token >= config.vocabSize()) {
                throw new IllegalArgumentException(
                        "token=" + token + " is out of range; choose one from 0 to " + (config.vocabSize() - 1));
            }
            System.arraycopy(embeddings.value(), token * d, x, r * d, d);
        }
        for (Block block : blocks) {
            block.forward(x, batch.size(), batch.length());
        }
    }

    @FunctionalInterface
    private interface Rows {
        void accept(int first, int rows, float[] normed, float[] raw, float[] logits);
    }

    /** The last norm and the head, some rows at a time: the logits of a whole batch would be large. Rows without a target are left out. */
    private void head(Batch batch, Rows body) {
        int d = config.dModel();
        float[] raw = new float[HEAD_ROWS * d];
        float[] normed = new float[HEAD_ROWS * d];
        float[] logits = new float[HEAD_ROWS * config.vocabSize()];
        int all = batch.size() * batch.length();
        for (int first = 0; first < all; first += HEAD_ROWS) {
            int rows = Math.min(HEAD_ROWS, all - first);
            if (!judged(batch.targets(), first, rows)) {
                if (dx.length == x.length) {
                    Arrays.fill(dx, first * d, (first + rows) * d, 0);
                }
                continue;
            }
            System.arraycopy(x, first * d, raw, 0, rows * d);
            finalNorm.forward(compute, rows, raw, normed);
            head.forward(compute, rows, View.rows(normed, 0, d), logits);
            body.accept(first, rows, normed, raw, logits);
        }
    }

    private static boolean judged(int[] targets, int first, int rows) {
        for (int r = first; r < first + rows; r++) {
            if (targets[r] != Batch.NONE) {
                return true;
            }
        }
        return false;
    }

    /** Logits become their gradient. */
    private double crossEntropy(int[] targets, int first, int rows, float[] logits, float scale) {
        int vocab = config.vocabSize();
        double[] nats = new double[rows];
        compute.rows(rows, (from, to) -> {
            for (int r = from; r < to; r++) {
                int target = targets[first + r];
                if (target == Batch.NONE) {
                    Arrays.fill(logits, r * vocab, (r + 1) * vocab, 0);
                } else {
                    nats[r] = TrainingKernels.crossEntropy(logits, r * vocab, vocab, target, scale);
                }
            }
        });
        return Arrays.stream(nats).sum();
    }

    private static int largest(float[] values, int at, int n) {
        int best = 0;
        for (int i = 1; i < n; i++) {
            best = values[at + i] > values[at + best] ? i : best;
        }
        return best;
    }

    private void embeddingGradient(int[] tokens) {
        int d = config.dModel();
        for (int r = 0; r < tokens.length; r++) {
            for (int i = 0; i < d; i++) {
                embeddings.gradient()[tokens[r] * d + i] += dx[r * d + i];
            }
        }
    }
}
