package io.mambaaudio.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mambaaudio.example.Dictation;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.jr.ob.JSON;

/** The shipped model hears the shipped recording, by every way in. */
final class EndToEndTest {
    private static final int HEADER_BYTES = 44;

    @TempDir
    private Path folder;

    /** The recording: WAV, 16 bits, 16 kHz, one channel. */
    static byte[] sample() throws IOException {
        try (InputStream in = Objects.requireNonNull(Main.class.getResourceAsStream("sample.wav"))) {
            return in.readAllBytes();
        }
    }

    /** Its bare samples. */
    static byte[] samplePcm() throws IOException {
        byte[] wav = sample();
        return java.util.Arrays.copyOfRange(wav, HEADER_BYTES, wav.length);
    }

    private Path sampleFile() throws IOException {
        return Files.write(folder.resolve("sample.wav"), sample());
    }

    private static String run(byte[] standardInput, String... args) {
        TestTerminal terminal = TestTerminal.piped(standardInput);
        assertEquals(0, terminal.run(args), terminal.err());
        return terminal.out();
    }

    private static String run(String... args) {
        return run(new byte[0], args);
    }

    /** JSON Lines without the name of the input. */
    private static String events(String json) {
        return Pattern.compile("\"input\":\"[^\"]*\"").matcher(json).replaceAll("");
    }

    @Test
    void everyWayInGivesTheSameEvents() throws IOException {
        String shipped = events(run("transcribe", "--format", "json"));
        assertFalse(shipped.isBlank(), "no words");
        String file = sampleFile().toString();
        assertEquals(shipped, events(run("transcribe", "--format", "json", file)), "file");
        assertEquals(shipped, events(run(sample(), "transcribe", "--format", "json", "-")), "standard input");
        assertEquals(
                shipped,
                events(run(samplePcm(), "transcribe", "--format", "json", "--raw", "s16le:16000:1", "-")),
                "bare samples");
        assertEquals(shipped, events(run("transcribe", "--format", "json", "--paced", file)), "paced");
    }

    @Test
    void wordsHaveTimesInsideTheRecordingAndInOrder() throws IOException {
        double seconds = samplePcm().length / 2 / 16_000.0;
        double before = 0;
        for (String line : run("transcribe", "--format", "json").lines().toList()) {
            Map<String, Object> utterance = JSON.std.mapFrom(line);
            StringBuilder text = new StringBuilder();
            for (Object each : (List<?>) Objects.requireNonNull(utterance.get("words"))) {
                Map<?, ?> word = (Map<?, ?>) each;
                double start = number(word, "start");
                double end = number(word, "end");
                assertTrue(before <= start && start < end && end <= seconds, line);
                assertTrue(number(word, "confidence") > 0 && number(word, "confidence") <= 1, line);
                before = start;
                text.append(text.isEmpty() ? "" : " ").append(word.get("text"));
            }
            assertEquals(utterance.get("text"), text.toString());
        }
    }

    private static double number(Map<?, ?> fields, String name) {
        return ((Number) Objects.requireNonNull(fields.get(name))).doubleValue();
    }

    @Test
    void bothShippedModelsHaveAName() throws IOException {
        String text = run("transcribe");
        assertEquals(text, run("transcribe", "--model", "base"));
        assertEquals(text, run("transcribe", "--model", "tiny"), "an easy recording, which both understand");
    }

    @Test
    void severalFilesGiveALineEachAndTheSameTextTwice() throws IOException {
        String file = sampleFile().toString();
        List<String> lines =
                run("transcribe", "--format", "tsv", file, file).lines().toList();
        assertEquals(2, lines.size());
        assertEquals(lines.get(0), lines.get(1));
        assertEquals(file + "\t" + run("transcribe").strip().replace('\n', ' '), lines.get(0));
    }

    @Test
    void theOutputCanGoToAFile() throws IOException {
        Path subtitles = folder.resolve("talk.srt");
        assertEquals("", run("transcribe", "--format", "srt", "-o", subtitles.toString()));
        assertTrue(Files.readString(subtitles).startsWith("1\n00:00:0"), Files.readString(subtitles));
    }

    @Test
    void scalarAndVectorSayTheSame() {
        assertEquals(run("transcribe", "--backend", "vector"), run("transcribe", "--backend", "SCALAR"));
    }

    @Test
    void theReadmesExamplePrintsTheText() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PrintStream before = System.out;
        try (PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8)) {
            System.setOut(out);
            Dictation.main(new String[] {folder.toString(), sampleFile().toString()});
        } finally {
            System.setOut(before);
        }
        assertEquals(run("transcribe"), bytes.toString(StandardCharsets.UTF_8));
    }

    @Test
    void onATerminalTheTextSettlesAndStays() {
        TestTerminal terminal = TestTerminal.live();
        assertEquals(0, terminal.run("transcribe"), terminal.err());
        assertTrue(terminal.out().contains("\033[2m"), "nothing was tentative");
        for (String line : run("transcribe").lines().toList()) {
            assertTrue(terminal.out().contains(line + "\n"), line);
        }
    }

    @Test
    void soakHoldsHeapAndState() {
        TestTerminal terminal = TestTerminal.piped();
        int code = terminal.run("soak", "--hours", "0.01", "--json");
        Map<String, Object> report = JSON.std.mapFrom(terminal.out());
        assertEquals(10, ((List<?>) Objects.requireNonNull(report.get("rows"))).size());
        List<?> broken = (List<?>) Objects.requireNonNull(report.get("broken"));
        assertEquals(broken.isEmpty() ? 0 : 1, code);
        // The time of a step depends on who else uses this machine, so it is not for a test.
        assertTrue(broken.stream().allMatch(line -> line.toString().contains("step")), broken.toString());
    }

    @Test
    void benchTimesEveryBackendAndPrecision() {
        String table = run("bench", "--seconds", "0.1");
        for (String row : List.of("scalar +f32", "vector +f32", "scalar +int8", "vector +int8")) {
            assertTrue(
                    Pattern.compile(row + " +\\d+\\.\\d{3} +\\d+\\.\\d{3} +\\d+ +\\d+\\.\\d")
                            .matcher(table)
                            .find(),
                    table);
        }
        assertTrue(
                Pattern.compile("sound to text.* \\d+ x real time")
                        .matcher(table)
                        .find(),
                table);
    }

    @Test
    void latencyIsMeasuredOverThePartialTexts() {
        TestTerminal terminal = TestTerminal.piped();
        int code = terminal.run("bench", "--latency", "--seconds", "8");
        assertTrue(code == 0 || code == 1, terminal.err()); // a busy machine may be late
        assertTrue(
                Pattern.compile("p99 +\\d+\\.\\d ms +\\(limit 60\\)")
                        .matcher(terminal.out())
                        .find(),
                terminal.out());
    }
}
