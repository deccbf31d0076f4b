package io.mambaaudio.server;

import io.helidon.common.tls.Tls;
import io.helidon.webserver.WebServer;
import io.mambaaudio.engine.Ticker;
import io.mambaaudio.speech.Transcriber;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A server for live transcription: the protocol of vosk-server over WebSocket, the Wyoming protocol over TCP, files over HTTP, and a web
 * page. All clients share one model. Made by {@link #builder}; any thread may call anything.
 */
public final class SpeechServer implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(SpeechServer.class.getName());
    private static final Duration POLL = Duration.ofMillis(50);
    private static final Duration FAREWELL = Duration.ofSeconds(5);
    private final Settings settings;
    private final StreamPool pool;
    private final ParkedStreams parked;
    private final Connections connections;
    private final WebServer web;
    private final Ticker ticker;

    private SpeechServer(
            Settings settings, Access access, Optional<StateFolder> folder, Supplier<Transcriber.Builder> recogniser)
            throws InterruptedException {
        this.settings = settings;
        Metrics metrics = new Metrics();
        pool = new StreamPool(settings, recogniser, metrics);
        connections = new Connections(settings.maxConnections());
        parked = new ParkedStreams(settings.resume(), pool.maxStreams(), folder);
        Services services = new Services(settings, pool, parked, connections, metrics);
        try {
            web = new Listeners(services, access).start();
        } catch (RuntimeException e) {
            pool.close();
            throw e;
        }
        ticker = Ticker.every("mamba-audio-watch", Listeners.TICK, () -> {
            pool.tick();
            parked.tick();
            connections.check(settings.stall(), settings.idle());
        });
        LOG.log(System.Logger.Level.INFO, this::describe);
    }

    /**
     * Starts to make a server.
     *
     * @param recogniser gives a builder of transcribers each time it is asked, all over the same model; by any thread
     * @return a builder with the defaults: loopback, port 2700, Wyoming on port 10300, as many streams as this machine can serve
     */
    public static Builder builder(Supplier<Transcriber.Builder> recogniser) {
        return new Builder(recogniser);
    }

    /**
     * Where HTTP and WebSocket clients come in.
     *
     * @return the port
     */
    public int port() {
        return web.port();
    }

    /**
     * Where Wyoming clients come in.
     *
     * @return the port, on the loopback address
     */
    public OptionalInt wyomingPort() {
        return settings.wyomingPort().isPresent() ? OptionalInt.of(web.port(Listeners.WYOMING)) : OptionalInt.empty();
    }

    /**
     * How many live streams can be open at once.
     *
     * @return the lower of what was asked for and what this machine can serve in time
     */
    public int maxStreams() {
        return pool.maxStreams();
    }

    /**
     * Live streams and files that are being heard.
     *
     * @return how many
     */
    public int openStreams() {
        return pool.openStreams();
    }

    /**
     * Address, model and capacity.
     *
     * @return one line
     */
    public String describe() {
        return "%s://%s:%d%s, up to %d streams (this machine hears %.0f times real time on %d threads, in %s); %s"
                .formatted(
                        settings.tls().isPresent() ? "https" : "http",
                        settings.host(),
                        port(),
                        wyomingPort().isPresent()
                                ? ", wyoming on port " + wyomingPort().getAsInt()
                                : "",
                        maxStreams(),
                        pool.trial().secondsPerSecond(),
                        settings.threads(),
                        pool.trial().describe(),
                        pool.description());
    }

    /**
     * Stops kindly: nobody new is let in, streams that are open may come to their end for a while, then the rest is told what was heard
     * of it and closed, and the server too.
     *
     * @param patience how long streams may go on
     * @throws InterruptedException if the waiting thread is told to end; the server is closed all the same
     */
    public void drain(Duration patience) throws InterruptedException {
        pool.drain();
        try {
            await(() -> pool.openStreams() == 0, patience);
            connections.closeAll(Closing.DRAINED, "the server stops; connect again later");
            await(() -> !connections.haveStreams(), FAREWELL);
        } finally {
            close();
        }
    }

    private static void await(Supplier<Boolean> done, Duration patience) throws InterruptedException {
        long end = System.nanoTime() + patience.toNanos();
        while (!done.get() && System.nanoTime() - end < 0) {
            Thread.sleep(POLL);
        }
    }

    /** Stops at once. Idempotent. */
    @Override
    public void close() {
        ticker.close();
        web.stop();
        pool.close();
        parked.close();
    }

    /** Makes servers. One thread at a time. */
    public static final class Builder {
        private final Supplier<Transcriber.Builder> recogniser;
        private String host = Listeners.LOOPBACK;
        private int port = 2700;
        private OptionalInt wyomingPort = OptionalInt.of(10_300);
        private OptionalInt maxStreams = OptionalInt.empty();
        private int threads = Runtime.getRuntime().availableProcessors();
        private int maxConnections = 20_000;
        private int maxMessageBytes = 1 << 20;
        private long maxUploadBytes = 1L << 30;
        private Duration patience = Duration.ofMillis(200);
        private Duration idle = Duration.ofSeconds(60);
        private Duration stall = Duration.ofSeconds(10);
        private Duration resume = Duration.ofSeconds(60);
        private @Nullable Path stateDir;
        private Duration stateKeep = Duration.ofHours(1);
        private long maxStateBytes = 1L << 30;
        private List<String> tokens = List.of();
        private @Nullable Supplier<Tls> tls;
        private Consumer<String> progress = line -> {};

        private Builder(Supplier<Transcriber.Builder> recogniser) {
            this.recogniser = Objects.requireNonNull(recogniser, "recogniser");
        }

        /**
         * The address to listen on. Any but a loopback address needs {@link #tokens}.
         *
         * @param address a name or a number
         * @return this
         */
        public Builder host(String address) {
            host = address;
            return this;
        }

        /**
         * The port of HTTP and WebSocket.
         *
         * @param number 0 for any that is free
         * @return this
         */
        public Builder port(int number) {
            port = within("port", number, 0, 65_535);
            return this;
        }

        /**
         * The port of the Wyoming protocol, always on the loopback address, since the protocol has no way to ask for a token.
         *
         * @param number 0 for any that is free; empty for no such clients
         * @return this
         */
        public Builder wyomingPort(OptionalInt number) {
            number.ifPresent(n -> within("wyomingPort", n, 0, 65_535));
            wyomingPort = number;
            return this;
        }

        /**
         * The most live streams at once. What this machine can serve in time is measured at the start and is a limit too.
         *
         * @param streams 1 or more
         * @return this
         */
        public Builder maxStreams(int streams) {
            maxStreams = OptionalInt.of(within("maxStreams", streams, 1, 1_000_000));
            return this;
        }

        /**
         * How many threads compute.
         *
         * @param count default the number of cores
         * @return this
         */
        public Builder threads(int count) {
            threads = within("threads", count, 1, 1024);
            return this;
        }

        /**
         * The most network connections at once, of all protocols.
         *
         * @param count default 20,000
         * @return this
         */
        public Builder maxConnections(int count) {
            maxConnections = within("maxConnections", count, 1, 1_000_000);
            return this;
        }

        /**
         * The most bytes of sound in one message of a live stream.
         *
         * @param bytes default 1 MiB
         * @return this
         */
        public Builder maxMessageBytes(int bytes) {
            maxMessageBytes = within("maxMessageBytes", bytes, 1024, 1 << 28);
            return this;
        }

        /**
         * The most bytes of a file.
         *
         * @param bytes default 1 GiB
         * @return this
         */
        public Builder maxUploadBytes(long bytes) {
            maxUploadBytes = bytes;
            return this;
        }

        /**
         * How much later than it was spoken a block may be heard. When too many are later, nobody else is let in.
         *
         * @param duration default 200 milliseconds
         * @return this
         */
        public Builder patience(Duration duration) {
            patience = duration;
            return this;
        }

        /**
         * How long a client may be silent before it is closed.
         *
         * @param duration default a minute
         * @return this
         */
        public Builder idle(Duration duration) {
            idle = duration;
            return this;
        }

        /**
         * How long an answer may wait for a client to read it.
         *
         * @param duration default 10 seconds
         * @return this
         */
        public Builder stall(Duration duration) {
            stall = duration;
            return this;
        }

        /**
         * How long a stream that lost its connection can be resumed, as far as it is kept in memory.
         *
         * @param duration default a minute
         * @return this
         */
        public Builder resume(Duration duration) {
            resume = duration;
            return this;
        }

        /**
         * A folder where streams that lost their connection are saved too, so that they can be resumed after this server was stopped or
         * broke down, from a server with the same model and settings. For one server at a time.
         *
         * @param folder made if it is not there; what is in it tells what was said, and is for the server's user alone
         * @return this
         */
        public Builder stateDir(Path folder) {
            stateDir = folder;
            return this;
        }

        /**
         * How long a saved stream can be resumed.
         *
         * @param duration default an hour
         * @return this
         */
        public Builder stateKeep(Duration duration) {
            stateKeep = duration;
            return this;
        }

        /**
         * The most bytes in the folder of saved streams. The oldest make room for new ones.
         *
         * @param bytes default 1 GiB
         * @return this
         */
        public Builder maxStateBytes(long bytes) {
            if (bytes < 1) {
                throw new ServerException("maxStateBytes=" + bytes + " is out of range; choose 1 or more");
            }
            maxStateBytes = bytes;
            return this;
        }

        /**
         * Who may come in.
         *
         * @param known secrets of 16 characters or more; empty for everybody, on a loopback address only
         * @return this
         */
        public Builder tokens(List<String> known) {
            tokens = List.copyOf(known);
            return this;
        }

        /**
         * Encrypts, with a certificate from PEM files.
         *
         * @param certificate the chain, the server's first
         * @param key its private key, not encrypted
         * @return this
         */
        public Builder tls(Path certificate, Path key) {
            tls = () -> TlsFiles.pem(certificate, key);
            return this;
        }

        /**
         * Encrypts, with a certificate from a PKCS#12 store.
         *
         * @param store the file, with one key
         * @param password of the store and the key
         * @return this
         */
        public Builder tls(Path store, char[] password) {
            tls = () -> TlsFiles.pkcs12(store, password);
            return this;
        }

        /**
         * Who wants to know what takes time.
         *
         * @param told gets a line before each thing that takes seconds
         * @return this
         */
        public Builder progress(Consumer<String> told) {
            progress = told;
            return this;
        }

        private static int within(String name, int value, int least, int most) {
            if (value < least || value > most) {
                throw new ServerException(name + "=" + value + " is out of range; choose " + least + " to " + most);
            }
            return value;
        }

        /**
         * Measures how many streams this machine can serve, which takes some seconds, and lets clients in.
         *
         * @return the running server
         * @throws ServerException in one line, if a setting does not fit
         * @throws InterruptedException if the thread is told to end
         */
        public SpeechServer start() throws InterruptedException {
            Access access = Access.of(tokens, Listeners.address(host).isLoopbackAddress(), host);
            Settings settings = new Settings(
                    host,
                    port,
                    wyomingPort,
                    maxStreams,
                    2 * threads,
                    threads,
                    maxConnections,
                    maxMessageBytes,
                    maxUploadBytes,
                    patience,
                    idle,
                    stall,
                    resume,
                    Optional.ofNullable(tls).map(Supplier::get));
            Listeners.requireFree("port", host, port);
            wyomingPort.ifPresent(number -> Listeners.requireFree("wyomingPort", Listeners.LOOPBACK, number));
            Optional<StateFolder> folder =
                    Optional.ofNullable(stateDir).map(place -> StateFolder.open(place, stateKeep, maxStateBytes));
            try {
                progress.accept("measuring how many streams this machine can serve");
                return new SpeechServer(settings, access, folder, recogniser);
            } catch (RuntimeException | InterruptedException e) {
                folder.ifPresent(StateFolder::close);
                throw e;
            }
        }
    }
}
