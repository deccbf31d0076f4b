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
import io.mambaaudio.models.train.WeightAverage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;

/** Trains a network on a synthetic task, and tests its session at lengths far beyond those of the training. */
final class SyntheticRun {
    /** Squares are forgotten soon, since gradients change with every stage. */
    private static final AdamW.Settings SETTINGS = new AdamW.Settings(0.9, 0.99, 1e-8, 0, 1);

    private static final int REPORT_STEPS = 100;
    private static final int WARM_UP = 50;
    /** Steps of a stage at least, and one of how many rehearses an earlier stage. */
    private static final int LEAST_STEPS = 30;

    private static final int REHEARSAL = 4;
    private static final int AVERAGED_STEPS = 100;
    /** Tokens that a test of one length reads at least, and the sequences it has. */
    private static final int TEST_TOKENS = 1 << 19;

    private static final int LEAST_SEQUENCES = 8;
    private static final int MOST_SEQUENCES = 128;
    /** Up to which attention is tested: its time grows with the square. */
    private static final int MOST_QUADRATIC = 1 << 14;

    private final Terminal terminal;
    private final ReproduceCommand options;
    private final SyntheticTask task;

    SyntheticRun(Terminal terminal, ReproduceCommand options, SyntheticTask task) {
        this.terminal = terminal;
        this.options = options;
        this.task = task;
    }

    /** Accuracy by length, 0 to 1, of each kind of model. */
    Map<String, Map<Integer, Double>> run(Map<String, NetworkConfig> configs, List<Integer> lengths)
            throws IOException {
        Map<String, Map<Integer, Double>> results = new LinkedHashMap<>();
        for (Map.Entry<String, NetworkConfig> entry : configs.entrySet()) {
            Network network = Network.create(entry.getValue(), options.seed(), Keep.PROJECTIONS, options.parallel());
            new Training(entry.getKey(), network).run();
            Path file = options.folder().resolve(task + "-" + entry.getKey() + ".safetensors");
            network.write(file, false);
            boolean quadratic = entry.getValue().kind() == NetworkConfig.Kind.ATTENTION;
            results.put(
                    entry.getKey(),
                    quadratic
                            ? test(
                                    entry.getKey(),
                                    one -> network.judge(one).accuracy(),
                                    lengths.stream()
                                            .filter(n -> n <= MOST_QUADRATIC)
                                            .toList())
                            : test(entry.getKey(), file, lengths));
        }
        return results;
    }

    /** One network's way through the stages. */
    private final class Training {
        private final String name;
        private final Network network;
        private final AdamW optimiser;
        private final WeightAverage average;
        private final SplittableRandom random = new SplittableRandom(options.seed());
        private final long start = System.nanoTime();
        private final List<SyntheticTask.Stage> stages = task.stages(options.trainedTo(task));
        private int steps;

        Training(String name, Network network) {
            this.name = name;
            this.network = network;
            this.optimiser = new AdamW(network.parameters(), SETTINGS);
            this.average = new WeightAverage(network.parameters(), AVERAGED_STEPS);
        }

        void run() {
            for (int i = 0; i < stages.size(); i++) {
                stage(i);
            }
            average.swap();
        }

        private void stage(int index) {
            SyntheticTask.Stage stage = stages.get(index);
            boolean last = index == stages.size() - 1;
            Schedule schedule = new Schedule(stage.rate(), Math.min(WARM_UP, stage.most()), stage.most(), last ? 0 : 1);
            double mean = 0;
            int judged = 0;
            for (int step = 0; step < stage.most() && !options.enough(steps, last); step++) {
                boolean again = index > 0 && random.nextInt(REHEARSAL) == 0; // what was learnt before stays learnt
                double nats = learn(again ? stages.get(random.nextInt(index)) : stage, schedule.rate(step));
                if (!again) {
                    mean += Math.max(1.0 / ++judged, 0.03) * (nats - mean);
                }
                if (!last && judged >= LEAST_STEPS && stage.passed(mean)) {
                    break;
                }
                if (steps % REPORT_STEPS == 0) {
                    report(stage, mean);
                }
            }
            report(stage, mean);
        }

        private double learn(SyntheticTask.Stage stage, double rate) {
            network.clearGradients();
            double nats = network.learn(task.batch(random, stage.batch(), stage.data(), stage.length()));
            optimiser.step(rate);
            average.update();
            steps++;
            return nats;
        }

        private void report(SyntheticTask.Stage stage, double mean) {
            say(String.format(
                    Locale.ROOT,
                    "%s, step %,d, %s length %,d: %.3f nats, %.0f s%n",
                    name,
                    steps,
                    stage.data() == 0 ? "" : stage.data() + " of",
                    stage.length(),
                    mean,
                    (System.nanoTime() - start) / 1e9));
        }
    }

    /** By a session that reads token by token in a state of fixed size. */
    private Map<Integer, Double> test(String name, Path file, List<Integer> lengths) {
        try (Session session = Mamba.open(file).open(Backend.AUTO)) {
            return test(name, one -> right(session, one) / (double) Math.max(1, task.data()), lengths);
        }
    }

    /** The share of targets that get the largest logit. */
    private Map<Integer, Double> test(String name, ToDoubleFunction<Batch> accuracy, List<Integer> lengths) {
        Map<Integer, Double> results = new LinkedHashMap<>();
        for (int length : lengths) {
            int sequences = Math.clamp(TEST_TOKENS / length, LEAST_SEQUENCES, MOST_SEQUENCES);
            SplittableRandom random = new SplittableRandom(options.seed() + length);
            double sum = 0;
            for (int i = 0; i < sequences; i++) {
                sum += accuracy.applyAsDouble(task.batch(random, 1, task.data(), length));
            }
            results.put(length, sum / sequences);
            say(String.format(
                    Locale.ROOT,
                    "%s, length %,d, %d sequences: %.1f %%%n",
                    name,
                    length,
                    sequences,
                    100 * sum / sequences));
        }
        return results;
    }

    private int right(Session session, Batch one) {
        int judged = Math.max(1, task.data()); // the last places
        float[] logits = new float[judged * SyntheticTask.VOCAB];
        session.reset();
        session.prefill(one.tokens(), one.length(), logits);
        int right = 0;
        for (int i = 0; i < judged; i++) {
            int best = 0;
            for (int v = 1; v < SyntheticTask.VOCAB; v++) {
                best = logits[i * SyntheticTask.VOCAB + v] > logits[i * SyntheticTask.VOCAB + best] ? v : best;
            }
            right += best == one.targets()[one.length() - judged + i] ? 1 : 0;
        }
        return right;
    }

    private void say(String line) {
        terminal.err().print(line);
    }
}
