package io.mambaaudio.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mambaaudio.speech.TranscriptEvent.Final;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.jr.ob.JSON;

@Timeout(60)
final class VoskProtocolTest {
    private static final int RATE = 16_000;
    private static final short[] SOUND = TestKit.sound(3, RATE, 8);
    private static SpeechServer server;

    @BeforeAll
    static void start() throws InterruptedException {
        server = TestKit.server(b -> b);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static WsClient client() throws IOException {
        return new WsClient(server.port());
    }

    @ParameterizedTest
    @CsvSource({"16000,3200", "16000,16000", "16000,333", "8000,1600", "44100,4410", "48000,4800"})
    void theTextIsTheSameAsWithoutAServer(int rateHz, int block) throws IOException {
        short[] sound = TestKit.sound(5, rateHz, 6);
        String alone = TestKit.text(TestKit.alone(sound, rateHz));
        assertFalse(alone.isEmpty());
        assertEquals(alone, TestKit.transcribe(server.port(), sound, rateHz, block));
    }

    @Test
    void everyMessageOfSoundHasOneAnswer() throws IOException {
        byte[] pcm = TestKit.pcm(SOUND, 0, SOUND.length);
        List<String> answers = new ArrayList<>();
        try (WsClient client = client()) {
            int[] sizes = {0, 1, 3, 3200, 7, 6401, 0, 20_000, 1};
            int at = 0;
            for (int i = 0; at < pcm.length; i++) {
                byte[] piece = new byte[Math.min(sizes[i % sizes.length], pcm.length - at)];
                System.arraycopy(pcm, at, piece, 0, piece.length);
                at += piece.length;
                client.binary(piece);
                answers.add(client.receive());
            }
            client.text("{\"eof\" : 1}");
            answers.add(client.receive());
            WsClient.Closed closed = assertThrows(WsClient.Closed.class, client::receive);
            assertEquals(1000, closed.code());
        }
        assertEquals(TestKit.text(TestKit.alone(SOUND, RATE)), TestKit.text(answers));
        assertTrue(answers.stream().anyMatch(a -> a.startsWith("{\"partial\":\"")), answers.toString());
    }

    @Test
    void aMessageMayComeInFragments() throws IOException {
        byte[] pcm = TestKit.pcm(SOUND, 0, SOUND.length);
        try (WsClient client = client()) {
            client.frame(WsClient.TEXT, false, "{\"config\" : ".getBytes(java.nio.charset.StandardCharsets.UTF_8));
            client.frame(
                    WsClient.CONTINUATION, true, "{\"words\" : 0}}".getBytes(java.nio.charset.StandardCharsets.UTF_8));
            client.frame(WsClient.BINARY, false, java.util.Arrays.copyOf(pcm, 1001));
            client.frame(WsClient.CONTINUATION, false, java.util.Arrays.copyOfRange(pcm, 1001, 5000));
            client.frame(WsClient.CONTINUATION, true, java.util.Arrays.copyOfRange(pcm, 5000, pcm.length));
            List<String> answers = new ArrayList<>(List.of(client.receive()));
            client.text("{\"eof\" : 1}");
            answers.add(client.receive());
            assertEquals(TestKit.text(TestKit.alone(SOUND, RATE)), TestKit.text(answers));
            assertFalse(answers.toString().contains("\"result\""), answers.toString());
        }
    }

    @Test
    void wordsHaveTheirTimes() throws IOException {
        List<Final> alone = TestKit.alone(SOUND, RATE);
        List<String> answers;
        try (WsClient client = client()) {
            client.text("{\"config\" : {\"sample_rate\" : 16000.0, \"words\" : true}}");
            answers = TestKit.converse(client, SOUND, 1600);
        }
        List<String> words = new ArrayList<>();
        for (String answer : answers) {
            if (JSON.std.mapFrom(answer).get("result") instanceof List<?> list) {
                list.forEach(entry -> {
                    Map<?, ?> word = (Map<?, ?>) entry;
                    words.add(word.get("word") + " " + word.get("start") + " " + word.get("end"));
                });
            }
        }
        List<String> expected = alone.stream()
                .flatMap(f -> f.words().stream())
                .map(w -> w.text() + " " + Math.round(w.startSeconds() * 1000) / 1000.0 + " "
                        + Math.round(w.endSeconds() * 1000) / 1000.0)
                .toList();
        assertEquals(expected, words);
    }

    @Test
    void alternativesComeAsAList() throws IOException {
        try (WsClient client = client()) {
            client.text("{\"config\" : {\"max_alternatives\" : 3}}");
            List<String> answers = TestKit.converse(client, SOUND, SOUND.length);
            assertTrue(answers.getLast().startsWith("{\"alternatives\":[{"), answers.getLast());
        }
    }

    @Test
    void aListOfPhrasesIsTaken() throws IOException {
        try (WsClient client = client()) {
            client.text("{\"config\" : {\"phrase_list\" : [\"cab bad\", \"a bee\", \"[unk]\"]}}");
            List<String> answers = TestKit.converse(client, SOUND, 16_000);
            assertFalse(TestKit.text(answers).isEmpty());
        }
    }

    @Test
    void aResetEndsTheUtteranceAndTheStreamGoesOn() throws IOException {
        try (WsClient client = client()) {
            client.binary(TestKit.pcm(SOUND, 0, SOUND.length));
            List<String> answers = new ArrayList<>(List.of(client.receive()));
            client.text("{\"reset\" : 1}");
            answers.add(client.receive());
            answers.addAll(TestKit.converse(client, SOUND, SOUND.length));
            String alone = TestKit.text(TestKit.alone(SOUND, RATE));
            assertEquals(alone + " " + alone, TestKit.text(answers));
        }
    }

    @Test
    void aPingIsAnsweredWithinAStream() throws IOException {
        try (WsClient client = client()) {
            client.frame(9, true, new byte[] {1, 2, 3});
            IOException pong = assertThrows(IOException.class, client::receive);
            assertEquals("opcode 10", pong.getMessage());
        }
    }

    @Test
    void aStreamGoesOnAfterItsConnectionBroke() throws Exception {
        short[] sound = TestKit.sound(11, RATE, 20);
        List<String> answers = new ArrayList<>();
        String id = "";
        int at = 0;
        int cuts = 0;
        for (int part = 1; part <= 4; part++) {
            try (WsClient client = client()) {
                client.text(
                        id.isEmpty()
                                ? "{\"config\" : {\"sample_rate\" : 16000, \"resume\" : true}}"
                                : "{\"config\" : {\"resume\" : \"" + id + "\", \"results\" : " + results(answers)
                                        + "}}");
                Map<String, Object> told = JSON.std.mapFrom(client.receive());
                id = String.valueOf(told.get("resume"));
                at = ((Number) told.getOrDefault("samples", -1)).intValue();
                for (Object missed : (List<?>) told.getOrDefault("missed", List.of())) {
                    answers.add(JSON.std.asString(missed));
                }
                int until = part == 4 ? sound.length : part * sound.length / 4;
                for (; at < until; at += 1600) {
                    client.binary(TestKit.pcm(sound, at, Math.min(sound.length, at + 1600)));
                    answers.add(client.receive());
                }
                if (part == 4) {
                    client.text("{\"eof\" : 1}");
                    answers.add(client.receive());
                } else {
                    // heard or not, the answer is lost with the connection
                    client.binary(TestKit.pcm(sound, at, Math.min(sound.length, at + 32_000)));
                    client.vanish();
                    cuts++;
                }
            }
        }
        assertEquals(3, cuts);
        assertEquals(TestKit.text(TestKit.alone(sound, RATE)), TestKit.text(answers));
        assertTrue(TestKit.soon(() -> server.openStreams() == 0));
    }

    private static long results(List<String> answers) {
        return answers.stream().filter(a -> !a.startsWith("{\"partial\"")).count();
    }

    @Test
    void aConnectionThatOnlySeemsToBeThereGivesItsStreamUp() throws IOException {
        try (WsClient first = client();
                WsClient second = client()) {
            first.text("{\"config\" : {\"resume\" : true}}");
            String id = String.valueOf(JSON.std.mapFrom(first.receive()).get("resume"));
            List<String> answers = new ArrayList<>();
            first.binary(TestKit.pcm(SOUND, 0, 48_000));
            answers.add(first.receive());
            second.text("{\"config\" : {\"resume\" : \"" + id + "\", \"results\" : " + results(answers) + "}}");
            assertEquals(48_000, JSON.std.mapFrom(second.receive()).get("samples"));
            answers.addAll(TestKit.converse(second, TestKit.part(SOUND, 48_000, SOUND.length), 1600));
            assertEquals(TestKit.text(TestKit.alone(SOUND, RATE)), TestKit.text(answers));
        }
    }

    @Test
    void aStreamThatNobodyKnowsCannotBeResumed() throws IOException {
        try (WsClient client = client()) {
            client.text("{\"config\" : {\"resume\" : \"0123456789abcdef\"}}");
            WsClient.Closed closed = client.closed();
            assertEquals(1008, closed.code());
            assertEquals("no stream of that name can be resumed; begin again", closed.reason());
        }
    }
}
