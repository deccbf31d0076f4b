package io.mambaaudio.demo;

import io.mambaaudio.engine.AudioInput;
import io.mambaaudio.engine.AudioInputs;
import io.mambaaudio.engine.SampleEncoding;
import io.mambaaudio.engine.StreamFormat;
import io.mambaaudio.speech.TranscriptWriter;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Writes down what is said. */
@Command(
        name = "transcribe",
        mixinStandardHelpOptions = true,
        description = {
            "Write down what is said in files, in standard input, or into a microphone.",
            "On a terminal the text of the moment is shown and settles; in a pipe only finished text is written."
        },
        footer = {
            "",
            "Examples:",
            "  mamba-audio transcribe                                   the shipped recording",
            "  mamba-audio transcribe talk.flac",
            "  mamba-audio transcribe --mic                             the system's microphone, until Ctrl-C",
            "  mamba-audio transcribe --mic=USB --format json           another one; 'mamba-audio devices' lists them",
            "  mamba-audio transcribe --format srt -o talk.srt talk.mp3",
            "  mamba-audio transcribe --format tsv *.opus > texts.tsv",
            "  arecord -f S16_LE -r 16000 | mamba-audio transcribe -",
            "  ffmpeg -i film.mkv -f s16le -ac 1 -ar 16000 - | mamba-audio transcribe --raw s16le:16000:1 -"
        })
final class TranscribeCommand implements Callable<Integer> {
    private static final StreamFormat MICROPHONE_FORMAT = new StreamFormat(16_000, 1);

    private final Terminal terminal;

    @Mixin
    private SpeechOptions speech = new SpeechOptions();

    @Parameters(
            paramLabel = "FILE",
            arity = "0..*",
            description = "Sound files (WAV, AIFF, AU, FLAC, MP3, Ogg/Opus), or - for standard input.")
    private List<String> files = List.of();

    @Option(
            names = "--mic",
            arity = "0..1",
            fallbackValue = "",
            paramLabel = "DEVICE",
            description = "Listen to a microphone: a name or a part of one; alone the system's choice.")
    private Optional<String> microphone = Optional.empty();

    @Option(
            names = "--format",
            defaultValue = "text",
            paramLabel = "NAME",
            description = {
                "text: a line an utterance. json: an object an utterance, with word times.",
                "srt, vtt: subtitles. tsv: FILE<TAB>text, a line a file. Default: ${DEFAULT-VALUE}."
            })
    private TranscriptWriter.Format format = TranscriptWriter.Format.text;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            description = "Write there instead of to standard output.")
    private Optional<Path> output = Optional.empty();

    @Option(
            names = "--raw",
            paramLabel = "ENCODING:HZ:CHANNELS",
            description = "Standard input is bare samples, for example s16le:16000:1.")
    private Optional<String> raw = Optional.empty();

    @Option(names = "--paced", description = "Feed files at the pace of real time, as a microphone would.")
    private boolean paced;

    TranscribeCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    /** An input that is not open yet, and the name that the user gave it. */
    private record Source(String name, Supplier<AudioInput> open) {}

    @Override
    public Integer call() throws IOException {
        List<Source> sources = sources();
        if (sources.size() > 1 && !format.holdsManyInputs()) {
            throw new UserError("--format " + format + " holds one input, " + sources.size()
                    + " were given; run once a file, or choose text, json or tsv");
        }
        SpeechOptions.Recogniser recogniser = speech.open();
        if (files.isEmpty() && microphone.isEmpty()) {
            terminal.err().println("mamba-audio: no FILE given; this is the shipped recording");
        }
        if (output.isEmpty()) {
            boolean live = terminal.live() && format == TranscriptWriter.Format.text;
            return transcribe(sources, recogniser, live ? new LiveView(terminal) : format.to(terminal.out()));
        }
        try (PrintStream file = openOutput(output.get())) {
            int code = transcribe(sources, recogniser, format.to(file));
            if (file.checkError()) {
                throw new IOException(output.get() + " could not be written whole; is the disk full?");
            }
            return code;
        }
    }

    private static PrintStream openOutput(Path path) {
        try {
            return new PrintStream(new FileOutputStream(path.toFile()), false, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UserError("-o " + path + " cannot be written: " + e.getMessage() + "; choose another file");
        }
    }

    /** All sources in order, also after one that failed; the worst exit code. */
    private int transcribe(List<Source> sources, SpeechOptions.Recogniser recogniser, TranscriptWriter writer) {
        int code = Main.OK;
        try (Interruption interruption = Interruption.watch()) {
            for (Source source : sources) {
                int one = transcribe(source, recogniser, writer, interruption);
                code = code == Main.OK ? one : code;
                if (interruption.asked()) {
                    return Main.INTERRUPTED;
                }
                if (terminal.outputFailure().isPresent()) {
                    return code;
                }
            }
            terminal.out().flush();
        }
        return code;
    }

    private int transcribe(
            Source source, SpeechOptions.Recogniser recogniser, TranscriptWriter writer, Interruption interruption) {
        try {
            return new TranscriptionRun(terminal, recogniser, writer, interruption).run(source.name(), source.open());
        } catch (RuntimeException e) {
            return Failures.report(terminal, e);
        }
    }

    private List<Source> sources() {
        boolean standardInput = files.contains("-");
        if (raw.isPresent() && !standardInput) {
            throw new UserError("--raw is for standard input; add - as FILE");
        }
        if (microphone.isPresent()) {
            if (!files.isEmpty()) {
                throw new UserError(
                        "--mic and FILE exclude each other; give one of them (a device is given as --mic=DEVICE)");
            }
            Optional<String> device = microphone.filter(name -> !name.isEmpty());
            return List.of(new Source("microphone", () -> AudioInputs.microphone(device, MICROPHONE_FORMAT)));
        }
        if (files.isEmpty()) {
            return List.of(new Source("sample", () -> pace(Sound.sample())));
        }
        return files.stream()
                .map(file -> file.equals("-")
                        ? new Source(file, () -> pace(standardInput()))
                        : new Source(file, () -> pace(AudioInputs.file(Path.of(file)))))
                .toList();
    }

    private AudioInput pace(AudioInput input) {
        return paced ? AudioInputs.paced(input) : input;
    }

    private AudioInput standardInput() {
        if (raw.isEmpty()) {
            return AudioInputs.stream("standard input", terminal.in());
        }
        String[] parts = raw.get().split(":", -1);
        if (parts.length != 3) {
            throw rawMistake();
        }
        SampleEncoding encoding = SampleEncoding.named(parts[0]);
        try {
            StreamFormat shape = new StreamFormat(Integer.parseInt(parts[1]), Integer.parseInt(parts[2]));
            return AudioInputs.raw("standard input", terminal.in(), encoding, shape);
        } catch (NumberFormatException e) {
            throw rawMistake();
        } catch (IllegalArgumentException e) {
            throw new UserError("--raw " + raw.get() + ": " + e.getMessage());
        }
    }

    private UserError rawMistake() {
        return new UserError("--raw " + raw.orElse("") + " is not ENCODING:HZ:CHANNELS; write it like s16le:16000:1");
    }
}
