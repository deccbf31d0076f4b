package io.mambaaudio.server;

import io.helidon.common.buffers.BufferData;
import io.helidon.webserver.ConnectionContext;
import io.helidon.websocket.WsListener;
import io.helidon.websocket.WsSession;
import io.mambaaudio.engine.StreamFormat;
import io.mambaaudio.models.ModelException;
import io.mambaaudio.server.ParkedStreams.Parked;
import io.mambaaudio.speech.SpeechException;
import io.mambaaudio.speech.TranscriptEvent;
import io.mambaaudio.speech.TranscriptEvent.Final;
import io.mambaaudio.speech.TranscriptEvent.Partial;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One client of the vosk-server protocol: {@code config}, then bare 16-bit samples, then {@code eof}; one answer to each message of
 * sound. Helidon calls it on the connection's virtual thread.
 *
 * <p>Beyond the protocol: a client whose config has {@code "resume":true} is told a name, with which it can go on after its connection
 * broke.
 */
final class VoskConnection implements WsListener {
    private static final int MOST_TEXT = 1 << 16;
    private static final int KEPT_RESULTS = 64;
    private static final int MOST_REASON = 120;
    private static final String PROTOCOL = "websocket";

    private final Services services;
    private final ByteArrayOutputStream message = new ByteArrayOutputStream(0);
    private @Nullable Link link;
    private @Nullable WsSession session;
    private @Nullable LiveStream stream;
    private VoskConfig config = VoskConfig.DEFAULT;
    private String partial = "";
    private @Nullable String resumeId;
    private final Deque<String> lastResults = new ArrayDeque<>();
    private long results;
    private final PcmBytes pcm = new PcmBytes();

    VoskConnection(Services services) {
        this.services = services;
    }

    @Override
    public void onOpen(WsSession opened) {
        ConnectionContext context = (ConnectionContext) opened.socketContext();
        session = opened;
        Link made = new Link(context.executor(), this::farewell);
        link = made;
        services.opened(context, this, made);
    }

    @Override
    public void onMessage(WsSession from, String text, boolean last) {
        receive(text.getBytes(StandardCharsets.UTF_8), last, MOST_TEXT, this::text);
    }

    @Override
    public void onMessage(WsSession from, BufferData buffer, boolean last) {
        receive(buffer.readBytes(), last, services.settings().maxMessageBytes(), this::sound);
    }

    @Override
    public void onPing(WsSession from, BufferData buffer) {
        link().exclusively(() -> link().write(() -> from.pong(buffer)));
    }

    @Override
    public void onError(WsSession from, Throwable thrown) {
        link().close(Closing.FAILED, "the server failed at this message");
    }

    private Link link() {
        return Objects.requireNonNull(link, "onOpen comes first");
    }

    @FunctionalInterface
    private interface Message {
        void take(byte[] bytes) throws Refused, InterruptedException;
    }

    /** A message may come in fragments. */
    private void receive(byte[] bytes, boolean last, int most, Message whole) {
        link().exclusively(() -> {
            if (link().isClosing()) {
                return;
            }
            if (message.size() + bytes.length > most) {
                link().close(
                                Closing.OVERSIZED,
                                "message of more than " + most + " bytes; send smaller ones, of 0.1 s say");
            } else if (last && message.size() == 0) {
                take(whole, bytes);
            } else {
                message.writeBytes(bytes);
                if (last) {
                    byte[] joined = message.toByteArray();
                    message.reset();
                    take(whole, joined);
                }
            }
        });
    }

    private void take(Message whole, byte[] bytes) {
        try {
            whole.take(bytes);
        } catch (Refused e) {
            link().write(() -> send(VoskText.error(String.valueOf(e.getMessage()))));
            link().close(Closing.REFUSED, String.valueOf(e.getMessage()));
        } catch (IllegalArgumentException e) {
            link().close(Closing.GARBAGE, String.valueOf(e.getMessage()));
        } catch (InterruptedException e) {
            services.metrics().dropped();
            Thread.currentThread().interrupt();
        } catch (IllegalStateException e) {
            link().close(Closing.FAILED, String.valueOf(e.getMessage()));
        }
    }

    private void text(byte[] bytes) throws Refused, InterruptedException {
        Map<String, Object> fields = parse(new String(bytes, StandardCharsets.UTF_8));
        if (fields.get("config") instanceof Map<?, ?> wished) {
            configure(wished);
        } else if (fields.containsKey("eof")) {
            end();
        } else if (fields.containsKey("reset")) {
            LiveStream open = openStream();
            say(open.finish(), true);
            open.restart();
        } else {
            throw new IllegalArgumentException("the message has no config, eof or reset; send one of them");
        }
    }

    private static Map<String, Object> parse(String json) {
        return JsonObjects.parse(json, "the text message is not a JSON object; send {\"config\":{...}}");
    }

    private void configure(Map<?, ?> wished) throws Refused, InterruptedException {
        VoskConfig next = config.with(wished);
        if (stream != null && next.sampleRateHz() != config.sampleRateHz()) {
            throw new IllegalArgumentException("sample_rate can't change inside a stream; open another");
        }
        config = next;
        Object resume = wished.get("resume");
        if (resume instanceof String id && !id.isEmpty()) {
            resume(id, wished.containsKey("results") ? (long) VoskConfig.number("results", wished.get("results")) : 0);
        } else if (resume instanceof Boolean wish && wish && resumeId == null) {
            openStream();
            String id = services.parked().register(link());
            resumeId = id;
            link().write(() -> send(VoskText.resume(id, 0, 0, List.of())));
        }
    }

    private void resume(String id, long known) throws Refused, InterruptedException {
        if (stream != null) {
            throw new IllegalArgumentException("resume must come before any sound");
        }
        Parked parked = services.parked()
                .take(id)
                .orElseThrow(() -> new IllegalArgumentException("no stream of that name can be resumed; begin again"));
        config = parked.config();
        try {
            openStream().restore(parked.state().array(), parked.samples());
        } catch (Refused e) {
            services.parked().register(id, link());
            services.parked().park(id, parked);
            throw e;
        } catch (SpeechException | ModelException e) { // saved by a server with another model or other settings
            throw new IllegalArgumentException("that stream does not fit this server; begin again", e);
        }
        services.parked().register(id, link());
        services.metrics().streamResumed();
        resumeId = id;
        results = parked.results();
        partial = parked.partial();
        lastResults.addAll(parked.lastResults());
        int missed = Math.clamp(results - known, 0, lastResults.size());
        List<String> tail = new ArrayList<>(lastResults).subList(lastResults.size() - missed, lastResults.size());
        link().write(() -> send(VoskText.resume(id, parked.samples(), results, tail)));
    }

    private LiveStream openStream() throws Refused {
        LiveStream open = stream;
        if (open == null) {
            StreamFormat format = new StreamFormat(config.sampleRateHz(), 1);
            open = services.pool().open(StreamPool.Kind.LIVE, PROTOCOL, format, config.hotwords());
            stream = open;
        }
        return open;
    }

    private void sound(byte[] bytes) throws Refused, InterruptedException {
        float[][] samples = {pcm.samples(bytes)};
        LiveStream open = openStream();
        link().hearing(true);
        try {
            List<TranscriptEvent> said = open.push(samples, samples[0].length);
            services.metrics().heard(samples[0].length, config.sampleRateHz());
            say(said, false);
        } finally {
            link().hearing(false);
        }
    }

    private void end() throws InterruptedException {
        LiveStream open = stream;
        say(open == null ? List.of() : open.finish(), true);
        if (resumeId != null) {
            services.parked().forget(resumeId);
        }
        link().close(Closing.DONE, "done");
    }

    /** One answer to one message: a result if an utterance ended or the sound did, else what is being said. */
    private void say(List<TranscriptEvent> events, boolean atEnd) {
        String answer = note(events, atEnd).orElseGet(() -> VoskText.partial(partial));
        link().write(() -> send(answer));
    }

    private Optional<String> note(List<TranscriptEvent> events, boolean atEnd) {
        List<Final> finals = new ArrayList<>();
        for (TranscriptEvent event : events) {
            switch (event) {
                case Final last -> {
                    finals.add(last);
                    partial = "";
                }
                case Partial now -> partial = now.text();
            }
        }
        if (finals.isEmpty() && !atEnd) {
            return Optional.empty();
        }
        String result = VoskText.result(finals, config.words(), config.alternatives());
        results++;
        lastResults.add(result);
        if (lastResults.size() > KEPT_RESULTS) {
            lastResults.remove();
        }
        return Optional.of(result);
    }

    private void send(String text) {
        Objects.requireNonNull(session).send(text, true);
    }

    /** What is left to say to a client that is sent away; one that has misbehaved gets the reason alone. */
    private void farewell(Closing why, String reason) {
        LiveStream open = stream;
        if (why == Closing.DRAINED && open != null && resumeId == null) {
            try {
                say(open.finish(), true);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        String fits = reason.length() <= MOST_REASON ? reason : reason.substring(0, MOST_REASON);
        String ascii = fits.replaceAll("[^\\x20-\\x7e]", "?");
        link().write(() -> Objects.requireNonNull(session).close(why.code(), ascii));
    }

    /** The connection is over, for whatever reason: its thread calls this last. */
    void gone(Closing otherwise) {
        Link ended = link();
        Closing why = ended.ended(otherwise);
        services.metrics().clientClosed(why);
        boolean interrupted = Thread.interrupted(); // the watchman's; what follows waits a moment
        LiveStream open = stream;
        if (open != null) {
            if (resumeId != null && why != Closing.DONE) {
                park(open, resumeId);
            }
            services.pool().release(StreamPool.Kind.LIVE, open);
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void park(LiveStream open, String id) {
        try {
            var _ = note(open.settle(), false);
            services.parked()
                    .park(
                            id,
                            new Parked(
                                    ByteBuffer.wrap(open.save()),
                                    config,
                                    open.framesHeard(),
                                    results,
                                    List.copyOf(lastResults),
                                    partial,
                                    System.nanoTime()));
        } catch (RuntimeException e) {
            services.parked().forget(id);
        }
    }
}
