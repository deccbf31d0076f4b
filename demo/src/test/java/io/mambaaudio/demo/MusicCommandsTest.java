package io.mambaaudio.demo;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.imageio.ImageIO;
import javax.sound.midi.InvalidMidiDataException;
import javax.sound.midi.MidiSystem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code continue} and {@code jam}, with a model that is no musician. */
final class MusicCommandsTest {
    private static final int HEADER = 44;
    private static final Path MODEL =
            Path.of("../plugins/music/src/test/resources/io/mambaaudio/music/tiny.safetensors");

    @TempDir
    Path folder;

    /** A tune of decaying tones, four a second, as 16-bit WAV. */
    private Path tune(int rate, int channels, double seconds) throws IOException {
        short[] samples = new short[((int) (seconds * rate)) * channels];
        for (int i = 0; i < samples.length / channels; i++) {
            double t = (double) i / rate;
            double sinceNote = t % 0.25;
            double hz = 220 * Math.pow(2, (int) (t / 0.25) % 8 / 12.0);
            Arrays.fill(samples, i * channels, (i + 1) * channels, (short)
                    (8000 * Math.exp(-5 * sinceNote) * Math.sin(2 * Math.PI * hz * sinceNote)));
        }
        return Files.write(folder.resolve("tune.wav"), BadInputTest.wav(rate, channels, samples));
    }

    private Path out(String name) {
        return folder.resolve(name);
    }

    private static TestTerminal run(int expected, Object... args) {
        TestTerminal terminal = TestTerminal.piped();
        String[] words = Arrays.stream(args).map(Object::toString).toArray(String[]::new);
        assertEquals(expected, terminal.run(words), terminal.err());
        return terminal;
    }

    private byte[] continued(Path prompt, int seed, String name) throws IOException {
        run(0, "continue", "--model", MODEL, prompt, "--seconds", 1, "--seed", seed, "-o", out(name));
        return Files.readAllBytes(out(name));
    }

    @Test
    void oneSeedGivesOneFileAndThePromptStandsAtItsBeginning() throws IOException {
        Path prompt = tune(44_100, 2, 2);
        byte[] first = continued(prompt, 7, "a.wav");
        assertArrayEquals(first, continued(prompt, 7, "b.wav"));
        assertFalse(Arrays.equals(first, continued(prompt, 8, "c.wav")));
        byte[] heard = Files.readAllBytes(prompt);
        int untouched = ((int) (1.97 * 44_100)) * 4;
        int skip = first.length - 3 * 44_100 * 4; // its header
        for (int i = 0; i < untouched; i += 2) {
            int difference = sample(heard, HEADER + i) - sample(first, skip + i);
            assertTrue(Math.abs(difference) <= 1, "sample " + i / 2 + " differs by " + difference);
        }
        double power = 0;
        for (int i = skip + heard.length - HEADER; i < first.length; i += 2) {
            power += Math.pow(sample(first, i), 2);
        }
        assertTrue(power > 0, "the continuation is silent");
    }

    private static int sample(byte[] wav, int at) {
        return ByteBuffer.wrap(wav).order(ByteOrder.LITTLE_ENDIAN).getShort(at);
    }

    @Test
    void variantsNotesAndPicturesAreWrittenBeside() throws IOException, InvalidMidiDataException {
        Path wav = out("v.wav");
        TestTerminal terminal = run(
                0,
                "continue",
                "--model",
                MODEL,
                "--sample",
                "quartet",
                "--prompt",
                2,
                "--seconds",
                1.5,
                "--seed",
                3,
                "--variants",
                2,
                "--density",
                8,
                "--only-continuation",
                "-o",
                wav,
                "--midi",
                out("v.mid"),
                "--plot",
                out("v.png"));
        assertEquals(2, terminal.out().lines().count(), terminal.out());
        assertTrue(terminal.out().contains("heard 2.0 s, played on 1.5 s, seed 4"), terminal.out());
        byte[] one = Files.readAllBytes(out("v-1.wav"));
        byte[] two = Files.readAllBytes(out("v-2.wav"));
        assertEquals(one.length, two.length);
        assertFalse(Arrays.equals(one, two));
        assertEquals(48_000 * 2 * 1.5, one.length, 100); // Opus is at 48 kHz
        int messages =
                MidiSystem.getSequence(out("v-2.mid").toFile()).getTracks()[0].size();
        assertTrue(messages > 6 && messages % 2 == 1, messages + " messages: notes on, as many off, and the end");
        BufferedImage picture = ImageIO.read(out("v-2.png").toFile());
        assertEquals(256, picture.getHeight());
        assertEquals(140, picture.getWidth());
    }

    @Test
    void withoutAModelOneLineSaysHowToGetOne() {
        TestTerminal terminal = run(2, "continue", "--sample", "piano");
        assertTrue(terminal.err().contains("--model FILE"), terminal.err());
        assertEquals(1, terminal.err().lines().count(), terminal.err());
        assertTrue(run(2, "jam").err().contains("--model FILE"));
    }

    @ParameterizedTest
    @CsvSource({
        "--seconds, 0, --seconds 0.0 is out of range",
        "--seconds, NaN, is out of range",
        "--temperature, 3, --temperature 3.0 is out of range",
        "--key-lock, -1, choose 0.0 to 1.0",
        "--variants, 0, choose 1 to 100",
        "--prompt, 0.01, choose at least 0.2",
        "--sample, waltz, waltz",
        "--midi, /nowhere/x.mid, /nowhere/x.mid",
        "-o, /nowhere/x.wav, /nowhere/x.wav",
        "--model, pom.xml, pom.xml"
    })
    void aMistakeIsOneLine(String option, String value, String words) throws IOException {
        List<String> args = new ArrayList<>(List.of("continue", option, value));
        if (!option.equals("--model")) {
            args.addAll(List.of("--model", MODEL.toString()));
        }
        if (!option.equals("--sample")) {
            args.add(tune(24_000, 1, 0.5).toString());
        }
        if (option.equals("--midi")) {
            args.addAll(List.of("--seconds", "0.1", "-o", out("x.wav").toString()));
        }
        TestTerminal terminal = run(2, args.toArray());
        assertTrue(terminal.err().contains(words), terminal.err());
        assertEquals(1, terminal.err().lines().count(), terminal.err());
    }

    @Test
    void aPromptThatIsTooShortIsRefused() throws IOException {
        TestTerminal terminal = run(2, "continue", "--model", MODEL, tune(24_000, 1, 0.1), "-o", out("x.wav"));
        assertTrue(terminal.err().contains("0.100 s of sound, needed are 0.2 s"), terminal.err());
    }

    @Test
    void inAJamTheMachineGoesOnAfterARest() throws IOException {
        byte[] played = Files.readAllBytes(tune(24_000, 1, 2));
        short[] samples = new short[(int) (3.2 * 24_000)];
        ByteBuffer.wrap(played, HEADER, played.length - HEADER)
                .order(ByteOrder.LITTLE_ENDIAN)
                .asShortBuffer()
                .get(samples, 0, 48_000);
        Path withRest = Files.write(folder.resolve("rest.wav"), BadInputTest.wav(24_000, 1, samples));
        TestTerminal terminal =
                run(0, "jam", "--model", MODEL, withRest, "-o", out("jam.wav"), "--rest", "0.3", "--seed", "1");
        assertTrue(terminal.out().contains("the machine plays"), terminal.out());
        assertTrue(Files.size(out("jam.wav")) > 3 * 24_000 * 4, "the jam is short");
    }
}
