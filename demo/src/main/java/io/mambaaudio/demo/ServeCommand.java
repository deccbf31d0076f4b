package io.mambaaudio.demo;

import io.mambaaudio.server.SpeechServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Serves live transcription over the network until it is told to stop. */
@Command(
        name = "serve",
        mixinStandardHelpOptions = true,
        description = {
            "Serve live transcription: vosk-server's WebSocket protocol, the Wyoming protocol, files over HTTP,",
            "and a web page. Listens on this machine alone unless --host says otherwise, which needs --token-file."
        },
        footer = {
            "",
            "Examples:",
            "  mamba-audio serve             then open http://localhost:2700 and speak",
            "  curl --data-binary @talk.wav 'localhost:2700/v1/transcribe?format=srt'",
            "  mamba-audio serve --host 0.0.0.0 --token-file tokens.txt \\",
            "      --tls-cert cert.pem --tls-key key.pem",
            "",
            "At Ctrl-C nobody new is let in, open streams may end by themselves for --drain",
            "seconds, and the rest is told what was heard of it."
        })
final class ServeCommand implements Callable<Integer> {
    private static final int WYOMING_PORT = 10_300;
    private static final Duration FAREWELL = Duration.ofSeconds(10);

    private final Terminal terminal;

    @Mixin
    private SpeechOptions speech = new SpeechOptions();

    @Option(
            names = "--host",
            defaultValue = "127.0.0.1",
            paramLabel = "ADDRESS",
            description = "The address to listen on. Default: ${DEFAULT-VALUE}.")
    private String host = "127.0.0.1";

    @Option(
            names = "--port",
            defaultValue = "2700",
            paramLabel = "N",
            description = "The port of HTTP and WebSocket, 0 for any. Default: ${DEFAULT-VALUE}.")
    private int port;

    @Option(
            names = "--wyoming-port",
            defaultValue = "" + WYOMING_PORT,
            paramLabel = "N",
            description = "The port of the Wyoming protocol, 0 for any, -1 for none; always on this machine alone, "
                    + "since the protocol knows no tokens. Default: ${DEFAULT-VALUE}.")
    private int wyomingPort;

    @Option(
            names = "--max-streams",
            paramLabel = "N",
            description =
                    "The most live streams at once. Default: what this machine can hear in time, measured at the start.")
    private Optional<Integer> maxStreams = Optional.empty();

    @Option(
            names = "--token-file",
            paramLabel = "FILE",
            description = "Secrets, one a line; a client must send one of them.")
    private Optional<Path> tokenFile = Optional.empty();

    @Option(names = "--tls-cert", paramLabel = "FILE", description = "Encrypt: the PEM certificate chain.")
    private Optional<Path> certificate = Optional.empty();

    @Option(names = "--tls-key", paramLabel = "FILE", description = "Its private key, PEM.")
    private Optional<Path> key = Optional.empty();

    @Option(
            names = "--tls-store",
            paramLabel = "FILE",
            description = "Encrypt: a PKCS#12 store with certificate and key.")
    private Optional<Path> store = Optional.empty();

    @Option(names = "--tls-password-file", paramLabel = "FILE", description = "The password of the store.")
    private Optional<Path> passwordFile = Optional.empty();

    @Option(
            names = "--idle",
            defaultValue = "60",
            paramLabel = "SECONDS",
            description = "Close a client that sends nothing for so long. Default: ${DEFAULT-VALUE}.")
    private int idleSeconds;

    @Option(
            names = "--state-dir",
            paramLabel = "DIR",
            description =
                    "Save streams that lost their connection in this folder, so that they can be resumed also after "
                            + "this server was stopped. Default: they are kept in memory, for a minute.")
    private Optional<Path> stateDir = Optional.empty();

    @Option(
            names = "--state-keep",
            defaultValue = "3600",
            paramLabel = "SECONDS",
            description = "How long a saved stream can be resumed. Default: ${DEFAULT-VALUE}.")
    private int stateKeepSeconds;

    @Option(
            names = "--state-megabytes",
            defaultValue = "1024",
            paramLabel = "N",
            description = "The most that saved streams may take, 1.5 MB each; the oldest go first. Default: "
                    + "${DEFAULT-VALUE}.")
    private int stateMegabytes;

    @Option(
            names = "--drain",
            defaultValue = "20",
            paramLabel = "SECONDS",
            description = "How long open streams may go on when the server is told to stop. Default: ${DEFAULT-VALUE}.")
    private int drainSeconds;

    ServeCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws InterruptedException {
        SpeechServer.Builder builder = builder(speech.open());
        Duration drain = Duration.ofSeconds(Math.max(0, drainSeconds));
        try (Interruption interruption = Interruption.watch(drain.plus(FAREWELL))) {
            try (SpeechServer server = builder.start()) {
                terminal.out().println(server.describe());
                terminal.out().flush();
                while (!interruption.asked()) {
                    Thread.sleep(50);
                }
                terminal.err().println("mamba-audio: stopping; " + server.openStreams() + " streams are open");
                server.drain(drain);
            }
        }
        return Main.INTERRUPTED;
    }

    private SpeechServer.Builder builder(SpeechOptions.Recogniser recogniser) {
        SpeechServer.Builder builder = SpeechServer.builder(recogniser::builder)
                .host(host)
                .port(port)
                .wyomingPort(wyomingPort < 0 ? OptionalInt.empty() : OptionalInt.of(wyomingPort))
                .progress(line -> terminal.err().println("mamba-audio: " + line))
                .idle(Duration.ofSeconds(Math.max(1, idleSeconds)));
        maxStreams.ifPresent(builder::maxStreams);
        stateDir.ifPresent(folder -> builder.stateDir(folder)
                .stateKeep(Duration.ofSeconds(Math.max(1, stateKeepSeconds)))
                .maxStateBytes(Math.max(1, stateMegabytes) * 1_000_000L));
        tokenFile.ifPresent(file -> builder.tokens(tokens(file)));
        tls(builder);
        return builder;
    }

    private void tls(SpeechServer.Builder builder) {
        if (certificate.isPresent() != key.isPresent() || store.isPresent() != passwordFile.isPresent()) {
            throw new UserError(
                    "--tls-cert goes with --tls-key, --tls-store with --tls-password-file; give both of a pair");
        }
        certificate.ifPresent(chain -> builder.tls(chain, key.orElseThrow()));
        store.ifPresent(file ->
                builder.tls(file, read(passwordFile.orElseThrow()).strip().toCharArray()));
    }

    private static List<String> tokens(Path file) {
        List<String> tokens = read(file)
                .lines()
                .map(String::strip)
                .filter(line -> !line.isEmpty() && !line.startsWith("#"))
                .toList();
        if (tokens.isEmpty()) {
            throw new UserError("--token-file " + file + " has no token; write one of 16 characters or more in a line");
        }
        return tokens;
    }

    private static String read(Path file) {
        try {
            return Files.readString(file, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UserError(file + " cannot be read; give a text file");
        }
    }
}
