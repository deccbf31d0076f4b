package io.mambaaudio.demo;

import io.mambaaudio.engine.AudioInputs;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.jr.ob.JSON;

/** Shows that memory and time stay flat over a long stream. */
@Command(
        name = "soak",
        mixinStandardHelpOptions = true,
        description = {
            "Transcribe hours of simulated sound as fast as possible: a recording, silence and noise, over and over.",
            "Fails if the heap after collection, the state or the time of a step grow over the hours."
        },
        footer = {"", "Examples:", "  mamba-audio soak --hours 10", "  mamba-audio soak --hours 1 --json talk.wav"})
final class SoakCommand implements Callable<Integer> {
    private static final double PAUSE_SECONDS = 5;

    private final Terminal terminal;

    @Mixin
    private SpeechOptions speech = new SpeechOptions();

    @Parameters(arity = "0..1", paramLabel = "FILE", description = "The recording to repeat. Default: the shipped one.")
    private Optional<Path> file = Optional.empty();

    @Option(
            names = "--hours",
            paramLabel = "H",
            defaultValue = "1",
            description =
                    "Simulated hours, 0.01 to 1000. Below 2, the table has a row a tenth. Default: ${DEFAULT-VALUE}.")
    private double hours;

    @Option(names = "--json", description = "Print one JSON object instead of the table.")
    private boolean json;

    SoakCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        if (!(hours >= 0.01 && hours <= 1000)) {
            throw new UserError("--hours " + hours + " is out of range; choose 0.01 to 1000");
        }
        Sound sound = Sound.readAll(file.map(AudioInputs::file).orElseGet(Sound::sample));
        double rowHours = hours < 2 ? hours / 10 : 1;
        if (!json) {
            terminal.out().print(Machine.describe() + "\n\n" + SoakRow.HEADER + "\n");
            terminal.out().flush();
        }
        SoakRun run = new SoakRun(speech.open(), sound.withSilenceAndNoise(PAUSE_SECONDS));
        List<SoakRow> rows = run.rows((int) Math.round(hours / rowHours), rowHours, this::show);
        List<String> broken = SoakRow.brokenLimits(rows);
        report(rows, broken);
        return broken.isEmpty() ? Main.OK : Main.FAILED;
    }

    private void show(SoakRow row) {
        if (!json) {
            terminal.out().print(row.line() + "\n");
            terminal.out().flush();
        }
    }

    private void report(List<SoakRow> rows, List<String> broken) {
        if (json) {
            Map<String, Object> all = new LinkedHashMap<>();
            all.put("machine", Machine.describe());
            all.put("hours", hours);
            all.put("rows", rows.stream().map(SoakRow::fields).toList());
            all.put("broken", broken);
            terminal.out().print(JSON.std.asString(all) + "\n");
            return;
        }
        broken.forEach(line -> terminal.out().print("broken: " + line + "\n"));
        terminal.out()
                .print(String.format(
                        Locale.ROOT,
                        "%s: heap grew by %.2f MB at most, the median step by %.1f %% from first to last row%n",
                        broken.isEmpty() ? "pass" : "FAIL",
                        SoakRow.heapGrowthBytes(rows) / 1e6,
                        100 * SoakRow.stepGrowth(rows)));
    }
}
