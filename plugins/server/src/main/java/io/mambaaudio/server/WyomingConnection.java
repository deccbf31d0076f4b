package io.mambaaudio.server;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.buffers.DataReader;
import io.helidon.common.concurrency.limits.Limit;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.ServerConnectionException;
import io.helidon.webserver.spi.ServerConnection;
import io.helidon.webserver.spi.ServerConnectionSelector;
import io.mambaaudio.engine.StreamFormat;
import io.mambaaudio.speech.Hotwords;
import io.mambaaudio.speech.TranscriptEvent;
import io.mambaaudio.speech.TranscriptEvent.Final;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.ShortBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One client of the Wyoming protocol: {@code transcribe}, {@code audio-start}, {@code audio-chunk}..., {@code audio-stop} in, the
 * transcript out, utterance by utterance and then whole; {@code describe} and {@code ping} at any time; then the next recording.
 * Runs on the connection's virtual thread.
 */
final class WyomingConnection implements ServerConnection {
    private static final String PROTOCOL = "wyoming";
    private static final int WIDTH = 2;
    private static final int LEAST_HZ = 4_000;
    private static final int MOST_HZ = 192_000;

    private final ConnectionContext context;
    private final Services services;
    private final String description;
    private @Nullable Link link;
    private @Nullable LiveStream stream;
    private Optional<Hotwords> phrases = Optional.empty();
    private final List<String> said = new ArrayList<>();
    private @Nullable Thread thread;

    WyomingConnection(ConnectionContext context, Services services, String description) {
        this.context = context;
        this.services = services;
        this.description = description;
    }

    /** Every connection of a listener is of this protocol. */
    static ServerConnectionSelector selector(Services services, String description) {
        return new ServerConnectionSelector() {
            @Override
            public int bytesToIdentifyConnection() {
                return 0;
            }

            @Override
            public Support supports(BufferData data) {
                return Support.SUPPORTED;
            }

            @Override
            public Set<String> supportedApplicationProtocols() {
                return Set.of();
            }

            @Override
            public ServerConnection connection(ConnectionContext context) {
                return new WyomingConnection(context, services, description);
            }
        };
    }

    @Override
    public void handle(Limit limit) {
        thread = Thread.currentThread();
        Link made = new Link(context.executor(), this::farewell);
        link = made;
        services.connections().add(made);
        Closing otherwise = Closing.LEFT;
        try {
            while (!made.isClosing() && next(made)) {}
            if (made.isClosing()) {
                Link.drain(context.dataReader());
            }
        } catch (DataReader.InsufficientDataAvailableException e) {
            otherwise = Closing.LEFT; // in the middle of an event
        } catch (ServerConnectionException e) {
            otherwise = Closing.LEFT; // by a reset, or cut off by the watchman
        } finally {
            services.connections().remove(made);
            services.metrics().clientClosed(made.ended(otherwise));
            boolean interrupted = Thread.interrupted();
            release();
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Reads and answers an event; false at the end. */
    private boolean next(Link current) {
        try {
            Optional<WyomingEvent> event =
                    WyomingEvent.read(context.dataReader(), services.settings().maxMessageBytes());
            event.ifPresent(e -> current.exclusively(() -> take(e, current)));
            return event.isPresent();
        } catch (IllegalArgumentException e) {
            current.close(Closing.GARBAGE, String.valueOf(e.getMessage()));
            return false;
        }
    }

    private void take(WyomingEvent event, Link current) {
        if (current.isClosing()) {
            return;
        }
        try {
            answer(event, current);
        } catch (Refused e) {
            current.close(Closing.REFUSED, String.valueOf(e.getMessage()));
        } catch (IllegalArgumentException e) {
            current.close(Closing.GARBAGE, String.valueOf(e.getMessage()));
        } catch (IllegalStateException e) {
            current.close(Closing.FAILED, String.valueOf(e.getMessage()));
        } catch (InterruptedException e) {
            services.metrics().dropped();
            Thread.currentThread().interrupt();
        }
    }

    private void answer(WyomingEvent event, Link current) throws Refused, InterruptedException {
        switch (event.type()) {
            case "describe" -> send(current, "info", WyomingInfo.of(description));
            case "ping" -> send(current, "pong", event.data());
            case "transcribe" -> phrases = phrases(event.data());
            case "audio-start" -> start(format(event.data()), current);
            case "audio-chunk" -> hear(event, current);
            case "audio-stop" -> stop(current);
            default -> {} // events of other services pass through here too
        }
    }

    private static Optional<Hotwords> phrases(Map<String, Object> data) {
        List<String> wished = Stream.of("transcript_names", "transcript_terms")
                .map(data::get)
                .filter(List.class::isInstance)
                .flatMap(list -> ((List<?>) list).stream())
                .map(String::valueOf)
                .toList();
        return VoskConfig.hotwords(wished);
    }

    private static StreamFormat format(Map<String, Object> data) {
        int rate = number(data, "rate", LEAST_HZ, MOST_HZ);
        int channels = number(data, "channels", 1, 8);
        number(data, "width", WIDTH, WIDTH);
        return new StreamFormat(rate, channels);
    }

    private static int number(Map<String, Object> data, String name, int least, int most) {
        Object value = data.get(name);
        double number = value == null ? Double.NaN : VoskConfig.number(name, value);
        if (!(number >= least && number <= most)) {
            throw new IllegalArgumentException(
                    name + "=" + value + " is out of range; choose " + least + " to " + most);
        }
        return (int) number;
    }

    private void start(StreamFormat format, Link current) throws Refused {
        release();
        said.clear();
        stream = services.pool().open(StreamPool.Kind.LIVE, PROTOCOL, format, phrases);
        send(current, "transcript-start", Map.of("language", "en"));
    }

    private void hear(WyomingEvent event, Link current) throws Refused, InterruptedException {
        StreamFormat format = format(event.data());
        LiveStream open = stream;
        if (open == null) {
            start(format, current);
            open = Objects.requireNonNull(stream);
        }
        if (!open.format().equals(format)) {
            throw new IllegalArgumentException("a chunk is " + format + " in a recording of " + open.format()
                    + "; send audio-stop and audio-start between them");
        }
        float[][] samples = samples(event.payload(), format.channels());
        current.hearing(true);
        try {
            tell(open.push(samples, samples[0].length), current);
            services.metrics().heard(samples[0].length, format.sampleRateHz());
        } finally {
            current.hearing(false);
        }
    }

    private static float[][] samples(ByteBuffer pcm, int channels) {
        int frameBytes = WIDTH * channels;
        if (pcm.remaining() % frameBytes != 0) {
            throw new IllegalArgumentException("a chunk of " + pcm.remaining() + " bytes ends inside a frame of "
                    + frameBytes + "; send whole frames");
        }
        ShortBuffer in = pcm.order(ByteOrder.LITTLE_ENDIAN).asShortBuffer();
        float[][] samples = new float[channels][in.remaining() / channels];
        for (int i = 0; i < samples[0].length; i++) {
            for (int c = 0; c < channels; c++) {
                samples[c][i] = in.get() / 32768f;
            }
        }
        return samples;
    }

    private void stop(Link current) throws InterruptedException {
        LiveStream open = stream;
        if (open == null) {
            throw new IllegalArgumentException("audio-stop without audio-start; send audio-start first");
        }
        tell(open.finish(), current);
        release();
        send(current, "transcript", Map.of("text", String.join(" ", said), "language", "en"));
        send(current, "transcript-stop", Map.of());
    }

    private void tell(List<TranscriptEvent> events, Link current) {
        for (TranscriptEvent event : events) {
            if (event instanceof Final utterance) {
                String text = said.isEmpty() ? utterance.text() : " " + utterance.text();
                said.add(utterance.text());
                send(current, "transcript-chunk", Map.of("text", text));
            }
        }
    }

    private void send(Link current, String type, Map<String, Object> data) {
        current.write(() -> context.dataWriter().writeNow(new WyomingEvent(type, data).bytes()));
    }

    /** The protocol has an event for errors; the socket is closed right after it. */
    private void farewell(Closing why, String reason) {
        Link current = Objects.requireNonNull(link);
        if (why == Closing.DRAINED && stream != null) {
            try {
                stop(current);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        send(current, "error", Map.of("text", reason, "code", why.label()));
    }

    private void release() {
        LiveStream open = stream;
        if (open != null) {
            services.pool().release(StreamPool.Kind.LIVE, open);
            stream = null;
        }
    }

    @Override
    public Duration idleTime() {
        return Duration.ZERO; // the watchman looks after it
    }

    @Override
    public void close(boolean interrupt) {
        Thread running = thread;
        if (running != null) {
            running.interrupt();
        }
    }
}
