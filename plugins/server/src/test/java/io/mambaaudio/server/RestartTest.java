package io.mambaaudio.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.jr.ob.JSON;

/** Streams go on where they were, though their server was stopped or killed meanwhile. */
@Timeout(90)
final class RestartTest {
    private static final int RATE = 16_000;
    private static final short[] SOUND = TestKit.sound(17, RATE, 12);
    private static final String ALONE = TestKit.text(TestKit.alone(SOUND, RATE));

    @TempDir
    private Path folder = Path.of("");

    /** A server to be killed: {@code STATE_DIR}; prints its port and stays. */
    static final class Victim {
        private Victim() {}

        /** See the class. */
        public static void main(String[] args) throws InterruptedException {
            SpeechServer server = TestKit.server(b -> b.stateDir(Path.of(args[0])));
            System.out.println("port " + server.port());
            Thread.sleep(Duration.ofMinutes(5));
        }
    }

    /** A client that goes on over one connection after the other. */
    private static final class Client {
        private final List<String> answers = new ArrayList<>();
        private String id = "";
        private int at;

        WsClient connect(int port) throws IOException {
            WsClient client = new WsClient(port);
            long results =
                    answers.stream().filter(a -> !a.startsWith("{\"partial\"")).count();
            client.text(
                    id.isEmpty()
                            ? "{\"config\" : {\"resume\" : true, \"phrase_list\" : [\"cab bad\"]}}"
                            : "{\"config\" : {\"resume\" : \"" + id + "\", \"results\" : " + results + "}}");
            Map<String, Object> told = JSON.std.mapFrom(client.receive());
            id = String.valueOf(told.get("resume"));
            at = ((Number) told.getOrDefault("samples", -1)).intValue();
            for (Object missed : (List<?>) told.getOrDefault("missed", List.of())) {
                answers.add(JSON.std.asString(missed));
            }
            return client;
        }

        void speak(WsClient client, int until) throws IOException {
            for (; at < until; at += 1600) {
                client.binary(TestKit.pcm(SOUND, at, Math.min(SOUND.length, at + 1600)));
                answers.add(client.receive());
            }
        }

        void end(WsClient client) throws IOException {
            speak(client, SOUND.length);
            client.text("{\"eof\" : 1}");
            answers.add(client.receive());
        }
    }

    private static String withPhrases() throws Exception {
        try (SpeechServer quiet = TestKit.server(b -> b)) {
            Client client = new Client();
            try (WsClient ws = client.connect(quiet.port())) {
                client.end(ws);
            }
            return TestKit.text(client.answers);
        }
    }

    @Test
    void aStreamWhoseConnectionBrokeGoesOnAfterItsServerWasKilled() throws Exception {
        Client client = new Client();
        Process victim = start();
        try (BufferedReader out = victim.inputReader()) {
            int port = Integer.parseInt(firstPort(out));
            try (WsClient ws = client.connect(port)) {
                client.speak(ws, 5 * RATE);
                ws.binary(TestKit.pcm(SOUND, client.at, client.at + 32_000)); // heard or not, the answer is lost
                ws.vanish();
            }
            assertTrue(TestKit.soon(() -> files() == 1), () -> "files: " + files());
        } finally {
            victim.destroyForcibly();
            victim.waitFor();
        }
        try (SpeechServer next = TestKit.server(b -> b.stateDir(folder));
                WsClient ws = client.connect(next.port())) {
            assertTrue(client.at >= 5 * RATE, "samples " + client.at);
            assertEquals(0, files(), "it is alive again");
            client.end(ws);
        }
        assertEquals(withPhrases(), TestKit.text(client.answers));
        assertEquals(0, files(), "it is over");
    }

    private Process start() throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--add-modules",
                        "jdk.incubator.vector",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Victim.class.getName(),
                        folder.toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    private static String firstPort(BufferedReader out) throws IOException {
        for (String line = out.readLine(); line != null; line = out.readLine()) {
            if (line.startsWith("port ")) {
                return line.substring(5);
            }
        }
        throw new IOException("the server did not start");
    }

    private long files() {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(f -> f.toString().endsWith(".stream")).count();
        } catch (IOException e) {
            return -1;
        }
    }

    @Test
    void streamsThatAreOpenWhenTheServerStopsGoOnWithTheNext() throws Exception {
        List<Client> clients = List.of(new Client(), new Client(), new Client());
        SpeechServer first = TestKit.server(b -> b.stateDir(folder));
        try (first) {
            List<WsClient> sockets = new ArrayList<>();
            for (Client client : clients) {
                sockets.add(client.connect(first.port()));
                client.speak(sockets.getLast(), (3 + sockets.size()) * RATE);
            }
            first.drain(Duration.ofMillis(50));
            for (WsClient socket : sockets) {
                assertEquals(1001, socket.closed().code());
                socket.close();
            }
        }
        assertEquals(3, files());
        String expected = withPhrases();
        try (SpeechServer next = TestKit.server(b -> b.stateDir(folder))) {
            for (Client client : clients) {
                try (WsClient ws = client.connect(next.port())) {
                    client.end(ws);
                }
                assertEquals(expected, TestKit.text(client.answers));
            }
        }
    }

    @Test
    void aDamagedFileIsToldToItsClientInOneLineAndDisturbsNobody() throws Exception {
        String id = "0123456789abcdef0123456789abcdef";
        Files.write(folder.resolve(id + ".stream"), new byte[] {'M', 'A', 'M', 'B', 'P', 'A', 'R', 'K', 0, 0, 0, 1});
        try (SpeechServer server = TestKit.server(b -> b.stateDir(folder))) {
            try (WsClient client = new WsClient(server.port())) {
                client.text("{\"config\" : {\"resume\" : \"" + id + "\"}}");
                WsClient.Closed closed = client.closed();
                assertEquals(1008, closed.code());
                assertEquals("the saved state of that stream is damaged; begin again", closed.reason());
            }
            assertEquals(ALONE, TestKit.transcribe(server.port(), SOUND, RATE, 1600));
        }
    }
}
