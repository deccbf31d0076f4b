package io.mambaaudio.speech;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mambaaudio.models.Mamba;
import io.mambaaudio.models.Parallel;
import io.mambaaudio.speech.Adaptation.Example;
import io.mambaaudio.speech.Adaptation.Options;
import io.mambaaudio.speech.Adaptation.Outcome;
import io.mambaaudio.speech.Adaptation.Progress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A tiny model that knows nothing learns that a low tone is an "a" and a high one a "b". */
final class AdaptationTest {
    private static final int RATE = 16_000;
    private static final double SECONDS = 2.5;
    private static final Parallel POOL =
            (parts, body) -> IntStream.range(0, parts).parallel().forEach(body);

    @TempDir
    private Path folder;

    private Path model;

    @BeforeEach
    void writeModel() throws IOException {
        model = TinyModel.write(folder.resolve("tiny.safetensors"), 1);
    }

    private static Options options(long seed) {
        return new Options(Optional.empty(), 0, 0.2, seed, Duration.ofMinutes(5));
    }

    static List<Example> tones(int count) {
        SplittableRandom random = new SplittableRandom(7);
        List<Example> examples = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            String[] words = {random.nextBoolean() ? "a" : "b", random.nextBoolean() ? "a" : "b"};
            float[] mono = new float[(int) (SECONDS * RATE)];
            for (int t = 0; t < mono.length; t++) {
                int word = t / (mono.length / 2 + 1);
                double along = t % (mono.length / 2) / (mono.length / 2.0);
                double hz = words[word].equals("a") ? 300 : 2500;
                boolean sounds = along > 0.2 && along < 0.7;
                mono[t] = (float)
                        ((sounds ? 0.3 * Math.sin(2 * Math.PI * hz * t / RATE) : 0) + 1e-3 * random.nextGaussian());
            }
            examples.add(new Example("tone " + i, mono, RATE, String.join(" ", words)));
        }
        return examples;
    }

    @Test
    void theHeldOutLossFallsAndTheSourceStaysAsItIs() throws IOException {
        byte[] before = Files.readAllBytes(model);
        List<Progress> heard = new ArrayList<>();
        try (Adaptation adaptation = Adaptation.of(model, tones(20), options(1), POOL)) {
            assertEquals(4, adaptation.heldOut().size());
            assertEquals(16, adaptation.learnt().size());
            Outcome outcome = adaptation.run(heard::add);
            assertTrue(outcome.after() < 0.8 * outcome.before(), outcome.toString());
            assertFalse(outcome.outOfTime());
            assertEquals(outcome.epochs() + 1, heard.size());
            assertEquals(outcome.after(), heard.get(outcome.bestEpoch()).heldOut());
            Path file = adaptation.write(folder.resolve("out"), "adapted to tones");
            assertEquals(
                    TinyModel.PIECES,
                    Mamba.open(file).vocabulary().orElseThrow().pieces());
        }
        assertArrayEquals(before, Files.readAllBytes(model));
    }

    @Test
    void oneSeedGivesOneModelWhateverTheThreads() throws IOException {
        byte[] first = adapted(1, POOL);
        assertArrayEquals(first, adapted(1, Parallel.SERIAL));
        assertFalse(Arrays.equals(first, adapted(2, POOL)));
    }

    private byte[] adapted(long seed, Parallel parallel) throws IOException {
        try (Adaptation adaptation = Adaptation.of(model, tones(14), options(seed), parallel)) {
            adaptation.run(progress -> {});
            return Files.readAllBytes(adaptation.write(folder.resolve("out"), "adapted"));
        }
    }

    @Test
    void timeEndsIt() {
        Options hasty = new Options(Optional.of(1), 2, 0.2, 1, Duration.ZERO);
        try (Adaptation adaptation = Adaptation.of(model, tones(14), hasty, POOL)) {
            Outcome outcome = adaptation.run(progress -> {});
            assertTrue(outcome.outOfTime() && outcome.epochs() == 1 && outcome.bestEpoch() == 1, outcome.toString());
        }
    }

    @Test
    void mistakesAreNamed() {
        List<Example> good = tones(14);
        assertMistake("found 1 recording", good.subList(0, 1));
        assertMistake("found 5.0 s of speech", good.subList(0, 2));
        assertMistake("tone 3: the model cannot write \"o\" in \"box\"", with(good, "a box"));
        assertMistake("tone 3 has no text", with(good, " ... "));
        assertMistake("tone 3 lasts 2.5 s, too short for the 60 words", with(good, "a ".repeat(60)));
        List<Example> longOne = new ArrayList<>(good);
        longOne.add(new Example("speech", new float[61 * RATE], RATE, "a"));
        assertMistake("speech lasts 61 s; cut it", longOne);
    }

    private static List<Example> with(List<Example> good, String text) {
        List<Example> examples = new ArrayList<>(good);
        Example third = good.get(3);
        examples.set(3, new Example(third.name(), third.mono(), RATE, text));
        return examples;
    }

    private void assertMistake(String words, List<Example> examples) {
        String message = String.valueOf(
                assertThrows(SpeechException.class, () -> Adaptation.of(model, examples, options(1), POOL))
                        .getMessage());
        assertTrue(message.contains(words), message);
    }
}
