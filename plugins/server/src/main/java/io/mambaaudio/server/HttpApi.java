package io.mambaaudio.server;

import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.http.FilterChain;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.RoutingRequest;
import io.helidon.webserver.http.RoutingResponse;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tools.jackson.jr.ob.JSON;

/** What is there over plain HTTP: the page, transcription of files, health, readiness and metrics. */
final class HttpApi {
    /** Open to all: nothing of a user's is in them. */
    private static final Set<String> PUBLIC =
            Set.of("/", "/app.js", "/recorder.js", "/style.css", "/healthz", "/readyz");

    private static final String POLICY = "default-src 'self'; connect-src 'self' ws: wss:; frame-ancestors 'none'";

    private final Access access;
    private final Services services;

    HttpApi(Access access, Services services) {
        this.access = access;
        this.services = services;
    }

    HttpRouting.Builder routing() {
        return HttpRouting.builder()
                .addFilter(this::letIn)
                .get("/", file("index.html", "text/html"))
                .get("/app.js", file("app.js", "text/javascript"))
                .get("/recorder.js", file("recorder.js", "text/javascript"))
                .get("/style.css", file("style.css", "text/css"))
                .get("/healthz", (request, response) -> text(response, Status.OK_200, "ok\n"))
                .get("/readyz", (request, response) -> ready(response))
                .get("/metrics", (request, response) -> metrics(response))
                .post("/v1/transcribe", new TranscribeHandler(services));
    }

    private void letIn(FilterChain chain, RoutingRequest request, RoutingResponse response) {
        String path = request.prologue().uriPath().path();
        Optional<String> refusal = PUBLIC.contains(path)
                ? Optional.empty()
                : access.refusal(
                        request.headers(), request.query().first("token").asOptional());
        if (refusal.isEmpty()) {
            chain.proceed();
        } else {
            problem(response, access.needsToken() ? Status.UNAUTHORIZED_401 : Status.FORBIDDEN_403, refusal.get());
        }
    }

    /** An error as a program can read it. */
    static void problem(ServerResponse response, Status status, String reason) {
        response.status(status);
        response.header(HeaderNames.CONTENT_TYPE, "application/json; charset=utf-8");
        response.send((JSON.std.asString(Map.of("error", reason)) + "\n").getBytes(StandardCharsets.UTF_8));
    }

    private void ready(ServerResponse response) {
        Optional<String> refusal = services.pool().refusal();
        text(
                response,
                refusal.isEmpty() ? Status.OK_200 : Status.SERVICE_UNAVAILABLE_503,
                refusal.orElse("ready") + "\n");
    }

    private void metrics(ServerResponse response) {
        String text = services.metrics()
                .text(services.pool()
                        .moment(
                                services.parked().parked(),
                                services.parked().saved(),
                                services.connections().open()));
        response.header(HeaderNames.CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8");
        response.send(text.getBytes(StandardCharsets.UTF_8));
    }

    private static void text(ServerResponse response, Status status, String text) {
        response.status(status);
        response.header(HeaderNames.CONTENT_TYPE, "text/plain; charset=utf-8");
        response.send(text.getBytes(StandardCharsets.UTF_8));
    }

    private static Handler file(String name, String type) {
        byte[] bytes = resource(name);
        return (request, response) -> {
            response.header(HeaderNames.CONTENT_TYPE, type + "; charset=utf-8");
            response.header(HeaderNames.create("Content-Security-Policy"), POLICY);
            response.header(HeaderNames.create("X-Content-Type-Options"), "nosniff");
            response.header(HeaderNames.CACHE_CONTROL, "no-cache");
            response.send(bytes);
        };
    }

    private static byte[] resource(String name) {
        try (InputStream in = HttpApi.class.getResourceAsStream("page/" + name)) {
            if (in == null) {
                throw new IllegalStateException("this build lacks page/" + name + "; build plugins/server again");
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
