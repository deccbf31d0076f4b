package io.mambaaudio.demo;

import io.mambaaudio.models.Mamba;
import io.mambaaudio.speech.Adaptation;
import io.mambaaudio.speech.Adaptation.Example;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Makes the speech model better at one's own voice. */
@Command(
        name = "adapt",
        mixinStandardHelpOptions = true,
        description = {
            "Make the speech model better at your voice and microphone: from five minutes",
            "of recordings with their texts, in minutes on the processor. Some recordings",
            "are held out, and the model is judged on them; the shipped model stays as it",
            "is, the adapted one is a folder of its own."
        },
        footer = {
            "",
            "RECORDINGS is a folder with talk.txt beside talk.wav (FLAC, MP3, Ogg, AIFF, AU,",
            "too), or a table FILE<TAB>TEXT, a line a recording. Each lasts a minute at",
            "most. Numbers are words.",
            "",
            "If the held-out recordings do not get better, nothing is kept, and the exit",
            "code is 1.",
            "",
            "Examples:",
            "  mamba-audio adapt my-voice/",
            "  mamba-audio transcribe --model adapted talk.flac",
            "  mamba-audio adapt texts.tsv -o adapted-small --layers 3"
        })
final class AdaptCommand implements Callable<Integer> {
    private static final double MOST_HELD_OUT = 0.5;

    private final Terminal terminal;

    @Parameters(index = "0", paramLabel = "RECORDINGS", description = "A folder, or a table of file and text.")
    private Path recordings = Path.of("");

    @Option(
            names = "--model",
            paramLabel = "DIR",
            description = "The speech model to begin with: a folder, a file, base or tiny. Default: base.")
    private Optional<Path> model = Optional.empty();

    @Option(
            names = {"-o", "--output"},
            paramLabel = "OUT_DIR",
            defaultValue = "adapted",
            description = "The folder for the adapted model. Default: ${DEFAULT-VALUE}.")
    private Path output = Path.of("");

    @Option(
            names = "--minutes",
            paramLabel = "M",
            defaultValue = "10",
            description = "Stop learning after so many minutes at the latest. Default: ${DEFAULT-VALUE}.")
    private double minutes;

    @Option(
            names = "--layers",
            paramLabel = "N",
            description = "Let the last N layers learn, and the output; those below are run once. Default: all.")
    private Optional<Integer> layers = Optional.empty();

    @Option(
            names = "--rank",
            paramLabel = "R",
            defaultValue = "0",
            description =
                    "Let matrices learn differences of rank R only. 0: whole matrices. Default: ${DEFAULT-VALUE}.")
    private int rank;

    @Option(
            names = "--hold-out",
            paramLabel = "SHARE",
            defaultValue = "0.15",
            description = "Share of the recordings that is held out to judge by. Default: ${DEFAULT-VALUE}.")
    private double holdOut;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1",
            description =
                    "Of what is held out and how it is learnt; one seed gives one model. Default: ${DEFAULT-VALUE}.")
    private long seed;

    @Option(
            names = "--keep-anyway",
            description = "Write the model of the best epoch even if it is not better than the one before.")
    private boolean keepAnyway;

    AdaptCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws IOException {
        check();
        Path from = model.map(SpeechOptions::named).orElseGet(ShippedFiles::speechModel);
        List<Example> examples = AdaptRecordings.read(recordings);
        try (Adaptation adaptation = Adaptation.of(from, examples, options(), AdaptCommand::parallel)) {
            return run(from, adaptation);
        }
    }

    private int run(Path from, Adaptation adaptation) throws IOException {
        List<Example> judged = adaptation.heldOut();
        say("%s%n%d recordings, %.1f min, to learn; %d, %.1f min, held out; seed %d%n"
                .formatted(
                        Machine.describe(),
                        adaptation.learnt().size(),
                        minutes(adaptation.learnt()),
                        judged.size(),
                        minutes(judged),
                        seed));
        AdaptReport report = new AdaptReport(judged);
        report.before(Mamba.open(from));
        Adaptation.Outcome outcome = adaptation.run(this::say);
        Path scratch = Files.createTempDirectory("mamba-audio-adapt");
        try {
            Path file = adaptation.write(scratch, note(adaptation));
            report.after(Mamba.open(file), outcome);
            terminal.out().print(report.table());
            return keep(file, report);
        } finally {
            Files.deleteIfExists(scratch.resolve("model.safetensors"));
            Files.delete(scratch);
        }
    }

    private int keep(Path file, AdaptReport report) throws IOException {
        if (!report.better() && !keepAnyway) {
            terminal.complain("the held-out recordings did not get better, so nothing is kept; give more recordings, "
                    + "check their texts, or use --keep-anyway");
            return Main.FAILED;
        }
        Files.createDirectories(output);
        Path model = output.resolve("model.safetensors");
        Files.copy(file, model);
        terminal.out()
                .print(String.format(
                        Locale.ROOT,
                        "wrote %s, %.1f MB: mamba-audio transcribe --model %s FILE%n",
                        model,
                        Files.size(model) / 1e6,
                        output));
        return report.better() ? Main.OK : Main.FAILED;
    }

    private String note(Adaptation adaptation) {
        return "adapted to %d recordings of %.1f min, seed %d"
                .formatted(adaptation.learnt().size(), minutes(adaptation.learnt()), seed);
    }

    private static double minutes(List<Example> examples) {
        return examples.stream().mapToDouble(Example::seconds).sum() / 60;
    }

    private void say(Adaptation.Progress p) {
        say(
                p.epoch() == 0
                        ? "before: loss %.3f held out, words %s wrong%n".formatted(p.heldOut(), p.errors())
                        : "epoch %d: loss %.3f learnt, %.3f held out, words %s wrong, %.0f s%n"
                                .formatted(p.epoch(), p.learnt(), p.heldOut(), p.errors(), p.seconds()));
    }

    private void say(String line) {
        terminal.err().print(line);
    }

    private void check() {
        if (!(minutes > 0 && minutes <= 100_000)) {
            throw new UserError("--minutes " + minutes + " is out of range; choose more than 0");
        }
        if (!(holdOut > 0 && holdOut <= MOST_HELD_OUT)) {
            throw new UserError(
                    "--hold-out " + holdOut + " is out of range; choose more than 0, at most " + MOST_HELD_OUT);
        }
        if (rank < 0 || layers.orElse(0) < 0) {
            throw new UserError("--rank and --layers are 0 or more");
        }
        Path file = output.resolve("model.safetensors");
        if (Files.exists(file)) {
            throw new UserError(file + " is there already; choose another -o, or remove it");
        }
    }

    private Adaptation.Options options() {
        Duration limit = Duration.ofMillis(Math.round(60_000 * minutes));
        return new Adaptation.Options(layers, rank, holdOut, seed, limit);
    }

    private static void parallel(int parts, java.util.function.IntConsumer body) {
        IntStream.range(0, parts).parallel().forEach(body);
    }
}
