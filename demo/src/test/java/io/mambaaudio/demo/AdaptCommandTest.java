package io.mambaaudio.demo;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code adapt} with a tiny model: a low tone is an "a", a high one a "b". */
final class AdaptCommandTest {
    private static final int RATE = 16_000;
    private static final double SECONDS = 3;

    @TempDir
    private Path folder;

    private Path model;
    private Path voice;
    private Path out;

    @BeforeEach
    void writeModel() throws IOException {
        model = folder.resolve("tiny.safetensors");
        try (InputStream tiny =
                Objects.requireNonNull(AdaptCommandTest.class.getResourceAsStream("tiny.safetensors"))) {
            Files.copy(tiny, model);
        }
        voice = Files.createDirectory(folder.resolve("voice"));
        out = folder.resolve("adapted");
    }

    private void record(int count) throws IOException {
        SplittableRandom random = new SplittableRandom(7);
        for (int i = 0; i < count; i++) {
            boolean high = random.nextBoolean();
            short[] samples = new short[(int) (SECONDS * RATE)];
            for (int t = 0; t < samples.length; t++) {
                boolean sounds = t > RATE / 2 && t < 2 * RATE;
                double tone = Math.sin(2 * Math.PI * (high ? 2500 : 300) * t / RATE);
                samples[t] = (short) ((sounds ? 10_000 * tone : 0) + 30 * random.nextGaussian());
            }
            Files.write(voice.resolve(i + ".wav"), BadInputTest.wav(RATE, 1, samples));
            Files.writeString(voice.resolve(i + ".txt"), high ? "B.\n" : "A!\n");
        }
    }

    private TestTerminal run(int code, Path recordings, String... more) {
        TestTerminal terminal = TestTerminal.piped();
        String[] args = new String[more.length + 6];
        String[] first = {"adapt", recordings.toString(), "--model", model.toString(), "-o", out.toString()};
        System.arraycopy(first, 0, args, 0, first.length);
        System.arraycopy(more, 0, args, first.length, more.length);
        assertEquals(code, terminal.run(args), terminal.err());
        return terminal;
    }

    @Test
    void whatIsWrittenIsAModelThatTranscribes() throws IOException {
        record(12);
        byte[] before = Files.readAllBytes(model);
        String report = run(0, voice, "--hold-out", "0.25", "--keep-anyway").out();
        assertTrue(report.contains("loss, nats a piece") && report.contains("of 3 words"), report);
        assertArrayEquals(before, Files.readAllBytes(model));
        TestTerminal terminal = TestTerminal.piped();
        assertEquals(
                0,
                terminal.run(
                        "transcribe",
                        "--model",
                        out.toString(),
                        "--beam",
                        "1",
                        voice.resolve("0.wav").toString()),
                terminal.err());
        assertTrue(run(2, voice).err().contains("is there already"));
    }

    @Test
    void whatDoesNotGetBetterIsNotKept() throws IOException {
        record(12);
        // one epoch at the least, and words that have nothing to do with the sound
        for (int i = 0; i < 12; i++) {
            Files.writeString(voice.resolve(i + ".txt"), i % 2 == 0 ? "a b ca a" : "ca ca b");
        }
        TestTerminal terminal = TestTerminal.piped();
        int code = terminal.run(
                "adapt", voice.toString(), "--model", model.toString(), "-o", out.toString(), "--minutes", "0.0001");
        boolean kept = Files.exists(out.resolve("model.safetensors"));
        assertEquals(kept ? 0 : 1, code, terminal.err());
        assertEquals(!kept, terminal.err().contains("nothing is kept"), terminal.err());
    }

    @Test
    void aTableOfFilesAndTextsIsReadToo() throws IOException {
        record(12);
        StringBuilder table = new StringBuilder("file\ttext\n");
        for (int i = 0; i < 12; i++) {
            table.append("voice/").append(i).append(".wav\tab\n");
        }
        Path texts = Files.writeString(folder.resolve("texts.tsv"), table);
        TestTerminal terminal = TestTerminal.piped();
        terminal.run(
                "adapt", texts.toString(), "--model", model.toString(), "-o", out.toString(), "--minutes", "0.0001");
        assertTrue(
                terminal.err().contains("10 recordings, 0.5 min, to learn; 2, 0.1 min, held out; seed 1"),
                terminal.err());
    }

    @Test
    void mistakesAreOneLine() throws IOException {
        assertMistake("no recording with a text", voice);
        record(1);
        assertMistake("found 1 recording", voice);
        record(12);
        Files.writeString(voice.resolve("3.txt"), "abba 21");
        assertMistake("cannot write", voice);
        Files.writeString(voice.resolve("3.txt"), " ");
        assertMistake("3.wav has no text", voice);
        Files.write(voice.resolve("3.wav"), BadInputTest.wav(RATE, 1));
        assertMistake("3.wav has no sound", voice);
        assertMistake("cannot be read", folder.resolve("none.tsv"));
        Path table = Files.writeString(folder.resolve("texts.tsv"), "voice/0.wav a\n");
        assertMistake("line 1: found no tab", table);
        assertMistake("--hold-out 0.9 is out of range", voice, "--hold-out", "0.9");
        assertMistake("--minutes 0.0 is out of range", voice, "--minutes", "0");
        assertFalse(Files.exists(out));
    }

    private void assertMistake(String words, Path recordings, String... more) {
        String err = run(2, recordings, more).err();
        assertTrue(err.contains(words), err);
        assertEquals(1, err.lines().count(), err);
    }
}
