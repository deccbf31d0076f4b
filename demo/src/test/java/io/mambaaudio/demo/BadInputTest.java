package io.mambaaudio.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a user gets for a mistake: one line that names it, exit code 2, no stack trace, no wait. */
final class BadInputTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @TempDir
    private Path folder;

    /** One line on standard error that contains these words. */
    private static void assertMistake(String words, String... args) {
        TestTerminal terminal = TestTerminal.piped();
        int code = assertTimeoutPreemptively(PATIENCE, () -> terminal.run(args));
        assertOneLine(terminal, words);
        assertEquals(2, code, terminal.err());
    }

    private static void assertOneLine(TestTerminal terminal, String words) {
        assertTrue(terminal.err().startsWith("mamba-audio: "), terminal.err());
        assertTrue(terminal.err().contains(words), () -> terminal.err() + "lacks: " + words);
        assertEquals(1, terminal.err().lines().count(), terminal.err());
        assertFalse(terminal.err().contains("Exception"), terminal.err());
        assertFalse(terminal.err().contains("\tat "), terminal.err());
    }

    private Path file(String name, byte[] bytes) throws IOException {
        return Files.write(folder.resolve(name), bytes);
    }

    /** A WAV file of 16 bits. */
    static byte[] wav(int rateHz, int channels, short... samples) {
        ByteBuffer wav = ByteBuffer.allocate(44 + 2 * samples.length).order(ByteOrder.LITTLE_ENDIAN);
        wav.put("RIFF".getBytes(StandardCharsets.US_ASCII)).putInt(36 + 2 * samples.length);
        wav.put("WAVEfmt ".getBytes(StandardCharsets.US_ASCII)).putInt(16);
        wav.putShort((short) 1).putShort((short) channels).putInt(rateHz);
        wav.putInt(rateHz * channels * 2).putShort((short) (channels * 2)).putShort((short) 16);
        wav.put("data".getBytes(StandardCharsets.US_ASCII)).putInt(2 * samples.length);
        for (short sample : samples) {
            wav.putShort(sample);
        }
        return wav.array();
    }

    @Test
    void aMissingFile() {
        assertMistake("nowhere.wav", "transcribe", folder.resolve("nowhere.wav").toString());
    }

    @Test
    void aFolder() {
        assertMistake(folder.toString(), "transcribe", folder.toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"empty.wav", "empty.flac", "empty.mp3", "empty.opus", "empty.aiff", "empty.au", "empty"})
    void anEmptyFile(String name) throws IOException {
        assertMistake(name, "transcribe", file(name, new byte[0]).toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"random.wav", "random.flac", "random.mp3", "random.opus", "random.txt"})
    void randomBytes(String name) throws IOException {
        byte[] bytes = new byte[100_000];
        new Random(7).nextBytes(bytes);
        assertMistake(name, "transcribe", file(name, bytes).toString());
    }

    @ParameterizedTest
    @CsvSource({"random.wav,RIFF", "random.flac,fLaC", "random.mp3,ID3", "random.opus,OggS", "random.aiff,FORM"})
    void randomBytesBehindARightBeginning(String name, String magic) throws IOException {
        byte[] bytes = new byte[100_000];
        new Random(8).nextBytes(bytes);
        System.arraycopy(magic.getBytes(StandardCharsets.US_ASCII), 0, bytes, 0, magic.length());
        assertMistake(name, "transcribe", file(name, bytes).toString());
    }

    @Test
    void aWavFileThatIsCutShort() throws IOException {
        byte[] whole = wav(16_000, 1, new short[16_000]);
        assertMistake(
                "cut.wav",
                "transcribe",
                file("cut.wav", Arrays.copyOf(whole, 20_001)).toString());
    }

    @Test
    void oneSampleIsSilenceAndNoMistake() throws IOException {
        TestTerminal terminal = TestTerminal.piped();
        assertEquals(
                0,
                terminal.run(
                        "transcribe", file("one.wav", wav(16_000, 1, (short) 5)).toString()));
        assertEquals("", terminal.out());
        assertEquals("", terminal.err());
    }

    @Test
    void aFileWithoutASampleIsAMistakeOrSilence() throws IOException {
        TestTerminal terminal = TestTerminal.piped();
        int code = terminal.run("transcribe", file("none.wav", wav(16_000, 1)).toString());
        assertEquals("", terminal.out());
        assertEquals(code == 0 ? 0 : 1, terminal.err().lines().count(), terminal.err());
        assertTrue(code == 0 || code == 2, terminal.err());
    }

    @Test
    void veryFastAndWideSoundIsTakenAsItIs() throws IOException {
        TestTerminal terminal = TestTerminal.piped();
        byte[] wide = wav(192_000, 8, new short[192_000 * 8 / 4]);
        assertEquals(0, terminal.run("transcribe", file("wide.wav", wide).toString()), terminal.err());
        assertEquals("", terminal.out());
    }

    @Test
    void aModelThatDoesNotHear() throws IOException {
        Path wrong = Files.createDirectory(folder.resolve("wrong"));
        assertMistake("wrong", "transcribe", "--model", wrong.toString());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 7, 8, 9, 100, 5000})
    void aModelOfBadBytes(int length) throws IOException {
        byte[] bytes = new byte[length];
        new Random(9).nextBytes(bytes);
        assertMistake(
                "bad.safetensors",
                "transcribe",
                "--model",
                file("bad.safetensors", bytes).toString());
    }

    @Test
    void aModelThatIsCutShort() throws IOException {
        byte[] whole = Files.readAllBytes(ShippedFiles.speechModel());
        Path cut = file("cut.safetensors", Arrays.copyOf(whole, whole.length / 2));
        assertMistake("cut.safetensors", "transcribe", "--model", cut.toString());
    }

    @Test
    void standardInputWithoutSound() {
        TestTerminal terminal = TestTerminal.piped(new byte[0]);
        assertEquals(2, terminal.run("transcribe", "-"));
        assertOneLine(terminal, "standard input");
    }

    @Test
    void standardInputOfRandomBytes() {
        byte[] bytes = new byte[10_000];
        new Random(10).nextBytes(bytes);
        TestTerminal terminal = TestTerminal.piped(bytes);
        assertEquals(2, terminal.run("transcribe", "-"));
        assertOneLine(terminal, "standard input");
    }

    @ParameterizedTest
    @CsvSource({
        "--raw s16le:16000:1, add - as FILE",
        "--format docx, docx",
        "--backend quantum, quantum",
        "--beam 0, out of range",
        "--beam many, many",
        "--hotwords nowhere.txt, nowhere.txt",
        "--lm nowhere.arpa, nowhere.arpa",
        "--mic talk.wav, exclude each other",
        "-o no/such/folder/x.txt, no/such/folder/x.txt",
        "--speed 2, --speed",
        "--backend cuda, choose backend=auto"
    })
    void anOptionThatCannotBe(String options, String words) throws IOException {
        String[] given = options.split(" ", -1);
        String[] args = new String[given.length + 2];
        args[0] = "transcribe";
        System.arraycopy(given, 0, args, 1, given.length);
        args[args.length - 1] = file("talk.wav", wav(16_000, 1, new short[100])).toString();
        assertMistake(words, args);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"s16le", "s16le:16000", "s16le:fast:1", "s17le:16000:1", "s16le:0:1", "s16le:16000:99", "::"})
    void aRawFormatThatCannotBe(String raw) {
        assertMistake("", "transcribe", "--raw", raw, "-");
    }

    @Test
    void subtitlesOfTwoFiles() {
        assertMistake("--format srt holds one input", "transcribe", "--format", "srt", "a.wav", "b.wav");
    }

    @Test
    void aTableGoesOnAfterAFileThatFails() throws IOException {
        Path silent = file("silent.wav", wav(16_000, 1, new short[8_000]));
        Path bad = file("bad.wav", new byte[50]);
        TestTerminal terminal = TestTerminal.piped();
        int code = terminal.run("transcribe", "--format", "tsv", silent.toString(), bad.toString(), silent.toString());
        assertEquals(silent + "\t\n" + bad + "\t\n" + silent + "\t\n", terminal.out());
        assertEquals(2, code);
        assertOneLine(terminal, "bad.wav");
    }

    @ParameterizedTest
    @CsvSource({
        "bench --seconds 0",
        "bench --seconds NaN",
        "soak --hours 0",
        "soak --hours -1",
        "check . x --tolerance 7"
    })
    void anAmountOutOfRange(String line) {
        assertMistake("out of range", line.split(" ", -1));
    }

    @Test
    void checkOfAnythingElse() throws IOException {
        assertMistake(
                "",
                "check",
                folder.toString(),
                file("x.safetensors", new byte[30]).toString());
    }
}
