package io.mambaaudio.server;

import io.mambaaudio.models.Backend;
import io.mambaaudio.models.Mamba;
import io.mambaaudio.speech.EndpointRules;
import io.mambaaudio.speech.GateRules;
import io.mambaaudio.speech.Transcriber;
import io.mambaaudio.speech.TranscriptEvent;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import tools.jackson.jr.ob.JSON;

/**
 * A tiny random model that writes words when it hears sound (tiny.safetensors is the bytes of TinyModel of the speech module's tests,
 * seed 7), sound for it, and what it writes without any server.
 */
final class TestKit {
    private static final Mamba MODEL = model();
    private static final EndpointRules QUICK = new EndpointRules(0.2, 0.2, 6, 5, false);

    private TestKit() {}

    private static Mamba model() {
        try (InputStream in = Objects.requireNonNull(TestKit.class.getResourceAsStream("tiny.safetensors"))) {
            Path file = Files.createTempFile("tiny", ".safetensors");
            try {
                Files.write(file, in.readAllBytes());
                return Mamba.open(file);
            } finally {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Transcriber.Builder recogniser() {
        return Transcriber.builder(MODEL)
                .backend(Backend.SCALAR)
                .gateRules(new GateRules(0, -200))
                .endpointRules(QUICK);
    }

    /** On ports that are free, with patience for a machine that has much else to do. */
    static SpeechServer server(UnaryOperator<SpeechServer.Builder> more) throws InterruptedException {
        return more.apply(SpeechServer.builder(TestKit::recogniser)
                        .patience(Duration.ofSeconds(10))
                        .port(0)
                        .wyomingPort(OptionalInt.of(0)))
                .start();
    }

    /** Bursts of tones and noise between near silence: 16-bit samples. */
    static short[] sound(long seed, int rateHz, double seconds) {
        short[] out = new short[(int) (seconds * rateHz)];
        SplittableRandom random = new SplittableRandom(seed);
        double level = 0;
        double hz = 300;
        double phase = 0;
        for (int i = 0; i < out.length; i++) {
            if (i % (rateHz / 7) == 0) {
                level = random.nextInt(3) == 0 ? 0.0005 : random.nextDouble(0.02, 0.4);
                hz = random.nextDouble(100, 3000);
            }
            phase += 2 * Math.PI * hz / rateHz;
            out[i] = (short) (20_000 * level * (Math.sin(phase) + 0.3 * random.nextDouble(-1, 1)));
        }
        return out;
    }

    static byte[] pcm(short[] samples, int from, int to) {
        ByteBuffer bytes = ByteBuffer.allocate(2 * (to - from)).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = from; i < to; i++) {
            bytes.putShort(samples[i]);
        }
        return bytes.array();
    }

    static byte[] wav(short[] samples, int rateHz) {
        ByteBuffer header = ByteBuffer.allocate(44).order(ByteOrder.LITTLE_ENDIAN);
        header.put("RIFF".getBytes(StandardCharsets.US_ASCII)).putInt(36 + 2 * samples.length);
        header.put("WAVEfmt ".getBytes(StandardCharsets.US_ASCII)).putInt(16);
        header.putShort((short) 1).putShort((short) 1).putInt(rateHz).putInt(2 * rateHz);
        header.putShort((short) 2).putShort((short) 16);
        header.put("data".getBytes(StandardCharsets.US_ASCII)).putInt(2 * samples.length);
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        file.writeBytes(header.array());
        file.writeBytes(pcm(samples, 0, samples.length));
        return file.toByteArray();
    }

    /** What the transcriber writes by itself. */
    static List<TranscriptEvent.Final> alone(short[] samples, int rateHz) {
        float[] mono = new float[samples.length];
        for (int i = 0; i < mono.length; i++) {
            mono[i] = samples[i] / 32768f;
        }
        try (Transcriber transcriber = recogniser().build()) {
            return transcriber.transcribe(mono, rateHz);
        }
    }

    static String text(List<TranscriptEvent.Final> finals) {
        return finals.stream().map(TranscriptEvent.Final::text).collect(Collectors.joining(" "));
    }

    /** One message of sound after the other, each with its answer, and the last answer. */
    static List<String> converse(WsClient client, short[] samples, int block) throws IOException {
        List<String> answers = new ArrayList<>();
        for (int at = 0; at < samples.length; at += block) {
            client.binary(pcm(samples, at, Math.min(samples.length, at + block)));
            answers.add(client.receive());
        }
        client.text("{\"eof\" : 1}");
        answers.add(client.receive());
        return answers;
    }

    /** The texts of all results among the answers, in order. */
    static String text(Iterable<String> answers) throws IOException {
        List<String> texts = new ArrayList<>();
        for (String answer : answers) {
            Object text = JSON.std.mapFrom(answer).get("text");
            if (text instanceof String said && !said.isEmpty()) {
                texts.add(said);
            }
        }
        return String.join(" ", texts);
    }

    /** A whole recording over the WebSocket. */
    static String transcribe(int port, short[] samples, int rateHz, int block) throws IOException {
        try (WsClient client = new WsClient(port)) {
            client.text("{\"config\" : {\"sample_rate\" : " + rateHz + "}}");
            return text(converse(client, samples, block));
        }
    }

    /** Waits until it is true, ten seconds at most. */
    static boolean soon(Callable<Boolean> condition) throws Exception {
        for (int i = 0; i < 200; i++) {
            if (condition.call()) {
                return true;
            }
            Thread.sleep(50);
        }
        return false;
    }

    static short[] part(short[] samples, int from, int to) {
        return Arrays.copyOfRange(samples, from, Math.min(to, samples.length));
    }
}
