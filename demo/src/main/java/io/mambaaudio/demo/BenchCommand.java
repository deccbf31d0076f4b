package io.mambaaudio.demo;

import io.mambaaudio.demo.desktop.Setup;
import io.mambaaudio.demo.desktop.Theme;
import io.mambaaudio.demo.desktop.WindowBench;
import io.mambaaudio.engine.AudioInputs;
import io.mambaaudio.models.Backend;
import io.mambaaudio.models.Checkpoint;
import io.mambaaudio.models.Mamba;
import io.mambaaudio.models.Session;
import io.mambaaudio.models.Weights;
import io.mambaaudio.speech.Transcriber;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Times the model on this machine. */
@Command(
        name = "bench",
        mixinStandardHelpOptions = true,
        description = {
            "Time the model's step on this machine: every CPU backend and precision, warm, on one core.",
            "With --latency: from sound to text in real time, through the engine.",
            "With --window: what the desktop window paints in real time, and what that costs the text."
        },
        footer = {"", "Examples:", "  mamba-audio bench", "  mamba-audio bench --seconds 10 --model mamba2-130m/"})
final class BenchCommand implements Callable<Integer> {
    /** Sound for the whole chain, which is faster than sound by about this factor on a slow machine. */
    private static final double CHAIN_LENGTHS = 20;

    /** Measurements of the window, of the asked length each. */
    private static final double WINDOW_MEASUREMENTS = 4;

    private final Terminal terminal;

    @Mixin
    private SpeechOptions speech = new SpeechOptions();

    @Option(names = "--latency", description = "Measure the delay from sound to text instead, with paced sound.")
    private boolean latency;

    @Option(
            names = "--window",
            description = "Measure how long the desktop window takes to paint at 3840 x 2160 instead.")
    private boolean window;

    @Parameters(
            arity = "0..1",
            paramLabel = "FILE",
            description = "The speech to play, over and over. Default: the shipped recording.")
    private Optional<Path> file = Optional.empty();

    @Option(
            names = "--seconds",
            paramLabel = "S",
            defaultValue = "3",
            description =
                    "How long each row is measured, after a warm-up of the same length. Default: ${DEFAULT-VALUE}.")
    private double seconds;

    BenchCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws InterruptedException {
        if (!(seconds >= 0.1 && seconds <= 600)) {
            throw new UserError("--seconds " + seconds + " is out of range; choose 0.1 to 600");
        }
        Sound sound = Sound.readAll(file.map(AudioInputs::file).orElseGet(Sound::sample));
        if (window) {
            window(sound.looped(WINDOW_MEASUREMENTS * seconds + 60));
            return Main.OK;
        }
        if (latency) {
            terminal.out().print(Machine.describe() + "\n");
            return LatencyBench.run(terminal, speech.open(), sound.looped(seconds)) ? Main.OK : Main.FAILED;
        }
        steps(speech.modelPath());
        chain(sound);
        return Main.OK;
    }

    private void window(Sound sound) throws InterruptedException {
        Setup setup = new Setup(
                speech.modelPath(),
                speech.isShipped(),
                speech.backend(),
                speech.recogniser(),
                sound::input,
                List.of(),
                Theme.light);
        terminal.out().print(Machine.describe() + "\n" + WindowBench.run(setup, seconds));
    }

    private void steps(Path path) {
        try (Checkpoint checkpoint = Files.isDirectory(path) ? Checkpoint.openFolder(path) : Checkpoint.open(path)) {
            terminal.out().print(Machine.describe() + "\n" + path + "\n\n");
            terminal.out().print("backend  weights   ms a step   p99 ms  x real time   GMAC/s\n");
            for (Weights precision : List.of(Weights.F32, Weights.INT8)) {
                Mamba mamba = Mamba.load(checkpoint, precision);
                for (Backend backend : List.of(Backend.SCALAR, Backend.VECTOR)) {
                    row(mamba, backend);
                }
            }
        }
    }

    /** All that a transcriber does, on this thread: mel frames, model as stored, decoder. For models that hear. */
    private void chain(Sound recording) {
        SpeechOptions.Recogniser recogniser = speech.open();
        if (recogniser.model().config().frontend().isEmpty()) {
            return;
        }
        Sound sound = recording.looped(CHAIN_LENGTHS * seconds);
        float[] mono = sound.samples()[0];
        try (Transcriber transcriber = recogniser.transcriber(event -> {}, true)) {
            transcriber.transcribe(mono, sound.sampleRateHz()); // warms up all but the model, which is warm
            long start = System.nanoTime();
            transcriber.transcribe(mono, sound.sampleRateHz());
            double took = (System.nanoTime() - start) / 1e9;
            terminal.out()
                    .print(String.format(
                            Locale.ROOT,
                            "%nsound to text, one thread: %.0f s in %.2f s, %.0f x real time%n",
                            CHAIN_LENGTHS * seconds,
                            took,
                            CHAIN_LENGTHS * seconds / took));
        }
    }

    private void row(Mamba mamba, Backend backend) {
        try (Session session = mamba.open(backend)) {
            StepTimes.Result times = StepTimes.measure(mamba, session, seconds);
            String realTime = times.audioSecondsAStep().isPresent()
                    ? String.format(
                            Locale.ROOT, "%.0f", times.audioSecondsAStep().getAsDouble() * 1e9 / times.medianNanos())
                    : "-";
            terminal.out()
                    .print(String.format(
                            Locale.ROOT,
                            "%-8s %-8s %10.3f %8.3f %12s %8.1f%n",
                            backend.name().toLowerCase(Locale.ROOT),
                            mamba.precision().name().toLowerCase(Locale.ROOT),
                            times.medianNanos() / 1e6,
                            times.p99Nanos() / 1e6,
                            realTime,
                            mamba.parameters() / (double) times.medianNanos()));
            terminal.out().flush();
        }
    }
}
