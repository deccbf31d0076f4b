package io.mambaaudio.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mambaaudio.models.Parallel;
import io.mambaaudio.models.train.Keep;
import io.mambaaudio.models.train.Network;
import io.mambaaudio.models.train.NetworkConfig;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code generate} and {@code perplexity}, with an untrained model of bytes. */
final class LanguageCommandsTest {
    @TempDir
    Path folder;

    private Path model;

    @BeforeEach
    void writeModel() throws IOException {
        model = folder.resolve("model.safetensors");
        Network.create(NetworkConfig.mamba1(256, 16, 1), 1, Keep.INPUT, Parallel.SERIAL)
                .write(model, false);
    }

    @Test
    void oneSeedGivesOneText() {
        String first = generate("7");
        assertEquals(first, generate("7"));
        assertTrue(!first.equals(generate("8")));
        assertTrue(first.startsWith("The snake"), first);
    }

    @Test
    void theModelThatShipsWritesWordsAndForetellsEnglish() throws IOException {
        TestTerminal terminal = TestTerminal.piped();
        assertEquals(
                0, terminal.run("generate", "\"I am afraid", "--tokens", "60", "--temperature", "0"), terminal.err());
        assertTrue(terminal.out().matches("(?s)\"I am afraid( [a-zA-Z]+)+.*"), terminal.out());
        Path text = Files.writeString(folder.resolve("text.txt"), ENGLISH);
        TestTerminal other = TestTerminal.piped();
        assertEquals(0, other.run("perplexity", text.toString()));
        assertTrue(bits(other.out(), "this model") < 2.2, other.out());
        assertTrue(bits(other.out(), "gzip -9") > 4, other.out());
    }

    /** Written for this test, in lines as long as books have them. */
    private static final String ENGLISH = """
            The old man looked out of the window for some time before he
            answered.  There was no one in the street, and the rain had
            stopped.  He said that he did not remember the name of the house,
            but that he would know the way to it again.
            """;

    private String generate(String seed) {
        TestTerminal terminal = TestTerminal.piped();
        int code = terminal.run("generate", model.toString(), "The snake", "--tokens", "50", "--seed", seed);
        assertEquals(0, code, terminal.err());
        assertTrue(terminal.err().contains("50 tokens") && terminal.err().contains("--seed " + seed), terminal.err());
        return terminal.out();
    }

    @Test
    void anUntrainedModelNeedsAboutEightBitsForAByte() throws IOException {
        Path text = Files.writeString(folder.resolve("text.txt"), "the same words again and again. ".repeat(100));
        TestTerminal terminal = TestTerminal.piped();
        assertEquals(0, terminal.run("perplexity", model.toString(), text.toString(), "--markov", text.toString()));
        String out = terminal.out();
        assertEquals(8, bits(out, "this model"), 0.2);
        assertTrue(bits(out, "gzip -9") < 0.3, out);
        assertTrue(bits(out, "Markov, order 5") < 0.1, out);
    }

    private static double bits(String out, String name) {
        String line = out.lines().filter(l -> l.startsWith(name)).findFirst().orElseThrow();
        return Double.parseDouble(
                line.substring(name.length(), line.indexOf(" bits")).strip());
    }

    @Test
    void gzipIsCountedAsGzipWrites() throws IOException {
        Path text =
                Files.writeString(folder.resolve("text.txt"), "It was the best of times, it was the worst of times.");
        ByteArrayOutputStream zipped = new ByteArrayOutputStream();
        try (var gzip = new java.util.zip.GZIPOutputStream(zipped)) {
            gzip.write(Files.readAllBytes(text));
        }
        TestTerminal terminal = TestTerminal.piped();
        terminal.run("perplexity", model.toString(), text.toString());
        assertEquals(8.0 * zipped.size() / Files.size(text), bits(terminal.out(), "gzip -9"), 0.0001);
    }

    @Test
    void mistakesAreOneLine() {
        TestTerminal terminal = TestTerminal.piped();
        assertEquals(2, terminal.run("generate", model.toString(), "x", "--top-p", "0"));
        assertEquals(
                2,
                terminal.run(
                        "perplexity",
                        model.toString(),
                        folder.resolve("none.txt").toString()));
        assertEquals(2, terminal.err().lines().count(), terminal.err());
    }

    @Test
    void aCharacterIsPrintedWhenItIsWhole() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
        TokenPrinter printer = new TokenPrinter(out);
        byte[] snake = "\ud83d\udc0d!".getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < 3; i++) {
            printer.print(new byte[] {snake[i]});
            assertEquals(0, bytes.size());
        }
        printer.print(new byte[] {snake[3], snake[4], snake[0]});
        printer.end();
        assertEquals("\ud83d\udc0d!\ufffd", bytes.toString(StandardCharsets.UTF_8));
    }
}
