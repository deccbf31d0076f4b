package io.mambaaudio.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.jr.ob.JSON;

@Timeout(60)
final class WyomingTest {
    private static final int RATE = 16_000;
    private static final short[] SOUND = TestKit.sound(3, RATE, 8);
    private static SpeechServer server;

    @BeforeAll
    static void start() throws InterruptedException {
        server = TestKit.server(b -> b.idle(Duration.ofSeconds(2)));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    /** Sends and reads events as the protocol has them on the wire. */
    private static final class Client implements AutoCloseable {
        private final Socket socket = new Socket(
                InetAddress.getLoopbackAddress(), server.wyomingPort().orElseThrow());
        private final DataInputStream in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));

        Client() throws IOException {
            socket.setSoTimeout(15_000);
        }

        void send(String type, Map<String, Object> data, byte[] payload) throws IOException {
            Map<String, Object> header = new LinkedHashMap<>();
            header.put("type", type);
            byte[] body = data.isEmpty() ? new byte[0] : JSON.std.asBytes(data);
            header.put("data_length", body.length);
            header.put("payload_length", payload.length);
            raw(JSON.std.asString(header) + "\n");
            socket.getOutputStream().write(body);
            socket.getOutputStream().write(payload);
        }

        void raw(String text) throws IOException {
            socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
        }

        /** The next event: its data, with its type under "type". */
        Map<String, Object> receive() throws IOException {
            StringBuilder line = new StringBuilder();
            for (int b = in.read(); b != '\n'; b = in.read()) {
                if (b < 0) {
                    return Map.of("type", "closed");
                }
                line.append((char) b);
            }
            Map<String, Object> header = JSON.std.mapFrom(line.toString());
            int length = ((Number) header.getOrDefault("data_length", 0)).intValue();
            Map<String, Object> event = new LinkedHashMap<>();
            if (length > 0) {
                event.putAll(JSON.std.mapFrom(in.readNBytes(length)));
            }
            event.put("type", header.getOrDefault("type", ""));
            return event;
        }

        /** A recording; gives the chunks of its transcript, and last the whole. */
        List<String> transcribe(short[] sound, int channels, int chunkFrames) throws IOException {
            Map<String, Object> format = Map.of("rate", RATE, "width", 2, "channels", channels);
            send("transcribe", Map.of("language", "en"), new byte[0]);
            send("audio-start", format, new byte[0]);
            int chunk = chunkFrames * channels;
            for (int at = 0; at < sound.length; at += chunk) {
                send("audio-chunk", format, TestKit.pcm(sound, at, Math.min(sound.length, at + chunk)));
            }
            send("audio-stop", Map.of(), new byte[0]);
            List<String> texts = new ArrayList<>();
            assertEquals("transcript-start", receive().get("type"));
            Map<String, Object> event = receive();
            for (; "transcript-chunk".equals(event.get("type")); event = receive()) {
                texts.add(String.valueOf(event.get("text")));
            }
            assertEquals("transcript", event.get("type"));
            texts.add(String.valueOf(event.get("text")));
            assertEquals("transcript-stop", receive().get("type"));
            return texts;
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1024, 333, 16_000})
    void theTranscriptIsTheSameAsWithoutAServer(int chunkFrames) throws IOException {
        try (Client client = new Client()) {
            for (int round = 0; round < 2; round++) {
                List<String> texts = client.transcribe(SOUND, 1, chunkFrames);
                assertEquals(TestKit.text(TestKit.alone(SOUND, RATE)), texts.getLast());
                assertEquals(texts.getLast(), String.join("", texts.subList(0, texts.size() - 1)));
                assertFalse(texts.getLast().isEmpty());
            }
        }
    }

    @Test
    void twoChannelsAreMixed() throws IOException {
        short[] stereo = new short[2 * SOUND.length];
        for (int i = 0; i < SOUND.length; i++) {
            stereo[2 * i] = SOUND[i];
            stereo[2 * i + 1] = SOUND[i];
        }
        try (Client client = new Client()) {
            assertEquals(
                    TestKit.text(TestKit.alone(SOUND, RATE)),
                    client.transcribe(stereo, 2, 1000).getLast());
        }
    }

    @Test
    void itSaysWhatItIs() throws IOException {
        try (Client client = new Client()) {
            client.send("describe", Map.of(), new byte[0]);
            Map<String, Object> info = client.receive();
            assertEquals("info", info.get("type"));
            String asr = JSON.std.asString(info.getOrDefault("asr", List.of()));
            assertTrue(asr.contains("\"supports_transcript_streaming\":true"), asr);
            assertTrue(asr.contains("\"languages\":[\"en\"]"), asr);
            client.send("ping", Map.of("text", "anybody?"), new byte[0]);
            assertEquals(Map.of("text", "anybody?", "type", "pong"), client.receive());
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "hello | the event is not a line of JSON; is this the Wyoming protocol?",
                "null | the event is not a line of JSON; is this the Wyoming protocol?",
                "[] | the event is not a line of JSON; is this the Wyoming protocol?",
                "{} | the event has no type; send {\"type\":\"...\"}",
                "{\"type\":\"audio-stop\"} | audio-stop without audio-start; send audio-start first",
                "{\"type\":\"audio-start\",\"data\":{\"rate\":16000,\"width\":4,\"channels\":1}} | width=4 is out of range; choose 2 to 2",
                "{\"type\":\"audio-start\",\"data\":{\"rate\":1,\"width\":2,\"channels\":1}} | rate=1 is out of range; choose 4000 to 192000",
                "{\"type\":\"audio-chunk\",\"payload_length\":-1} | payload_length=-1 is out of range; choose 0 to 1048576",
                "{\"type\":\"audio-chunk\",\"payload_length\":1e12} | payload_length=1.0E12 is out of range; choose 0 to 1048576",
            })
    void garbageIsAnsweredWithAReasonAndClosed(String line, String reason) throws Exception {
        try (Client client = new Client()) {
            client.raw(line + "\n");
            Map<String, Object> error = client.receive();
            assertEquals("error", error.get("type"));
            assertEquals(reason, error.get("text"));
            client.socket.shutdownOutput();
            assertEquals("closed", client.receive().get("type"));
        }
        assertTrue(TestKit.soon(() -> server.openStreams() == 0));
    }

    @Test
    void whoFallsSilentIsClosedWithAReason() throws Exception {
        try (Client client = new Client()) {
            client.send("audio-start", Map.of("rate", RATE, "width", 2, "channels", 1), new byte[0]);
            assertEquals("transcript-start", client.receive().get("type"));
            Map<String, Object> error = client.receive();
            assertEquals("error", error.get("type"));
            assertTrue(String.valueOf(error.get("text")).contains(" for 2 s"), error::toString);
        }
        assertTrue(TestKit.soon(() -> server.openStreams() == 0));
    }
}
