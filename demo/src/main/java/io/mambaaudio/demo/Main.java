package io.mambaaudio.demo;

import java.io.IOException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/**
 * The command line: {@code mamba-audio COMMAND}. Exit codes: 0 done, 1 a check failed or something broke, 2 a mistake in the
 * command or its input, 130 stopped with Ctrl-C, 141 whoever read the output went away.
 */
@Command(
        name = "mamba-audio",
        version = Main.VERSION,
        mixinStandardHelpOptions = true,
        description = "Live audio on the JVM with Mamba models: sound in, text out, one state update a frame.",
        synopsisSubcommandLabel = "COMMAND",
        footer = {
            "",
            "Examples:",
            "  mamba-audio transcribe                     the shipped recording",
            "  mamba-audio transcribe talk.flac           a file",
            "  mamba-audio transcribe --mic               what is said now",
            "  mamba-audio COMMAND --help                 every command has its own help",
            "",
            "Exit codes: 0 done, 1 a check failed or something broke, 2 a mistake in the command or its",
            "input, 130 stopped with Ctrl-C, 141 the reader of the output went away."
        })
public final class Main implements Runnable {
    static final String VERSION = "mamba-audio 0.1.0-SNAPSHOT";
    static final int OK = 0;
    static final int FAILED = 1;
    static final int MISTAKE = 2;
    static final int INTERRUPTED = 130;
    static final int READER_LEFT = 141;

    private final Terminal terminal;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    private Main(Terminal terminal) {
        this.terminal = terminal;
    }

    @Option(
            names = "--verbose",
            scope = ScopeType.INHERIT,
            description =
                    "Say what the libraries log, and print the stack trace of a failure (also: MAMBA_AUDIO_DEBUG=1).")
    void verbose(boolean on) {
        if (on) {
            System.setProperty(QuietLoggers.VERBOSE, "true");
        }
    }

    @Override
    public void run() {
        spec.commandLine().usage(terminal.out());
    }

    /**
     * Starts the command line and ends the process with its exit code.
     *
     * @param args the command and its options
     */
    public static void main(String[] args) {
        System.exit(run(Terminal.ofProcess(), args));
    }

    /** Runs one command and returns its exit code. */
    static int run(Terminal terminal, String... args) {
        System.setProperty(QuietLoggers.VERBOSE, Boolean.toString(System.getenv("MAMBA_AUDIO_DEBUG") != null));
        int code = execute(terminal, args);
        terminal.out().flush();
        return terminal.outputFailure().map(e -> outputLost(terminal, e)).orElse(code);
    }

    private static int execute(Terminal terminal, String... args) {
        try {
            return commandLine(terminal).execute(args);
        } catch (OutOfMemoryError e) {
            terminal.complain(
                    "not enough memory: the heap has " + Runtime.getRuntime().maxMemory() / (1 << 20)
                            + " MiB at most; give more, for example with JDK_JAVA_OPTIONS=-Xmx16g");
        } catch (Error e) { // what is left would print a stack trace
            return Failures.report(terminal, e);
        }
        return FAILED;
    }

    /** A reader that has seen enough, as {@code head} does, is no failure to talk about. */
    private static int outputLost(Terminal terminal, IOException failure) {
        if (String.valueOf(failure.getMessage()).contains("Broken pipe")) {
            return READER_LEFT;
        }
        terminal.complain("the output cannot be written: " + failure.getMessage());
        return FAILED;
    }

    static CommandLine commandLine(Terminal terminal) {
        CommandLine line = new CommandLine(new Main(terminal));
        line.addSubcommand(new TranscribeCommand(terminal));
        line.addSubcommand(new ContinueCommand(terminal));
        line.addSubcommand(new JamCommand(terminal));
        line.addSubcommand(new DesktopCommand(terminal));
        line.addSubcommand(new DevicesCommand(terminal));
        line.addSubcommand(new DoctorCommand(terminal));
        line.addSubcommand(new CheckCommand(terminal));
        line.addSubcommand(new BenchCommand(terminal));
        line.addSubcommand(new SoakCommand(terminal));
        line.addSubcommand(new ServeCommand(terminal));
        line.addSubcommand(new LanguageModelCommand(terminal));
        line.addSubcommand(new GenerateCommand(terminal));
        line.addSubcommand(new PerplexityCommand(terminal));
        line.addSubcommand(new AdaptCommand(terminal));
        line.addSubcommand(new ReproduceCommand(terminal));
        line.addSubcommand(new CompletionCommand(terminal));
        line.setOut(terminal.outWriter());
        line.setErr(terminal.errWriter());
        line.setCaseInsensitiveEnumValuesAllowed(true);
        line.setUsageHelpAutoWidth(false);
        line.setParameterExceptionHandler((mistake, args) -> parameterMistake(terminal, mistake));
        line.setExecutionExceptionHandler((failure, command, result) -> Failures.report(terminal, failure));
        return line;
    }

    private static int parameterMistake(Terminal terminal, ParameterException mistake) {
        String command = mistake.getCommandLine().getCommandSpec().qualifiedName();
        terminal.complain(mistake.getMessage() + "; see '" + command + " --help'");
        return MISTAKE;
    }
}
