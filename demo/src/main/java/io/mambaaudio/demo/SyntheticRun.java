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
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;

/** Trains a network on a synthetic task, and tests its session at lengths far beyond those of the training. */
final class SyntheticRun {
    private static final double RATE = 3e-3;
    private static final int REPORT_STEPS = 100;
    /** Tokens that a test of one length reads at least, and the sequences it has at most. */
    private static final int TEST_TOKENS = 1 << 18;

    private static final int MOST_SEQUENCES = 64;

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
            train(entry.getKey(), network);
            Path file = options.folder().resolve(task + "-" + entry.getKey() + ".safetensors");
            network.write(file, false);
            results.put(entry.getKey(), test(entry.getKey(), file, lengths));
        }
        return results;
    }

    private void train(String name, Network network) {
        int steps = options.steps(task.steps());
        AdamW optimiser = new AdamW(network.parameters(), AdamW.Settings.SYNTHETIC);
        Schedule schedule = new Schedule(RATE, Math.min(steps, 50), steps, 0.02);
        SplittableRandom random = new SplittableRandom(options.seed());
        long start = System.nanoTime();
        double mean = Math.log(SyntheticTask.VOCAB);
        for (int step = 0; step < steps; step++) {
            SyntheticTask.Stage stage = stage(step / (double) steps);
            network.clearGradients();
            double nats = network.learn(task.batch(random, stage.batch(), stage.data(), stage.length()));
            optimiser.step(schedule.rate(step));
            mean += 0.05 * (nats - mean);
            if ((step + 1) % REPORT_STEPS == 0 || step + 1 == steps) {
                double seconds = (System.nanoTime() - start) / 1e9;
                say(String.format(
                        Locale.ROOT,
                        "%s, step %,d of %,d, length %,d: %.3f nats, %.0f s%n",
                        name,
                        step + 1,
                        steps,
                        stage.length(),
                        mean,
                        seconds));
            }
        }
    }

    private SyntheticTask.Stage stage(double along) {
        double end = 0;
        for (SyntheticTask.Stage stage : task.stages()) {
            end += stage.share();
            if (along < end - 1e-9) {
                return stage;
            }
        }
        return task.stages().getLast();
    }

    /** The share of targets that get the largest logit, by a session that reads token by token in a state of fixed size. */
    private Map<Integer, Double> test(String name, Path file, List<Integer> lengths) {
        Map<Integer, Double> accuracy = new LinkedHashMap<>();
        Mamba model = Mamba.open(file);
        try (Session session = model.open(Backend.AUTO)) {
            for (int length : lengths) {
                int sequences = Math.clamp(TEST_TOKENS / length, 2, MOST_SEQUENCES);
                SplittableRandom random = new SplittableRandom(options.seed() + length);
                int right = 0;
                int all = 0;
                for (int i = 0; i < sequences; i++) {
                    Batch one = task.batch(random, 1, task.data(), length);
                    right += right(session, one);
                    all += Math.max(1, task.data());
                }
                accuracy.put(length, right / (double) all);
                say(String.format(
                        Locale.ROOT,
                        "%s, length %,d, %d sequences: %.1f %%%n",
                        name,
                        length,
                        sequences,
                        100.0 * right / all));
            }
        }
        return accuracy;
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
