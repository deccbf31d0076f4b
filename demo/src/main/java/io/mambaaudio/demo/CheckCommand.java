package io.mambaaudio.demo;

import io.mambaaudio.models.Backend;
import io.mambaaudio.models.Checkpoint;
import io.mambaaudio.models.CheckpointException;
import io.mambaaudio.models.Expected;
import io.mambaaudio.models.Mamba;
import io.mambaaudio.models.ModelException;
import io.mambaaudio.models.Session;
import io.mambaaudio.models.Weights;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Compares a checkpoint's logits, in every backend and precision, with those that another implementation computed. */
@Command(
        name = "check",
        mixinStandardHelpOptions = true,
        description = {
            "Run a Mamba checkpoint over given inputs in every backend and compare the logits with expected ones.",
            "Weights as stored and as float32 must agree; bfloat16 and int8 are shown beside them."
        },
        footer = {
            "",
            "MODEL is a Hugging Face folder (config.json, model.safetensors) or a checkpoint file of ours.",
            "EXPECTED has input_ids (B, T) and logits (B, T, vocab), or mel (T, n_mels) and logits (steps, vocab).",
            "",
            "Example:",
            "  mamba-audio check mamba2-tiny/ mamba2-tiny/expected.safetensors"
        })
final class CheckCommand implements Callable<Integer> {
    private static final List<Weights> JUDGED = List.of(Weights.AS_STORED, Weights.F32);
    private static final List<Backend> BACKENDS = List.of(Backend.SCALAR, Backend.VECTOR, Backend.CUDA);

    private final Terminal terminal;

    @Parameters(index = "0", paramLabel = "MODEL", description = "The model.")
    private Path modelPath = Path.of("");

    @Parameters(index = "1", paramLabel = "EXPECTED", description = "A safetensors file with inputs and logits.")
    private Path expectedPath = Path.of("");

    @Option(
            names = "--tolerance",
            paramLabel = "X",
            defaultValue = "2e-5",
            description = "Largest difference that passes, relative to the largest logit. Default: ${DEFAULT-VALUE}.")
    private double tolerance;

    CheckCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        if (!(tolerance > 0 && tolerance < 1)) {
            throw new UserError("--tolerance " + tolerance + " is out of range; choose more than 0, less than 1");
        }
        boolean pass;
        try (Checkpoint file = Checkpoint.open(expectedPath);
                Checkpoint weights =
                        Files.isDirectory(modelPath) ? Checkpoint.openFolder(modelPath) : Checkpoint.open(modelPath)) {
            pass = compare(weights, Expected.read(file));
        }
        terminal.out().print(pass ? "pass\n" : "FAIL\n");
        return pass ? Main.OK : Main.FAILED;
    }

    private boolean compare(Checkpoint weights, Expected expected) {
        boolean pass = true;
        List<String> missing = List.of();
        row("weights", "backend", "largest difference", "relative", "");
        for (Weights precision : Weights.values()) {
            Mamba model = Mamba.load(weights, precision);
            missing = new ArrayList<>(); // the same for every precision
            for (Backend backend : BACKENDS) {
                try (Session session = model.open(backend)) {
                    pass &= compare(model, session, expected);
                } catch (CheckpointException e) {
                    throw e; // the inputs do not fit
                } catch (ModelException e) {
                    missing.add("not compared: " + e.getMessage());
                }
            }
        }
        missing.forEach(line -> terminal.out().print(line + "\n"));
        return pass;
    }

    /** One row; false only if a comparison that is judged fails. */
    private boolean compare(Mamba model, Session session, Expected expected) {
        Expected.Comparison result = expected.compare(session);
        boolean judged = JUDGED.contains(model.precision());
        boolean pass = result.within(tolerance);
        row(
                name(model.precision()),
                name(session.backend()),
                String.format(Locale.ROOT, "%.3e of %.4g", result.largestDifference(), result.largestLogit()),
                String.format(Locale.ROOT, "%.2e", result.relative()),
                (judged ? (pass ? "pass" : "FAIL") : "not judged") + ", " + result.rows() + " rows");
        return pass || !judged;
    }

    private static String name(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    private void row(String weights, String backend, String difference, String relative, String remark) {
        terminal.out()
                .print(String.format(
                                        Locale.ROOT,
                                        "%-10s %-8s %-22s %-9s %s",
                                        weights,
                                        backend,
                                        difference,
                                        relative,
                                        remark)
                                .stripTrailing()
                        + "\n");
        terminal.out().flush();
    }
}
