package io.mambaaudio.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every way to misbehave ends that client, with a reason, and changes nothing for a neighbour. */
@Timeout(60)
final class FaultsTest {
    private static final int RATE = 16_000;
    private static final int MESSAGE_LIMIT = 1 << 16;
    private static final short[] SOUND = TestKit.sound(3, RATE, 4);
    private static final String ALONE = TestKit.text(TestKit.alone(SOUND, RATE));
    private static final byte[] BLOCK = TestKit.pcm(SOUND, 0, 1600);
    private static SpeechServer server;

    @BeforeAll
    static void start() throws InterruptedException {
        server = TestKit.server(b -> b.maxStreams(8)
                .maxMessageBytes(MESSAGE_LIMIT)
                .idle(Duration.ofSeconds(2))
                .stall(Duration.ofSeconds(1)));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @FunctionalInterface
    private interface Misdeed {
        void commit() throws Exception;
    }

    /** Somebody transcribes over and over while it happens, and once more after it. */
    private static void besideANeighbour(Misdeed misdeed) throws Exception {
        AtomicBoolean over = new AtomicBoolean();
        try (ExecutorService neighbours = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Integer> neighbour = neighbours.submit(() -> {
                int rounds = 0;
                for (boolean last = false; !last; rounds++) {
                    last = over.get();
                    assertEquals(ALONE, TestKit.transcribe(server.port(), SOUND, RATE, 1600), "round " + rounds);
                }
                return rounds;
            });
            try {
                misdeed.commit();
            } finally {
                over.set(true);
            }
            assertTrue(neighbour.get() >= 1);
        }
        assertTrue(
                TestKit.soon(() -> server.openStreams() == 0), () -> server.openStreams() + " streams were left open");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "hello | the text message is not a JSON object; send {\"config\":{...}}",
                "null | the text message is not a JSON object; send {\"config\":{...}}",
                "[1, 2] | the text message is not a JSON object; send {\"config\":{...}}",
                "{} | the message has no config, eof or reset; send one of them",
                "{\"config\":{\"sample_rate\":1}} | sample_rate=1.0 is out of range; choose 4000 to 192000",
                "{\"config\":{\"sample_rate\":1e400}} | sample_rate=Infinity is out of range; choose 4000 to 192000",
                "{\"config\":{\"sample_rate\":\"x\"}} | sample_rate is not a number",
                "{\"config\":{\"phrase_list\":7}} | phrase_list is not a list of strings",
            })
    void garbageClosesWithAReason(String message, String reason) throws Exception {
        besideANeighbour(() -> {
            try (WsClient client = new WsClient(server.port())) {
                client.text(message);
                WsClient.Closed closed = client.closed();
                assertEquals(1008, closed.code());
                assertEquals(reason, closed.reason());
            }
        });
    }

    @Test
    void anOversizedMessageClosesWithAReason() throws Exception {
        besideANeighbour(() -> {
            try (WsClient client = new WsClient(server.port())) {
                client.binary(new byte[10 * MESSAGE_LIMIT]);
                assertEquals(1009, client.closed().code());
            }
            try (WsClient client = new WsClient(server.port())) {
                client.frame(WsClient.BINARY, false, new byte[MESSAGE_LIMIT]);
                client.frame(WsClient.CONTINUATION, true, new byte[2]);
                WsClient.Closed closed = client.closed();
                assertEquals(1009, closed.code());
                assertEquals("message of more than 65536 bytes; send smaller ones, of 0.1 s say", closed.reason());
            }
        });
    }

    @Test
    void framesThatAreNoneCloseTheirClient() throws Exception {
        long seed = 5;
        SplittableRandom random = new SplittableRandom(seed);
        besideANeighbour(() -> {
            for (int round = 0; round < 30; round++) {
                try (WsClient client = new WsClient(server.port())) {
                    byte[] noise = new byte[random.nextInt(1, 400)];
                    random.nextBytes(noise);
                    noise[0] |= 0x40; // a reserved bit, so it can't be a frame by chance
                    client.raw(noise, noise.length);
                    assertEquals(1002, client.closed().code(), "seed=" + seed + " round=" + round);
                }
            }
        });
    }

    @Test
    void bytesThatAreNoHttpCloseTheirClient() throws Exception {
        long seed = 6;
        SplittableRandom random = new SplittableRandom(seed);
        besideANeighbour(() -> {
            for (int round = 0; round < 30; round++) {
                try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
                    socket.setSoTimeout(10_000);
                    byte[] noise = new byte[random.nextInt(1, 3000)];
                    random.nextBytes(noise);
                    noise[noise.length - 1] = '\n';
                    socket.getOutputStream().write(noise);
                    assertEnds(socket);
                }
            }
        });
    }

    /** Whatever comes, or a reset, the end comes too. */
    private static void assertEnds(Socket socket) {
        try {
            while (socket.getInputStream().read() >= 0) {
                // an answer that says so
            }
        } catch (java.net.SocketTimeoutException e) {
            throw new AssertionError("the server keeps the connection", e);
        } catch (IOException e) {
            // reset
        }
    }

    @Test
    void whoSendsHalfARequestIsClosed() throws Exception {
        besideANeighbour(() -> {
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
                socket.setSoTimeout(10_000);
                socket.getOutputStream().write("GET / HTT".getBytes(StandardCharsets.US_ASCII));
                assertEnds(socket);
            }
        });
    }

    @Test
    void aClientThatFallsSilentIsClosedWithAReason() throws Exception {
        besideANeighbour(() -> {
            try (WsClient client = new WsClient(server.port())) {
                client.binary(BLOCK);
                WsClient.Closed closed = client.closed();
                assertEquals(1008, closed.code());
                assertTrue(closed.reason().contains(" for 2 s"), closed.reason());
            }
        });
    }

    @Test
    void aClientThatOnlyPingsIsClosedToo() throws Exception {
        besideANeighbour(() -> {
            try (WsClient client = new WsClient(server.port())) {
                client.binary(BLOCK);
                String reason = "";
                for (int i = 0; i < 12 && reason.isEmpty(); i++) {
                    Thread.sleep(500);
                    client.frame(9, true, new byte[1]);
                    reason = reasonIfClosed(client);
                }
                assertEquals("no sound for 2 s; connect again when there is some", reason);
            }
        });
    }

    private static String reasonIfClosed(WsClient client) {
        try {
            while (true) {
                var _ = client.receive();
            }
        } catch (WsClient.Closed e) {
            return e.reason();
        } catch (IOException e) {
            return ""; // a pong
        }
    }

    @Test
    void aReaderThatDoesNotReadIsCutOff() throws Exception {
        long before = closedFor("slow_reader");
        besideANeighbour(() -> {
            try (WsClient client = new WsClient(server.port())) {
                IOException cut = assertThrows(IOException.class, () -> {
                    for (int i = 0; i < 1_000_000; i++) {
                        client.binary(new byte[0]);
                    }
                });
                assertTrue(cut.getMessage() != null, cut::toString);
            }
        });
        assertTrue(
                TestKit.soon(() -> closedFor("slow_reader") == before + 1), "slow_reader " + closedFor("slow_reader"));
    }

    private static long closedFor(String reason) throws Exception {
        String line = "mamba_audio_clients_closed_total{reason=\"" + reason + "\"} ";
        return Http.get(server.port(), "/metrics")
                .body()
                .lines()
                .filter(l -> l.startsWith(line))
                .mapToLong(l -> Long.parseLong(l.substring(line.length())))
                .findFirst()
                .orElse(0);
    }

    @Test
    void aFloodOfSoundHasOnlyTheTimeThatOthersLeave() throws Exception {
        besideANeighbour(() -> {
            try (WsClient client = new WsClient(server.port())) {
                byte[] second = new byte[2 * RATE];
                for (int i = 0; i < 300; i++) {
                    client.binary(second);
                    client.receive();
                }
            }
        });
    }

    @Test
    void clientsThatVanishLeaveNothingBehind() throws Exception {
        besideANeighbour(() -> {
            for (int i = 0; i < 60; i++) {
                WsClient client = new WsClient(server.port());
                client.binary(i % 2 == 0 ? BLOCK : Arrays.copyOf(BLOCK, 100));
                if (i % 3 == 0) {
                    client.receive();
                }
                client.vanish();
            }
        });
    }

    /** Open sockets on which nothing moves any more: a cable was pulled, or a phone left the house. */
    @Test
    void socketsThatAreHalfOpenAreClosedWhereverTheyFellSilent() throws Exception {
        long idle = closedFor("idle");
        besideANeighbour(() -> {
            try (Socket silent = new Socket(InetAddress.getLoopbackAddress(), server.port());
                    WsClient shaken = new WsClient(server.port());
                    WsClient inAFrame = new WsClient(server.port());
                    WsClient inAMessage = new WsClient(server.port())) {
                silent.setSoTimeout(10_000);
                inAFrame.binary(BLOCK);
                inAFrame.raw(new byte[] {(byte) 0x82, (byte) 0xfe, 0x0c}, 3); // a length that breaks off
                inAMessage.frame(WsClient.BINARY, false, BLOCK); // to be continued
                for (WsClient client : List.of(shaken, inAFrame, inAMessage)) {
                    WsClient.Closed closed = client.closed();
                    assertEquals(1008, closed.code());
                    assertEquals("no sound for 2 s; connect again when there is some", closed.reason());
                }
                assertEnds(silent);
            }
        });
        assertTrue(TestKit.soon(() -> closedFor("idle") == idle + 3), "idle " + closedFor("idle"));
    }

    @Test
    void whoHasAWrongTokenIsTurnedAwayAndTheOwnerIsNotDisturbed() throws Exception {
        String token = "a token of some length";
        try (SpeechServer guarded = TestKit.server(b -> b.tokens(List.of(token)));
                ExecutorService owners = Executors.newVirtualThreadPerTaskExecutor()) {
            AtomicBoolean over = new AtomicBoolean();
            Future<Integer> owner = owners.submit(() -> {
                int rounds = 0;
                for (boolean last = false; !last; rounds++) {
                    last = over.get();
                    try (WsClient client =
                            new WsClient(guarded.port(), "/", Map.of("Authorization", "Bearer " + token))) {
                        assertEquals(ALONE, TestKit.text(TestKit.converse(client, SOUND, 1600)));
                    }
                }
                return rounds;
            });
            for (int i = 0; i < 100; i++) {
                Map<String, String> wrong = Map.of("Authorization", "Bearer " + token.substring(i % 7 + 1));
                WsClient.Closed closed =
                        assertThrows(WsClient.Closed.class, () -> new WsClient(guarded.port(), "/", wrong));
                assertEquals(401, closed.code());
                assertEquals("HTTP/1.1 401 Unauthorized", closed.reason());
            }
            over.set(true);
            assertTrue(owner.get() >= 1);
            assertTrue(TestKit.soon(() -> guarded.openStreams() == 0));
        }
    }

    /** Half of them say something and wait for the answer, the others hang up at once. */
    @Test
    void aHundredConnectionsInASecondDisturbNobody() throws Exception {
        besideANeighbour(() -> {
            List<Future<String>> answers = new ArrayList<>();
            try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
                for (int i = 0; i < 100; i++) {
                    boolean stays = i % 2 == 0;
                    answers.add(clients.submit(() -> {
                        try (WsClient client = new WsClient(server.port())) {
                            if (!stays) {
                                client.vanish();
                                return "vanished";
                            }
                            client.text("{\"eof\" : 1}");
                            String answer = client.receive();
                            assertEquals(1000, client.closed().code());
                            return answer;
                        }
                    }));
                    Thread.sleep(10);
                }
                for (int i = 0; i < 100; i++) {
                    assertEquals(
                            i % 2 == 0 ? "{\"text\":\"\"}" : "vanished",
                            answers.get(i).get());
                }
            }
        });
    }

    @Test
    void streamsThatCannotBeginTakeNoPlace() throws Exception {
        besideANeighbour(() -> {
            for (int i = 0; i < 40; i++) { // more than there are places in all lanes
                String answer = Http.post(server.port(), "/v1/transcribe?encoding=s16le&rate=10", BLOCK)
                        .body();
                assertTrue(answer.contains("sound of 10 Hz cannot be brought to the model's 16000 Hz"), answer);
            }
        });
    }

    @Test
    void oneStreamTooManyIsRefusedWithAReasonAndTheOthersGoOn() throws Exception {
        try (SpeechServer small = TestKit.server(b -> b.maxStreams(2));
                WsClient first = new WsClient(small.port());
                WsClient second = new WsClient(small.port())) {
            first.binary(BLOCK);
            first.receive();
            second.binary(BLOCK);
            second.receive();
            try (WsClient third = new WsClient(small.port())) {
                third.binary(BLOCK);
                assertEquals("{\"error\":\"2 streams are open already; try again later\"}", third.receive());
                assertEquals(1013, third.closed().code());
            }
            assertEquals(503, Http.get(small.port(), "/readyz").statusCode());
            first.text("{\"eof\" : 1}");
            first.closed();
            assertTrue(TestKit.soon(() -> small.openStreams() == 1));
            assertEquals(ALONE, TestKit.transcribe(small.port(), SOUND, RATE, 1600));
            List<String> rest = TestKit.converse(second, TestKit.part(SOUND, 1600, SOUND.length), 1600);
            assertEquals(ALONE, TestKit.text(rest));
        }
    }

    @Test
    void oneConnectionTooManyIsTurnedAway() throws Exception {
        try (SpeechServer small = TestKit.server(b -> b.maxConnections(3))) {
            List<WsClient> clients = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                clients.add(new WsClient(small.port()));
            }
            WsClient.Closed closed =
                    assertThrows(WsClient.Closed.class, () -> new WsClient(small.port(), "/", Map.of()));
            assertEquals(503, closed.code());
            for (WsClient client : clients) {
                client.vanish();
            }
            assertTrue(TestKit.soon(() -> {
                try {
                    new WsClient(small.port()).vanish();
                    return true;
                } catch (WsClient.Closed e) {
                    return false;
                }
            }));
        }
    }

    @Test
    void aServerThatStopsTellsWhatItHeard() throws Exception {
        SpeechServer stopping = TestKit.server(b -> b);
        try (WsClient client = new WsClient(stopping.port())) {
            client.binary(TestKit.pcm(SOUND, 0, SOUND.length));
            List<String> answers = new ArrayList<>(List.of(client.receive()));
            stopping.drain(Duration.ofMillis(100));
            answers.add(client.receive());
            assertEquals(ALONE, TestKit.text(answers));
            assertEquals(1001, client.closed().code());
        } finally {
            stopping.close();
        }
    }
}
