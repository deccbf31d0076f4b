package io.mambaaudio.demo;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code reproduce}: what it reads and how it asks; the experiments themselves take minutes and more. */
final class ReproduceCommandTest {
    @TempDir
    Path folder;

    @Test
    void aGenomeIsItsBasesWithoutNamesAndUnknownOnes() {
        byte[] fasta = ">seq 1 ACGT\nACgt\r\nNNTT\n>two\nGA".getBytes(StandardCharsets.US_ASCII);
        assertArrayEquals(new byte[] {0, 1, 2, 3, 3, 3, 2, 0}, Genome.bases(fasta));
    }

    @Test
    void aTableOfContextsFindsARepeatAndNothingInNoise() throws IOException {
        Genome repeat = Genome.read(genome("ACGGTTAC".repeat(20_000)));
        assertTrue(repeat.countedBits(6) < 0.01, () -> "bits=" + repeat.countedBits(6));
        Genome noise = Genome.read(genome(random(200_000)));
        assertEquals(2, noise.countedBits(2), 0.01);
    }

    private static String random(int bases) {
        return new Random(3)
                .ints(bases, 0, 4)
                .mapToObj(i -> "ACGT".substring(i, i + 1))
                .collect(Collectors.joining());
    }

    private Path genome(String bases) throws IOException {
        Path file = folder.resolve("genome.fna.gz");
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
            out.write((">a genome\n" + bases + "\n").getBytes(StandardCharsets.US_ASCII));
        }
        return file;
    }

    @Test
    void aStepOfDnaMakesATableAndAPlot() throws IOException {
        Path file = genome("ACGGTTAC".repeat(15_000));
        TestTerminal terminal = TestTerminal.piped();
        String out = folder.resolve("out").toString();
        int code = terminal.run(
                "reproduce", "dna", "--genome", file.toString(), "--models", "attention", "--steps", "1", "--out", out);
        assertEquals(0, code, terminal.err());
        assertTrue(
                terminal.out().contains("attention") && terminal.out().contains("table of 10 bases"), terminal.out());
        assertTrue(Files.readString(folder.resolve("out/dna.svg")).contains("</svg>"));
    }

    @Test
    void mistakesAreOneLine() {
        mistake("dna needs a genome", "dna");
        mistake("experiment chess is not known", "chess");
        mistake("--models llama is not in this experiment", "induction-heads", "--models", "llama");
    }

    private void mistake(String message, String... arguments) {
        TestTerminal terminal = TestTerminal.piped();
        String[] all = IntStream.range(0, arguments.length + 3)
                .mapToObj(i -> i == 0
                        ? "reproduce"
                        : i <= arguments.length
                                ? arguments[i - 1]
                                : i == arguments.length + 1 ? "--out" : folder.toString())
                .toArray(String[]::new);
        assertEquals(2, terminal.run(all));
        assertTrue(terminal.err().contains(message), terminal.err());
        assertEquals(1, terminal.err().lines().count(), terminal.err());
    }

    @Test
    void tasksAskForWhatStandsInTheText() {
        SplittableRandom random = new SplittableRandom(5);
        var copying = SyntheticTask.SELECTIVE_COPYING.batch(random, 1, 3, 10);
        int[] data = java.util.Arrays.stream(copying.tokens())
                .limit(10)
                .filter(t -> t > 1)
                .toArray();
        assertArrayEquals(data, java.util.Arrays.copyOfRange(copying.targets(), 10, 13));
        var induction = SyntheticTask.INDUCTION_HEADS.batch(random, 1, 0, 50);
        int[] tokens = induction.tokens();
        int place =
                IntStream.range(0, 50).filter(i -> tokens[i] == 15).findFirst().orElseThrow();
        assertEquals(tokens[place + 1], induction.targets()[49]);
    }
}
