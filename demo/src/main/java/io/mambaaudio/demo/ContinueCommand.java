package io.mambaaudio.demo;

import io.mambaaudio.engine.AudioInputs;
import io.mambaaudio.engine.AudioOutput;
import io.mambaaudio.engine.AudioOutputs;
import io.mambaaudio.engine.SampleEncoding;
import io.mambaaudio.music.ContinuationEvent;
import io.mambaaudio.music.MusicModel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Goes on with music. */
@Command(
        name = "continue",
        mixinStandardHelpOptions = true,
        description = {
            "Go on with music: hear a file, then play on as a Mamba model says, in a state of fixed size.",
            "Needs a music model (--model): none is shipped yet."
        },
        footer = {
            "",
            "Examples:",
            "  mamba-audio continue --model music.safetensors tune.mp3              writes tune-continued.wav",
            "  mamba-audio continue --model music.safetensors --sample quartet -o q.wav --plot q.png",
            "  mamba-audio continue --model music.safetensors tune.wav --seconds 60 --variants 3 --midi tune.mid"
        })
final class ContinueCommand implements Callable<Integer> {
    private static final double LEAST_PROMPT_SECONDS = 0.2;
    private static final double MOST_SECONDS = 36_000;

    private final Terminal terminal;

    @Mixin
    private MusicOptions music = new MusicOptions();

    @Parameters(
            arity = "0..1",
            paramLabel = "FILE",
            description = "The music to go on with (WAV, AIFF, AU, FLAC, MP3, Ogg/Opus). Default: --sample piano.")
    private Optional<Path> file = Optional.empty();

    @Option(
            names = "--sample",
            paramLabel = "NAME",
            description = "A shipped prompt instead of FILE: ${COMPLETION-CANDIDATES}.")
    private Optional<Prompt> sample = Optional.empty();

    @Option(
            names = "--prompt",
            paramLabel = "N",
            description = "Hear only the first N seconds of it. Default: all of it.")
    private Optional<Double> promptSeconds = Optional.empty();

    @Option(
            names = "--seconds",
            defaultValue = "20",
            paramLabel = "N",
            description = "How long to go on. Default: ${DEFAULT-VALUE}.")
    private double seconds;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            description = "The WAV file to write. Default: NAME-continued.wav, here.")
    private Optional<Path> output = Optional.empty();

    @Option(names = "--midi", paramLabel = "FILE", description = "Write the notes of the continuation, too.")
    private Optional<Path> midi = Optional.empty();

    @Option(names = "--plot", paramLabel = "FILE", description = "Write a picture of the mel frames, too (PNG).")
    private Optional<Path> plot = Optional.empty();

    @Option(
            names = "--variants",
            defaultValue = "1",
            paramLabel = "K",
            description =
                    "K continuations with the seeds from --seed on; files get -1, -2, ... Default: ${DEFAULT-VALUE}.")
    private int variants;

    @Option(names = "--only-continuation", description = "Write the continuation without what was heard.")
    private boolean onlyContinuation;

    ContinueCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    /** The shipped prompts: held-out scores in our own rendering. */
    enum Prompt {
        piano,
        quartet,
        chorale
    }

    @Override
    public Integer call() throws IOException {
        check();
        MusicModel model = music.open();
        Sound prompt = prompt();
        long seed = music.seed();
        try (Interruption interruption = Interruption.watch()) {
            for (int i = 0; i < variants && !interruption.asked(); i++) {
                one(model, prompt, seed + i, variants == 1 ? "" : "-" + (i + 1), interruption);
            }
            return interruption.asked() ? Main.INTERRUPTED : Main.OK;
        }
    }

    private void check() {
        if (!(seconds > 0 && seconds <= MOST_SECONDS)) {
            throw new UserError(
                    "--seconds " + seconds + " is out of range; choose more than 0, at most " + MOST_SECONDS);
        }
        if (variants < 1 || variants > 100) {
            throw new UserError("--variants " + variants + " is out of range; choose 1 to 100");
        }
        promptSeconds.filter(s -> !(s >= LEAST_PROMPT_SECONDS)).ifPresent(s -> {
            throw new UserError("--prompt " + s + " is out of range; choose at least " + LEAST_PROMPT_SECONDS);
        });
        if (file.isPresent() && sample.isPresent()) {
            throw new UserError("--sample and FILE exclude each other; give one of them");
        }
    }

    private Sound prompt() {
        Sound all = file.isPresent()
                ? Sound.readAll(AudioInputs.file(file.get()))
                : Sound.readAll(Sound.prompt(sample.orElse(Prompt.piano)));
        Sound heard = promptSeconds.map(all::first).orElse(all);
        double length = (double) heard.frames() / heard.sampleRateHz();
        if (length < LEAST_PROMPT_SECONDS) {
            throw new UserError(String.format(
                    Locale.ROOT,
                    "%s has %.3f s of sound, needed are %.1f s or more; give a longer file",
                    name(),
                    length,
                    LEAST_PROMPT_SECONDS));
        }
        return heard;
    }

    private String name() {
        return file.map(Path::toString).orElse("the sample");
    }

    private void one(MusicModel model, Sound prompt, long seed, String suffix, Interruption interruption)
            throws IOException {
        Path to = numbered(output.orElseGet(this::defaultOutput), suffix);
        List<ContinuationEvent> events = new ArrayList<>();
        double heard = (double) prompt.frames() / prompt.sampleRateHz();
        long start = System.nanoTime();
        Optional<MelPicture> picture;
        try (ProgressBar bar = new ProgressBar(terminal, to.toString());
                AudioOutput wav = AudioOutputs.wav(to, SampleEncoding.S16LE)) {
            ContinueRun run = new ContinueRun(prompt, seconds, onlyContinuation, interruption, bar::show);
            picture = plot.map(p ->
                    new MelPicture(model.spec(), prompt.sampleRateHz(), run.writtenSeconds(), prompt.sampleRateHz()));
            run.run(music.continuer(model, seed, 0, events::add), wav, picture);
        }
        if (!onlyContinuation) {
            picture.ifPresent(p -> p.mark(heard - ContinueRun.HAND_OVER_SECONDS));
        }
        if (midi.isPresent()) {
            beside(numbered(midi.get(), suffix), p -> MidiFile.write(p, events, onlyContinuation ? heard : 0));
        }
        if (plot.isPresent() && picture.isPresent()) {
            MelPicture drawn = picture.get();
            beside(numbered(plot.get(), suffix), drawn::write);
        }
        say(to, heard, seed, (System.nanoTime() - start) / 1e9);
    }

    private interface Writing {
        void to(Path file) throws IOException;
    }

    private static void beside(Path file, Writing writing) throws IOException {
        try {
            writing.to(file);
        } catch (IOException | UncheckedIOException e) {
            throw new UserError(file + " cannot be written: " + e.getMessage() + "; choose another file");
        }
    }

    private void say(Path to, double heard, long seed, double took) {
        terminal.out()
                .print(String.format(
                        Locale.ROOT,
                        "%s: heard %.1f s, played on %.1f s, seed %d, %.1f x real time%n",
                        to,
                        heard,
                        seconds,
                        seed,
                        (heard + seconds) / took));
        terminal.out().flush();
    }

    private Path defaultOutput() {
        String name = file.map(f -> f.getFileName().toString())
                .orElse(sample.orElse(Prompt.piano).name());
        int dot = name.lastIndexOf('.');
        return Path.of((dot > 0 ? name.substring(0, dot) : name) + "-continued.wav");
    }

    private static Path numbered(Path path, String suffix) {
        String name = path.getFileName().toString();
        int dot = name.lastIndexOf('.');
        return path.resolveSibling(dot > 0 ? name.substring(0, dot) + suffix + name.substring(dot) : name + suffix);
    }
}
