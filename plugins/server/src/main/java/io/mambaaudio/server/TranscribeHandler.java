package io.mambaaudio.server;

import io.helidon.common.uri.UriQuery;
import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.mambaaudio.engine.AudioInput;
import io.mambaaudio.engine.AudioInputs;
import io.mambaaudio.engine.EngineException;
import io.mambaaudio.engine.SampleEncoding;
import io.mambaaudio.engine.StreamFormat;
import io.mambaaudio.speech.TranscriptEvent;
import io.mambaaudio.speech.TranscriptWriter;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import tools.jackson.jr.ob.JSON;

/**
 * {@code POST /v1/transcribe}: a recording as the body, its text as the answer. The body is heard while it comes in, as fast as the live
 * streams leave time for it, and never held as a whole. Runs on the connection's virtual thread.
 */
final class TranscribeHandler implements Handler {
    private static final String PROTOCOL = "http";
    private static final int BLOCK = 4_096;

    private final Services services;

    TranscribeHandler(Services services) {
        this.services = services;
    }

    @Override
    public void handle(ServerRequest request, ServerResponse response) throws InterruptedException {
        try {
            TextFormat format = TextFormat.wished(request);
            byte[] text = format.text(watched(request));
            response.header(HeaderNames.CONTENT_TYPE, format.mediaType());
            response.send(text);
        } catch (Refused e) {
            response.header(HeaderNames.RETRY_AFTER, "5");
            problem(response, Status.SERVICE_UNAVAILABLE_503, e);
        } catch (EngineException | IllegalArgumentException e) {
            problem(response, Status.BAD_REQUEST_400, e);
        }
    }

    /** A body that stops coming in ends with its connection: there is nobody to answer to. */
    private List<TranscriptEvent> watched(ServerRequest request) throws Refused, InterruptedException {
        Link link = new Link(request.listenerContext().executor(), (why, reason) -> {});
        services.connections().add(link);
        try (AudioInput input = input(request)) {
            return transcribe(input, link);
        } finally {
            services.connections().remove(link);
        }
    }

    private static void problem(ServerResponse response, Status status, Exception e) {
        HttpApi.problem(response, status, String.valueOf(e.getMessage()));
    }

    private static AudioInput input(ServerRequest request) {
        InputStream body = request.content().inputStream();
        UriQuery query = request.query();
        Optional<String> encoding = query.first("encoding").asOptional();
        if (encoding.isEmpty()) {
            return AudioInputs.stream("the request's body", body);
        }
        StreamFormat format = new StreamFormat(number(query, "rate", 16_000), number(query, "channels", 1));
        return AudioInputs.raw("the request's body", body, SampleEncoding.named(encoding.get()), format);
    }

    private static int number(UriQuery query, String name, int otherwise) {
        String text = query.first(name).asOptional().orElse(Integer.toString(otherwise));
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(name + "=" + text + " is not a whole number; write " + otherwise, e);
        }
    }

    private List<TranscriptEvent> transcribe(AudioInput input, Link link) throws Refused, InterruptedException {
        StreamFormat format = input.format();
        LiveStream stream = services.pool().open(StreamPool.Kind.FILE, PROTOCOL, format, Optional.empty());
        try {
            List<TranscriptEvent> finals = new ArrayList<>();
            float[][] block = new float[format.channels()][BLOCK];
            input.start();
            for (int frames = input.read(block, BLOCK); frames >= 0; frames = input.read(block, BLOCK)) {
                link.hearing(true);
                keepFinals(stream.push(block, frames), finals);
                link.hearing(false);
                services.metrics().heard(frames, format.sampleRateHz());
            }
            keepFinals(stream.finish(), finals);
            return finals;
        } finally {
            services.pool().release(StreamPool.Kind.FILE, stream);
        }
    }

    private static void keepFinals(List<TranscriptEvent> events, List<TranscriptEvent> finals) {
        events.stream().filter(TranscriptEvent.Final.class::isInstance).forEach(finals::add);
    }

    /** How the text is written down. */
    private enum TextFormat {
        JSON_DOCUMENT("json", "application/json", TranscriptWriter.Format.json),
        JSON_LINES("jsonl", "application/x-ndjson", TranscriptWriter.Format.json),
        TEXT("text", "text/plain", TranscriptWriter.Format.text),
        SRT("srt", "application/x-subrip", TranscriptWriter.Format.srt),
        VTT("vtt", "text/vtt", TranscriptWriter.Format.vtt);

        private final String label;
        private final String type;
        private final TranscriptWriter.Format writer;

        TextFormat(String label, String type, TranscriptWriter.Format writer) {
            this.label = label;
            this.type = type;
            this.writer = writer;
        }

        String mediaType() {
            return type + "; charset=utf-8";
        }

        /** By {@code ?format=}, else by the Accept header, else JSON. */
        static TextFormat wished(ServerRequest request) {
            Optional<String> named = request.query().first("format").asOptional();
            if (named.isPresent()) {
                for (TextFormat format : values()) {
                    if (format.label.equals(named.get())) {
                        return format;
                    }
                }
                throw new IllegalArgumentException("format=" + named.get().replaceAll("[^a-zA-Z0-9]", "?")
                        + " is not known; choose json, jsonl, text, srt or vtt");
            }
            String accepted = request.headers().contains(HeaderNames.ACCEPT)
                    ? request.headers().get(HeaderNames.ACCEPT).allValues().toString()
                    : "";
            for (TextFormat format : values()) {
                if (accepted.contains(format.type)) {
                    return format;
                }
            }
            return JSON_DOCUMENT;
        }

        byte[] text(List<TranscriptEvent> finals) {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            TranscriptWriter to = writer.to(new PrintStream(bytes, false, StandardCharsets.UTF_8));
            to.begin("request");
            finals.forEach(to::accept);
            to.end();
            return this == JSON_DOCUMENT
                    ? document(finals, bytes.toString(StandardCharsets.UTF_8))
                    : bytes.toByteArray();
        }

        /** The lines as one document, with the whole text. */
        private static byte[] document(List<TranscriptEvent> finals, String lines) {
            String text = finals.stream()
                    .map(event -> ((TranscriptEvent.Final) event).text())
                    .collect(Collectors.joining(" "));
            String utterances = String.join(",", lines.lines().toList());
            return ("{\"text\":" + JSON.std.asString(text) + ",\"utterances\":[" + utterances + "]}\n")
                    .getBytes(StandardCharsets.UTF_8);
        }
    }
}
