package io.mambaaudio.demo;

import io.mambaaudio.models.Backend;
import io.mambaaudio.models.Mamba;
import io.mambaaudio.models.Session;
import io.mambaaudio.models.train.AdamW;
import io.mambaaudio.models.train.Batch;
import io.mambaaudio.models.train.Keep;
import io.mambaaudio.models.train.Network;
import io.mambaaudio.models.train.NetworkConfig;
import io.mambaaudio.models.train.Schedule;
import io.mambaaudio.models.train.TransformerStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;

/** Trains networks to foretell the next base of a genome, and shows what a base costs by how many before it were seen. */
final class DnaRun {
    static final int D_MODEL = 64;
    static final int LAYERS = 4;
    private static final int TRAINED = 1024;
    private static final int BATCH = 8;
    private static final double RATE = 3e-3;
    private static final int WARM_UP = 100;
    private static final int REPORT_STEPS = 50;
    private static final int WINDOWS = 24;
    /** Contexts; each counts the bases that have seen more than the one before it, and at most so many. */
    private static final List<Integer> CONTEXTS = List.of(16, 64, 256, 1024, 4096, 16_384);
    /** Attention goes four times beyond its training. */
    private static final int MOST_QUADRATIC = 4 * TRAINED;

    private final Terminal terminal;
    private final ReproduceCommand options;
    private final Genome genome;

    DnaRun(Terminal terminal, ReproduceCommand options, Genome genome) {
        this.terminal = terminal;
        this.options = options;
        this.genome = genome;
    }

    /** Bits a held-out base by context, of each kind of model. */
    Map<String, Map<Integer, Double>> run(Map<String, NetworkConfig> configs, int steps) throws IOException {
        Map<String, Map<Integer, Double>> results = new LinkedHashMap<>();
        for (Map.Entry<String, NetworkConfig> entry : configs.entrySet()) {
            Network network = Network.create(entry.getValue(), options.seed(), Keep.PROJECTIONS, options.parallel());
            train(entry.getKey(), network, steps);
            Path file = options.folder().resolve("dna-" + entry.getKey() + ".safetensors");
            network.write(file, false);
            results.put(
                    entry.getKey(),
                    entry.getValue().kind() == NetworkConfig.Kind.ATTENTION ? cached(network) : session(file));
        }
        return results;
    }

    private void train(String name, Network network, int steps) {
        AdamW optimiser = new AdamW(network.parameters(), AdamW.Settings.LANGUAGE);
        Schedule schedule = new Schedule(RATE, Math.min(WARM_UP, steps), steps, 0.02);
        SplittableRandom random = new SplittableRandom(options.seed());
        long start = System.nanoTime();
        double mean = 0;
        for (int step = 0; step < steps; step++) {
            network.clearGradients();
            double bits = network.learn(batch(random)) / Math.log(2);
            optimiser.step(schedule.rate(step));
            mean += Math.max(1.0 / (step + 1), 0.03) * (bits - mean);
            if ((step + 1) % REPORT_STEPS == 0 || step + 1 == steps) {
                terminal.err()
                        .print(String.format(
                                Locale.ROOT,
                                "%s, step %,d of %,d: %.4f bits a base, %.0f s%n",
                                name,
                                step + 1,
                                steps,
                                mean,
                                (System.nanoTime() - start) / 1e9));
            }
        }
    }

    private Batch batch(SplittableRandom random) {
        int[] tokens = new int[BATCH * TRAINED];
        int[] targets = new int[BATCH * TRAINED];
        for (int b = 0; b < BATCH; b++) {
            int from = random.nextInt(genome.learnt().length - TRAINED);
            for (int t = 0; t < TRAINED; t++) {
                tokens[b * TRAINED + t] = genome.learnt()[from + t];
                targets[b * TRAINED + t] = genome.learnt()[from + t + 1];
            }
        }
        return new Batch(BATCH, TRAINED, tokens, targets);
    }

    /** Takes a base and says how likely each next one is. */
    @FunctionalInterface
    private interface Step {
        void take(int token, float[] logits);
    }

    private Map<Integer, Double> session(Path file) {
        try (Session session = Mamba.open(file).open(Backend.AUTO)) {
            Costs costs = new Costs(longest());
            for (int i = 0; i < WINDOWS; i++) {
                session.reset();
                costs.add(session::step, i);
            }
            return costs.byContext();
        }
    }

    private Map<Integer, Double> cached(Network network) {
        Costs costs = new Costs(Math.min(MOST_QUADRATIC, longest()));
        for (int i = 0; i < WINDOWS; i++) {
            TransformerStream stream = network.stream();
            costs.add(stream::step, i);
        }
        return costs.byContext();
    }

    private int longest() {
        int window = genome.held().length / WINDOWS - 1;
        return CONTEXTS.stream().filter(n -> n <= window).reduce((a, b) -> b).orElseThrow();
    }

    /** Bits of every place of a window, summed over the windows, which are spread evenly over what was held out. */
    private final class Costs {
        private final double[] bits;

        Costs(int length) {
            this.bits = new double[length];
        }

        void add(Step step, int window) {
            float[] logits = new float[Genome.BASES];
            int from = (int) ((long) window * (genome.held().length - bits.length - 1) / (WINDOWS - 1));
            for (int t = 0; t < bits.length; t++) {
                step.take(genome.held()[from + t], logits);
                double sum = 0;
                for (float logit : logits) {
                    sum += Math.exp(logit);
                }
                bits[t] += (Math.log(sum) - logits[genome.held()[from + t + 1]]) / Math.log(2);
            }
        }

        Map<Integer, Double> byContext() {
            Map<Integer, Double> means = new LinkedHashMap<>();
            int from = 0;
            for (int context : CONTEXTS) {
                if (context <= bits.length) {
                    double sum = 0;
                    for (int t = from; t < context; t++) {
                        sum += bits[t];
                    }
                    means.put(context, sum / WINDOWS / (context - from));
                    from = context;
                }
            }
            return means;
        }
    }
}
