package io.mambaaudio.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mambaaudio.speech.TranscriptWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.jr.ob.JSON;

@Timeout(60)
final class HttpApiTest {
    private static final int RATE = 16_000;
    private static final String TOKEN = "correct horse battery staple";
    private static final short[] SOUND = TestKit.sound(3, RATE, 8);
    private static final byte[] WAV = TestKit.wav(SOUND, RATE);
    private static SpeechServer server;

    @TempDir
    private Path folder = Path.of("");

    @BeforeAll
    static void start() throws InterruptedException {
        server = TestKit.server(b -> b.maxUploadBytes(1 << 20));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static String written(TranscriptWriter.Format format) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        TranscriptWriter writer = format.to(new PrintStream(bytes, true, StandardCharsets.UTF_8));
        writer.begin("request");
        TestKit.alone(SOUND, RATE).forEach(writer::accept);
        writer.end();
        return bytes.toString(StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @CsvSource({
        "text,text/plain,text",
        "srt,application/x-subrip,srt",
        "vtt,text/vtt,vtt",
        "jsonl,application/x-ndjson,json"
    })
    void aFileComesBackInTheFormatThatWasAskedFor(String name, String type, TranscriptWriter.Format format)
            throws Exception {
        HttpResponse<String> named = Http.post(server.port(), "/v1/transcribe?format=" + name, WAV);
        assertEquals(200, named.statusCode(), named.body());
        assertEquals(written(format), named.body());
        assertEquals(
                type + "; charset=utf-8",
                named.headers().firstValue("content-type").orElse(""));
        HttpResponse<String> accepted = Http.send(Http.request(server.port(), "/v1/transcribe")
                .header("Accept", type)
                .POST(HttpRequest.BodyPublishers.ofByteArray(WAV))
                .build());
        assertEquals(written(format), accepted.body());
    }

    @Test
    void withoutAWishItIsOneJsonDocument() throws Exception {
        HttpResponse<String> response = Http.post(server.port(), "/v1/transcribe", WAV);
        Map<String, Object> document = JSON.std.mapFrom(response.body());
        assertEquals(TestKit.text(TestKit.alone(SOUND, RATE)), document.get("text"));
        assertEquals(
                TestKit.alone(SOUND, RATE).size(), ((List<?>) document.getOrDefault("utterances", List.of())).size());
    }

    @Test
    void bareSamplesNeedToBeDescribed() throws Exception {
        HttpResponse<String> response = Http.post(
                server.port(),
                "/v1/transcribe?encoding=s16le&rate=16000&channels=1&format=text",
                TestKit.pcm(SOUND, 0, SOUND.length));
        assertEquals(written(TranscriptWriter.Format.text), response.body());
    }

    @ParameterizedTest
    @CsvSource({
        "/v1/transcribe?format=pdf,format=pdf is not known; choose",
        "/v1/transcribe?encoding=s99,sample encoding",
        "/v1/transcribe?encoding=s16le&rate=x,rate=x is not a whole number; write 16000",
        "/v1/transcribe?encoding=s16le&rate=0,sampleRateHz=0 is out of range",
    })
    void aWishThatCannotBeGrantedIsAnsweredWithAReason(String path, String reason) throws Exception {
        HttpResponse<String> response = Http.post(server.port(), path, WAV);
        assertEquals(400, response.statusCode());
        String error = String.valueOf(JSON.std.mapFrom(response.body()).get("error"));
        assertTrue(error.startsWith(reason), error);
    }

    @Test
    void whatIsNoSoundIsAnsweredWithAReason() throws Exception {
        for (byte[] body : List.of(new byte[0], new byte[5000], "RIFF".getBytes(StandardCharsets.US_ASCII))) {
            HttpResponse<String> response = Http.post(server.port(), "/v1/transcribe", body);
            assertEquals(400, response.statusCode(), response.body());
            assertFalse(String.valueOf(JSON.std.mapFrom(response.body()).get("error"))
                    .contains("\n"));
        }
        assertTrue(TestKit.soon(() -> server.openStreams() == 0));
    }

    @Test
    void aFileThatIsTooLargeIsRefused() throws Exception {
        assertEquals(
                413,
                Http.post(server.port(), "/v1/transcribe", new byte[(1 << 20) + 1])
                        .statusCode());
    }

    @Test
    void healthReadinessAndMetricsAreThere() throws Exception {
        assertEquals("ok\n", Http.get(server.port(), "/healthz").body());
        assertEquals("ready\n", Http.get(server.port(), "/readyz").body());
        var _ = TestKit.transcribe(server.port(), SOUND, RATE, 1600);
        String metrics = Http.get(server.port(), "/metrics").body();
        for (String line : metrics.split("\n", -1)) {
            assertTrue(
                    line.isEmpty()
                            || line.startsWith("# ")
                            || line.matches("mamba_audio_[a-z0-9_]+(\\{[a-z]+=\"[a-z0-9_+I]+\"})? [0-9.E-]+"),
                    line);
        }
        for (String name :
                List.of("streams ", "steps_total ", "deadline_misses_total ", "queue ", "heap_used_bytes ")) {
            assertTrue(metrics.contains("\nmamba_audio_" + name), name);
        }
        for (String batches : List.of("bucket{le=\"+Inf\"} ", "count ")) {
            String counted = metrics.split("mamba_audio_batch_streams_" + Pattern.quote(batches), 2)[1]
                    .split("\n", 2)[0];
            assertTrue(Long.parseLong(counted) > 0, batches + counted);
        }
        assertTrue(metrics.contains("mamba_audio_streams_opened_total{protocol=\"websocket\"}"), metrics);
    }

    @Test
    void thePageAndItsPartsComeFromHereAlone() throws Exception {
        HttpResponse<String> page = Http.get(server.port(), "/");
        assertTrue(page.body().contains("<title>Mamba Audio</title>"));
        for (String part : List.of("/", "/app.js", "/recorder.js", "/style.css")) {
            HttpResponse<String> response = Http.get(server.port(), part);
            assertEquals(200, response.statusCode(), part);
            assertFalse(response.body().contains("//cdn") || response.body().contains("https://"), part);
            assertTrue(response.headers()
                    .firstValue("content-security-policy")
                    .orElse("")
                    .startsWith("default-src 'self'"));
        }
        assertEquals(404, Http.get(server.port(), "/none").statusCode());
    }

    @Test
    void pagesOfOthersAreKeptOut() throws Exception {
        WsClient.Closed closed = assertThrows(
                WsClient.Closed.class,
                () -> new WsClient(server.port(), "/", Map.of("Origin", "http://elsewhere.example")));
        assertEquals(403, closed.code());
        HttpResponse<String> posted = Http.send(Http.request(server.port(), "/v1/transcribe")
                .header("Origin", "http://elsewhere.example")
                .POST(HttpRequest.BodyPublishers.ofByteArray(WAV))
                .build());
        assertEquals(403, posted.statusCode());
        String own = "http://localhost:" + server.port();
        try (WsClient client = new WsClient(server.port(), "/v1/stream", Map.of("Origin", own))) {
            client.text("{\"eof\" : 1}");
            assertEquals("{\"text\":\"\"}", client.receive());
        }
    }

    @Test
    void withTokensOnlyTheirOwnersComeIn() throws Exception {
        try (SpeechServer guarded = TestKit.server(b -> b.tokens(List.of("another token of some length", TOKEN)))) {
            int port = guarded.port();
            assertEquals(401, Http.post(port, "/v1/transcribe", WAV).statusCode());
            assertEquals(401, Http.get(port, "/metrics").statusCode());
            assertEquals(200, Http.get(port, "/healthz").statusCode());
            for (Map<String, String> headers : List.of(
                    Map.<String, String>of(),
                    Map.of("Authorization", "Bearer wrong"),
                    Map.of("Authorization", TOKEN))) {
                WsClient.Closed closed =
                        assertThrows(WsClient.Closed.class, () -> new WsClient(port, "/", headers), headers::toString);
                assertEquals(401, closed.code());
            }
            try (WsClient client = new WsClient(port, "/", Map.of("Authorization", "Bearer " + TOKEN))) {
                assertFalse(TestKit.text(TestKit.converse(client, SOUND, 1600)).isEmpty());
            }
            try (WsClient client = new WsClient(port, "/?token=" + TOKEN.replace(" ", "%20"), Map.of())) {
                assertFalse(TestKit.text(TestKit.converse(client, SOUND, 1600)).isEmpty());
            }
        }
    }

    @Test
    void encryptedWithAStoreOrWithPemFiles() throws Exception {
        Path store = folder.resolve("server.p12");
        keytool(
                "-genkeypair",
                "-alias",
                "server",
                "-keyalg",
                "EC",
                "-dname",
                "CN=localhost",
                "-ext",
                "SAN=dns:localhost",
                "-validity",
                "2",
                "-storetype",
                "PKCS12",
                "-keystore",
                store.toString(),
                "-storepass",
                "password");
        KeyStore keys = KeyStore.getInstance(store.toFile(), "password".toCharArray());
        Path certificate = pem("CERTIFICATE", keys.getCertificate("server").getEncoded());
        Path key = pem(
                "PRIVATE KEY", keys.getKey("server", "password".toCharArray()).getEncoded());
        try (SpeechServer encrypted = TestKit.server(b -> b.tls(store, "password".toCharArray()))) {
            assertEquals("ok\n", secureGet(keys, encrypted.port()));
        }
        try (SpeechServer encrypted = TestKit.server(b -> b.tls(certificate, key))) {
            assertEquals("ok\n", secureGet(keys, encrypted.port()));
        }
        ServerException wrong = assertThrows(ServerException.class, () -> TestKit.server(b -> b.tls(key, certificate)));
        assertTrue(String.valueOf(wrong.getMessage()).contains("can't be used for TLS"), wrong::toString);
    }

    private Path pem(String type, byte[] bytes) throws IOException {
        String body = java.util.Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(bytes);
        return Files.writeString(
                folder.resolve(type.replace(' ', '-') + ".pem"),
                "-----BEGIN " + type + "-----\n" + body + "\n-----END " + type + "-----\n");
    }

    private static void keytool(String... arguments) throws IOException, InterruptedException {
        List<String> command = new java.util.ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString()));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), output);
    }

    private static String secureGet(KeyStore keys, int port) throws Exception {
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("server", keys.getCertificate("server"));
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        try (HttpClient client = HttpClient.newBuilder().sslContext(context).build()) {
            URI address = URI.create("https://localhost:" + port + "/healthz");
            return client.send(HttpRequest.newBuilder(address).build(), HttpResponse.BodyHandlers.ofString())
                    .body();
        }
    }

    @Test
    void aServerThatOthersCouldReachNeedsTokens() {
        ServerException e = assertThrows(ServerException.class, () -> TestKit.server(b -> b.host("0.0.0.0")));
        assertEquals(
                "host=0.0.0.0 can be reached from other machines, and anyone there could listen in; give a file of tokens, or host 127.0.0.1",
                e.getMessage());
        ServerException shortToken =
                assertThrows(ServerException.class, () -> TestKit.server(b -> b.tokens(List.of("short"))));
        assertEquals("a token has 5 characters; use 16 or more that nobody can guess", shortToken.getMessage());
    }

    @Test
    void aPortThatIsTakenIsSaidInOneLine() {
        ServerException e = assertThrows(
                ServerException.class,
                () -> TestKit.server(b -> b.port(server.port()).wyomingPort(OptionalInt.empty())));
        assertTrue(String.valueOf(e.getMessage()).startsWith("port=" + server.port() + " "), e::toString);
        assertFalse(String.valueOf(e.getMessage()).contains("\n"));
    }
}
