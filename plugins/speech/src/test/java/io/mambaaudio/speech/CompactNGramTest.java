package io.mambaaudio.speech;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CompactNGramTest {
    /** -Dmamba.fuzz=1000000 for a long run. */
    private static final int FUZZ_ROUNDS = Integer.getInteger("mamba.fuzz", 2000);

    private static final int WORDS = 150;

    @TempDir
    private Path folder;

    private NGram exact;
    private Path file;

    CompactNGramTest() throws IOException {
        exact = new ArrayNGram(new long[1], new int[] {-1}, new long[0][], new float[][] {{0}}, new float[0][], -1);
        file = Path.of("");
    }

    @BeforeEach
    void write() throws IOException {
        Path arpa = folder.resolve("random.arpa");
        Files.writeString(arpa, randomArpa(new SplittableRandom(3)), StandardCharsets.UTF_8);
        exact = NGram.read(arpa);
        file = folder.resolve("random.ngram");
        NGram.writeCompact(arpa, file);
    }

    /** A 3-gram model whose n-grams are there at random. */
    private static String randomArpa(SplittableRandom random) {
        List<String> one = new ArrayList<>(List.of("-99\t<s>\t-0.4", "-1.5\t</s>", "-2.5\t<unk>\t-0.2"));
        List<String> two = new ArrayList<>();
        List<String> three = new ArrayList<>();
        for (int i = 0; i < WORDS; i++) {
            one.add("%.4f\tw%d\t%.4f".formatted(-1 - 3 * random.nextDouble(), i, -random.nextDouble()));
            for (int j : random.ints(0, WORDS).distinct().limit(12).toArray()) {
                boolean leaf = random.nextBoolean();
                two.add("%.4f\tw%d w%d%s"
                        .formatted(
                                -3 * random.nextDouble(), i, j, leaf ? "" : "\t%.4f".formatted(-random.nextDouble())));
                for (int k :
                        random.ints(0, WORDS).distinct().limit(leaf ? 0 : 5).toArray()) {
                    three.add("%.4f\tw%d w%d w%d".formatted(-2 * random.nextDouble(), i, j, k));
                }
            }
        }
        return "\\data\\\nngram 1=%d\nngram 2=%d\nngram 3=%d\n\n\\1-grams:\n%s\n\n\\2-grams:\n%s\n\n\\3-grams:\n%s\n\n\\end\\\n"
                .formatted(
                        one.size(),
                        two.size(),
                        three.size(),
                        String.join("\n", one),
                        String.join("\n", two),
                        String.join("\n", three));
    }

    @Test
    void itSaysWhatTheArpaFileSaysButForTheRoundingToCodes() {
        NGram compact = NGram.read(file);
        assertInstanceOf(CompactNGram.class, compact);
        assertEquals(exact.order(), compact.order());
        for (int n = 1; n <= 3; n++) {
            assertEquals(exact.size(n), compact.size(n));
        }
        SplittableRandom random = new SplittableRandom(4);
        double worst = 0;
        for (int i = 0; i < 200_000; i++) {
            List<String> before =
                    List.of(i % 7 == 0 ? "<s>" : word(random), word(random)).subList(random.nextInt(3) / 2, 2);
            String word = i % 11 == 0 ? "</s>" : word(random);
            double difference = Math.abs(exact.logProbability(before, word) - compact.logProbability(before, word));
            worst = Math.max(worst, difference);
        }
        System.out.println("largest difference of ln p = " + worst);
        assertTrue(worst < 0.06, "ln p differs by " + worst); // three codes of tables over a range of 7 at most
    }

    private static String word(SplittableRandom random) {
        int i = random.nextInt(WORDS + 10);
        return i < WORDS ? "w" + i : "unknown" + i;
    }

    @Test
    void aLookupAllocatesNothing() {
        NGram compact = NGram.read(file);
        int[] context = {compact.wordOf(Pieces.hash("w3")), compact.wordOf(Pieces.hash("w4"))};
        Allocation.check(
                20_000, () -> Allocation.use((float) compact.score(context, 0, 2, compact.wordOf(Pieces.hash("w5")))));
    }

    /** As in the middle of a word: no word is handed out, but all is scored. */
    @Test
    void aSearchWithItAllocatesNothingUntilAWordIsFinished() {
        BeamOptions options = BeamOptions.of(16).withLanguageModel(NGram.read(file), 0.4, 0.5);
        CtcDecoder decoder = CtcDecoder.beam(Texts.LETTERS, options);
        float[][] rows = Texts.random(new SplittableRandom(7), 30, Texts.LETTERS.size(), 1);
        long[] step = {0};
        CtcDecoder.WordSink none = (text, first, last, confidence) -> {
            throw new AssertionError("a word: " + text);
        };
        Allocation.check(20_000, () -> {
            int row = (int) (step[0]++ % rows.length);
            if (row == 0) {
                decoder.reset();
            }
            decoder.accept(step[0], rows[row], none);
            Allocation.use(decoder.tentativeConfidence());
        });
    }

    @Test
    void everyCutShortIsRefusedInOneLine() throws IOException {
        byte[] good = Files.readAllBytes(file);
        for (int length = 0; length < good.length; length += length < 200 ? 1 : 997) {
            refused(java.util.Arrays.copyOf(good, length));
        }
        refused(java.util.Arrays.copyOf(good, good.length + 1));
    }

    private static void refused(byte[] bytes) {
        SpeechException e =
                assertThrows(SpeechException.class, () -> CompactNGram.of(MemorySegment.ofArray(bytes), "x.ngram"));
        assertTrue(e.getMessage().startsWith("language model x.ngram: ")
                && !e.getMessage().contains("\n"));
    }

    @Test
    void aSingleWrongBitIsFound() throws IOException {
        byte[] good = Files.readAllBytes(file);
        SplittableRandom random = new SplittableRandom(5);
        for (int i = 0; i < 200; i++) {
            byte[] bad = good.clone();
            bad[random.nextInt(bad.length)] ^= (byte) (1 << random.nextInt(8));
            refused(bad);
        }
    }

    /** Also what nobody wrote by accident, with a checksum that is right. */
    @Test
    void forgedFilesAreRefusedInOneLineOrHarmless() throws IOException {
        byte[] good = Files.readAllBytes(file);
        long seed = 6;
        System.out.println("seed=" + seed);
        SplittableRandom random = new SplittableRandom(seed);
        int refused = 0;
        for (int round = 0; round < FUZZ_ROUNDS; round++) {
            byte[] bad = good.clone();
            for (int n = random.nextInt(1, 4); n > 0; n--) {
                int reach = random.nextInt(3) == 0 ? bad.length : 200;
                bad[random.nextInt(reach)] = (byte) (random.nextBoolean() ? random.nextInt(256) : 0xff);
            }
            ByteBuffer.wrap(bad).order(ByteOrder.LITTLE_ENDIAN).putInt(12, checksum(bad));
            try {
                NGram model = CompactNGram.of(MemorySegment.ofArray(bad), "x.ngram");
                for (int i = 0; i < 50; i++) {
                    double p = model.logProbability(List.of(word(random), word(random)), word(random));
                    assertFalse(Double.isNaN(p));
                }
            } catch (SpeechException e) {
                assertFalse(e.getMessage().contains("\n"), e.getMessage());
                refused++;
            }
        }
        assertTrue(refused > FUZZ_ROUNDS / 4, "refused " + refused);
    }

    private static int checksum(byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, CompactFormat.CHECKED_FROM, bytes.length - CompactFormat.CHECKED_FROM);
        return (int) crc.getValue();
    }

    @Test
    void modelsOfOneAndTwoWordsAreWrittenToo() throws IOException {
        Path arpa = folder.resolve("small.arpa");
        Files.writeString(arpa, "\\data\\\nngram 1=2\n\n\\1-grams:\n-1 a\n-0.5 b\n\\end\\\n");
        NGram.writeCompact(arpa, file);
        assertEquals(-0.5 * Math.log(10), NGram.read(file).logProbability(List.of("a", "a"), "b"), 1e-6);
        Files.writeString(
                arpa,
                "\\data\\\nngram 1=2\nngram 2=1\n\n\\1-grams:\n-1 a -0.25\n-0.5 b\n\n\\2-grams:\n-0.1 a b\n\\end\\\n");
        NGram.writeCompact(arpa, file);
        NGram two = NGram.read(file);
        assertEquals(-0.1 * Math.log(10), two.logProbability(List.of("a"), "b"), 1e-6);
        assertEquals(-1.25 * Math.log(10), two.logProbability(List.of("a"), "a"), 1e-6);
    }

    @Test
    void whatCannotBeWrittenIsSaidInOneLine() {
        SpeechException twice = assertThrows(SpeechException.class, () -> NGram.writeCompact(file, file));
        assertTrue(twice.getMessage().contains("is compact already"), twice.getMessage());
        Path arpa = folder.resolve("random.arpa");
        SpeechException e =
                assertThrows(SpeechException.class, () -> NGram.writeCompact(arpa, folder.resolve("no/where")));
        assertTrue(e.getMessage().startsWith("cannot write "), e.getMessage());
    }
}
