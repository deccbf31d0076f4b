package io.mambaaudio.demo;

import io.mambaaudio.models.Parallel;
import io.mambaaudio.models.train.NetworkConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The Mamba paper's experiments, small enough for a laptop. */
@Command(
        name = "reproduce",
        mixinStandardHelpOptions = true,
        description = {
            "Repeat an experiment of the Mamba paper (Gu and Dao 2023) on this machine's processor, trained here and now",
            "in Java: a table on standard output, a plot as SVG in a folder, progress on standard error."
        },
        footer = {
            "",
            "EXPERIMENT is one of",
            "  selective-copying  16 tokens out of noise; 2 layers, d_model 64, as in the paper. Paper: 400,000 steps of 64",
            "                     sequences of length 4,096. Here: from 2 tokens to 16, then from length 32 to 4,096.",
            "  induction-heads    which token came after the special one; 2 layers, d_model 64, as in the paper. Paper:",
            "                     200,000 steps at length 256. Here: 5,000 at 256, after some hundred from 32 on.",
            "  scan-speed         one layer's forward pass by length: the fused scan, the same with its states stored,",
            "                     Mamba-2's chunks, S4D, attention. Paper: an A100; here: this processor.",
            "  linear-time        a stream token by token: time a token and memory from 1 k to 1 M tokens, beside a",
            "                     Transformer with and without its cache.",
            "  dna                the next base of a genome (--genome FILE in FASTA), by how many before it were seen. Paper:",
            "                     the human genome, 1 to 40 M parameters; here: 0.1 M, trained at 1,024 bases.",
            "",
            "Examples:",
            "  mamba-audio reproduce induction-heads --quick",
            "  mamba-audio reproduce selective-copying --out results/",
            "  mamba-audio reproduce dna --genome NC_008253.fna.gz        (E. coli, in Debian's bowtie-examples)"
        })
final class ReproduceCommand implements Callable<Integer> {
    private static final int D_MODEL = 64;
    private static final int LAYERS = 2;
    /** Up to which length quick trains and tests. */
    private static final int QUICK_TRAINED = 128;

    private static final int QUICK_LENGTH = 1 << 14;

    private static final int DNA_STEPS = 2000;
    private static final int DNA_QUICK_STEPS = 300;

    private final Terminal terminal;

    /** The experiments. */
    enum Experiment {
        /** Of {@link SyntheticTask}. */
        SELECTIVE_COPYING,
        /** Of {@link SyntheticTask}. */
        INDUCTION_HEADS,
        /** Of {@link LengthRuns}. */
        SCAN_SPEED,
        /** Of {@link LengthRuns}. */
        LINEAR_TIME,
        /** Of {@link DnaRun}. */
        DNA
    }

    @Parameters(index = "0", paramLabel = "EXPERIMENT", description = "What to repeat; see below.")
    private String experiment = "";

    @Option(names = "--quick", description = "Minutes: trained at lengths to 128, tested and timed to 16 k.")
    private boolean quick;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1",
            description =
                    "Of weights and data; one seed gives the same result on any number of threads. Default: ${DEFAULT-VALUE}.")
    private long seed;

    @Option(
            names = "--steps",
            paramLabel = "N",
            description =
                    "Training steps; of the synthetic tasks before the last stage at most. Default: the experiment's own.")
    private Optional<Integer> steps = Optional.empty();

    @Option(
            names = "--models",
            paramLabel = "NAME",
            split = ",",
            description = "Only these rows: mamba, mamba2, s4d, attention. Default: all.")
    private List<String> models = List.of();

    @Option(names = "--genome", paramLabel = "FILE", description = "Of dna: FASTA, plain or packed by gzip.")
    private Optional<Path> genome = Optional.empty();

    @Option(names = "--one-thread", description = "Compute on one thread; otherwise on all of the machine.")
    private boolean oneThread;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            defaultValue = "reproduced",
            description = "A folder for the plot and the trained weights. Default: ${DEFAULT-VALUE}.")
    private Path folder = Path.of("");

    ReproduceCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws IOException {
        Experiment chosen = chosen();
        steps.filter(n -> n < 1 || n > 10_000_000).ifPresent(n -> {
            throw new UserError("--steps " + n + " is out of range; choose 1 to 10000000");
        });
        Files.createDirectories(folder);
        terminal.out().print(Machine.describe() + "\nseed " + seed + "\n\n");
        switch (chosen) {
            case SELECTIVE_COPYING -> synthetic(SyntheticTask.SELECTIVE_COPYING);
            case INDUCTION_HEADS -> synthetic(SyntheticTask.INDUCTION_HEADS);
            case SCAN_SPEED ->
                show(
                        "scan-speed",
                        "us a token",
                        true,
                        new LengthRuns(this).scanSpeed(upTo(List.of(512, 2048, 8192, 32_768, 131_072))));
            case LINEAR_TIME -> linearTime();
            case DNA -> dna();
        }
        return Main.OK;
    }

    private Experiment chosen() {
        String name = experiment.toUpperCase(Locale.ROOT).replace('-', '_');
        for (Experiment e : Experiment.values()) {
            if (e.name().equals(name)) {
                return e;
            }
        }
        throw new UserError("experiment " + experiment
                + " is not known; choose selective-copying, induction-heads, scan-speed, linear-time or dna");
    }

    private void synthetic(SyntheticTask task) throws IOException {
        Map<String, NetworkConfig> configs = new LinkedHashMap<>();
        configs.put("mamba", NetworkConfig.mamba1(SyntheticTask.VOCAB, D_MODEL, LAYERS));
        configs.put("mamba2", NetworkConfig.mamba2(SyntheticTask.VOCAB, D_MODEL, LAYERS, 16, 32));
        configs.put("s4d", NetworkConfig.s4d(SyntheticTask.VOCAB, D_MODEL, LAYERS));
        if (task == SyntheticTask.INDUCTION_HEADS) { // the paper has no attention in the other table
            configs.put("attention", NetworkConfig.attention(SyntheticTask.VOCAB, D_MODEL, LAYERS, 8));
        }
        Map<String, Map<Integer, Double>> accuracy =
                new SyntheticRun(terminal, this, task).run(chosen(configs), upTo(task.lengths()));
        accuracy.values().forEach(line -> line.replaceAll((length, share) -> 100 * share));
        show(task.toString(), "accuracy in %", false, accuracy);
    }

    private Map<String, NetworkConfig> chosen(Map<String, NetworkConfig> configs) {
        if (models.isEmpty()) {
            return configs;
        }
        Map<String, NetworkConfig> chosen = new LinkedHashMap<>();
        for (String name : models) {
            NetworkConfig config = configs.get(name);
            if (config == null) {
                throw new UserError("--models " + name + " is not in this experiment; choose from "
                        + String.join(",", configs.keySet()));
            }
            chosen.put(name, config);
        }
        return chosen;
    }

    private void linearTime() throws IOException {
        List<Integer> lengths = upTo(List.of(1 << 10, 1 << 12, 1 << 14, 1 << 16, 1 << 18, 1 << 20));
        LengthRuns runs = new LengthRuns(this);
        NetworkConfig transformer = NetworkConfig.attention(256, 128, LAYERS, 64);
        Map<String, LengthRuns.Stream> rows = new LinkedHashMap<>();
        rows.put("mamba", runs.stream(NetworkConfig.mamba1(256, 128, LAYERS), lengths));
        rows.put("mamba2", runs.stream(NetworkConfig.mamba2(256, 128, LAYERS, 64, 64), lengths));
        rows.put("s4d", runs.stream(NetworkConfig.s4d(256, 128, LAYERS), lengths));
        rows.put("attention, cache", runs.cached(transformer, lengths));
        rows.put("attention, no cache", runs.again(transformer, lengths));
        Map<String, Map<Integer, Double>> micros = new LinkedHashMap<>();
        Map<String, Map<Integer, Double>> bytes = new LinkedHashMap<>();
        rows.forEach((name, row) -> {
            micros.put(name, row.micros());
            bytes.put(name, row.bytes());
        });
        show("linear-time", "us a token", true, micros);
        show("linear-memory", "bytes kept", true, bytes);
    }

    private void dna() throws IOException {
        Path file = genome.orElseThrow(
                () -> new UserError(
                        "dna needs a genome; give --genome FILE in FASTA, for example NC_008253.fna.gz of Debian's bowtie-examples"));
        Genome bases = Genome.read(file);
        int own = quick ? DNA_QUICK_STEPS : DNA_STEPS;
        int layers = DnaRun.LAYERS;
        Map<String, NetworkConfig> configs = new LinkedHashMap<>();
        configs.put("mamba", NetworkConfig.mamba1(Genome.BASES, DnaRun.D_MODEL, layers));
        configs.put("s4d", NetworkConfig.s4d(Genome.BASES, DnaRun.D_MODEL, layers));
        configs.put("attention", NetworkConfig.attention(Genome.BASES, DnaRun.D_MODEL, layers, 16));
        show("dna", "bits a base", false, new DnaRun(terminal, this, bases).run(chosen(configs), steps.orElse(own)));
        for (int order : new int[] {2, 6, 10}) {
            terminal.out()
                    .print(String.format(
                            Locale.ROOT, "table of %2d bases: %.4f bits a base%n", order, bases.countedBits(order)));
        }
    }

    private List<Integer> upTo(List<Integer> lengths) {
        return lengths.stream().filter(n -> !quick || n <= QUICK_LENGTH).toList();
    }

    /** The table, and the plot. */
    private void show(String name, String unit, boolean logarithmic, Map<String, Map<Integer, Double>> lines)
            throws IOException {
        TreeSet<Integer> lengths = new TreeSet<>();
        lines.values().forEach(line -> lengths.addAll(line.keySet()));
        StringBuilder table = new StringBuilder(String.format(Locale.ROOT, "%-22s", name + ", " + unit));
        lengths.forEach(length -> table.append(String.format(Locale.ROOT, " %,10d", length)));
        lines.forEach((row, values) -> {
            table.append(String.format(Locale.ROOT, "%n%-22s", row));
            lengths.forEach(n -> table.append(
                    String.format(Locale.ROOT, " %10s", values.containsKey(n) ? number(values.get(n)) : "-")));
        });
        Path file = folder.resolve(name + ".svg");
        Files.writeString(file, new Plot(name, unit, logarithmic, lines).svg());
        terminal.out().print(table + "\n\nplot: " + file + "\n");
        terminal.out().flush();
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, value < 10 ? "%.4f" : value < 1000 ? "%.2f" : "%,.0f", value);
    }

    long seed() {
        return seed;
    }

    Path folder() {
        return folder;
    }

    /** Up to which length a task is trained. */
    int trainedTo(SyntheticTask task) {
        return quick ? Math.min(QUICK_TRAINED, task.longest()) : task.longest();
    }

    /** Whether so many steps are all there may be before the last stage. */
    boolean enough(int taken, boolean last) {
        return !last && taken >= steps.orElse(Integer.MAX_VALUE);
    }

    /** The common pool of the JVM, or this thread alone. */
    Parallel parallel() {
        return oneThread
                ? Parallel.SERIAL
                : (parts, body) -> IntStream.range(0, parts).parallel().forEach(body);
    }
}
