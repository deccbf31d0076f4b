package io.mambaaudio.demo;

import io.mambaaudio.engine.AudioEngine;
import io.mambaaudio.engine.AudioInput;
import io.mambaaudio.engine.AudioInputs;
import io.mambaaudio.engine.AudioOutput;
import io.mambaaudio.engine.AudioOutputs;
import io.mambaaudio.engine.StreamFormat;
import io.mambaaudio.music.ContinuationEvent;
import io.mambaaudio.music.Continuer;
import io.mambaaudio.music.MusicModel;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Plays with someone, live. */
@Command(
        name = "jam",
        mixinStandardHelpOptions = true,
        description = {
            "Play with the machine: it listens, goes on when you rest, and gives back when you play again.",
            "Enter makes it begin or stop at once; Ctrl-C ends. Use headphones, or it hears itself.",
            "Needs a music model (--model): none is shipped yet."
        },
        footer = {
            "",
            "Examples:",
            "  mamba-audio jam --model music.safetensors                    the system's microphone and speaker",
            "  mamba-audio jam --model music.safetensors --mic=USB --midi-out Synth",
            "  mamba-audio jam --model music.safetensors tune.wav -o jam.wav    a file is the player"
        })
final class JamCommand implements Callable<Integer> {
    private static final StreamFormat MICROPHONE_FORMAT = new StreamFormat(48_000, 1);
    private static final int WARM_UP_STEPS = 300;
    private static final long POLL_MILLIS = 10;
    private static final int AUTO = 0; // the parameter's choices
    private static final int LISTEN = 1;
    private static final int CONTINUE = 2;

    private final Terminal terminal;
    private final BlockingQueue<ContinuationEvent> events = new LinkedBlockingQueue<>();
    private boolean sounding;

    @Mixin
    private MusicOptions music = new MusicOptions();

    @Parameters(arity = "0..1", paramLabel = "FILE", description = "A file that plays instead of a microphone, paced.")
    private Optional<Path> file = Optional.empty();

    @Option(
            names = "--mic",
            arity = "0..1",
            fallbackValue = "",
            paramLabel = "DEVICE",
            description =
                    "Listen to a microphone: a name or a part of one; alone the system's choice, which is the default.")
    private Optional<String> microphone = Optional.empty();

    @Option(
            names = "--speaker",
            paramLabel = "DEVICE",
            description = "Sound comes from there: a name or a part of one. Default: the system's choice.")
    private Optional<String> speaker = Optional.empty();

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            description = "Write a WAV file instead of sounding.")
    private Optional<Path> output = Optional.empty();

    @Option(
            names = "--midi-out",
            paramLabel = "DEVICE",
            description = "Send the machine's notes to a MIDI device: a name or a part of one.")
    private Optional<String> midiOut = Optional.empty();

    @Option(
            names = "--rest",
            defaultValue = "0.6",
            paramLabel = "N",
            description = "Seconds of rest after which the machine goes on, 0.1 to 5. Default: ${DEFAULT-VALUE}.")
    private float rest;

    JamCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws IOException {
        if (file.isPresent() && microphone.isPresent()) {
            throw new UserError(
                    "--mic and FILE exclude each other; give one of them (a device is given as --mic=DEVICE)");
        }
        if (!(rest >= 0.1 && rest <= 5)) {
            throw new UserError("--rest " + rest + " is out of range; choose 0.1 to 5");
        }
        MusicModel model = music.open();
        Optional<MidiOut> midi = midiOut.map(MidiOut::open);
        try (Interruption interruption = Interruption.watch()) {
            AudioInput input = file.isPresent()
                    ? AudioInputs.paced(AudioInputs.file(file.get()))
                    : AudioInputs.microphone(microphone.filter(name -> !name.isEmpty()), MICROPHONE_FORMAT);
            return play(model, input, midi, interruption);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Main.INTERRUPTED;
        } finally {
            midi.ifPresent(MidiOut::close);
        }
    }

    private int play(MusicModel model, AudioInput input, Optional<MidiOut> midi, Interruption interruption)
            throws IOException, InterruptedException {
        AudioOutput to = output.isPresent() ? AudioOutputs.wav(output.get()) : AudioOutputs.speaker(speaker);
        long seed = music.seed();
        Continuer continuer = music.continuer(model, seed, WARM_UP_STEPS, events::add);
        continuer.parameter(Continuer.REST).set(rest);
        try (AudioEngine engine = AudioEngine.open(input, List.of(continuer), to)) {
            engine.start();
            terminal.err().println("mamba-audio: seed " + seed + "; play, and rest to hear it go on");
            follow(engine, continuer, midi, input.format().sampleRateHz(), interruption);
            if (engine.failure().isPresent()) {
                return Failures.report(terminal, engine.failure().get());
            }
            terminal.out().println(engine.stats());
            terminal.out().flush();
        }
        return interruption.asked() ? Main.INTERRUPTED : Main.OK;
    }

    private void follow(
            AudioEngine engine, Continuer continuer, Optional<MidiOut> midi, int rate, Interruption interruption)
            throws IOException, InterruptedException {
        boolean ended = false;
        while (!ended) {
            ended = engine.await(Duration.ZERO);
            @Nullable ContinuationEvent event = ended ? events.poll() : events.poll(POLL_MILLIS, TimeUnit.MILLISECONDS);
            for (; event != null; event = events.poll()) {
                tell(event, midi);
            }
            if (enterPressed()) {
                toggle(continuer);
            }
            show(engine, rate);
            if (interruption.asked()) {
                engine.stop();
            }
        }
        clear();
    }

    private void tell(ContinuationEvent event, Optional<MidiOut> midi) {
        midi.ifPresent(out -> out.send(event));
        if (event instanceof ContinuationEvent.TookOver) {
            sounding = true;
        } else if (event instanceof ContinuationEvent.GaveBack) {
            sounding = false;
        }
        boolean turn = event instanceof ContinuationEvent.TookOver || event instanceof ContinuationEvent.GaveBack;
        if (turn && !terminal.live()) {
            terminal.out()
                    .print(String.format(
                            Locale.ROOT,
                            "%.3f s: %s%n",
                            event.atSeconds(),
                            sounding ? "the machine plays" : "the machine listens"));
            terminal.out().flush();
        }
    }

    private boolean enterPressed() throws IOException {
        boolean pressed = false;
        while (terminal.in().available() > 0) {
            pressed |= terminal.in().read() == '\n';
        }
        return pressed;
    }

    /** Plays at once, or is silent until Enter comes again, then waits for rests. */
    private void toggle(Continuer continuer) {
        int mode = Math.round(continuer.parameter(Continuer.MODE).value());
        continuer.parameter(Continuer.MODE).set(sounding ? LISTEN : mode == LISTEN ? AUTO : CONTINUE);
    }

    private void show(AudioEngine engine, int rate) {
        if (terminal.live()) {
            double seconds = (double) engine.stats().framesProcessed() / rate;
            String line = String.format(
                    Locale.ROOT,
                    "%d:%04.1f  %s  underruns %d  worst block %.1f ms",
                    (long) seconds / 60,
                    seconds % 60,
                    sounding ? "the machine plays  " : "the machine listens",
                    engine.stats().underruns(),
                    engine.stats().worstProcessNanos() / 1e6);
            terminal.out().print("\r\033[K" + line.substring(0, Math.min(line.length(), terminal.columns() - 1)));
            terminal.out().flush();
        }
    }

    private void clear() {
        if (terminal.live()) {
            terminal.out().print("\r\033[K");
        }
    }
}
