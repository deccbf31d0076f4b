package io.mambaaudio.engine.device;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The real Java Sound over ALSA's file plugin: what a file holds is what the microphone gives and the speaker gets. */
final class AlsaTest {
    private static final Path ALSA = Path.of("/usr/share/alsa/alsa.conf");

    /** Runs in a JVM of its own, as ALSA reads its configuration once. */
    private static final String APPLICATION = """
            import io.mambaaudio.engine.*;
            import java.util.*;

            class Application {
                public static void main(String[] arguments) throws Exception {
                    if (Devices.inputs().isEmpty()) {
                        System.out.println("no devices");
                        return;
                    }
                    AudioEngine engine = AudioEngine.open(
                            AudioInputs.microphone(Optional.empty(), new StreamFormat(16_000, 1)),
                            List.of(new Meter()),
                            AudioOutputs.speaker(Optional.empty()),
                            EngineOptions.defaults().withRingMillis(20_000));
                    engine.start();
                    long start = System.nanoTime();
                    while (engine.stats().framesIn() < 20_000 && System.nanoTime() - start < 10_000_000_000L) {
                        Thread.sleep(1);
                    }
                    engine.close();
                    engine.failure().ifPresent(e -> System.out.println(e.getMessage()));
                    System.out.println("played " + engine.stats().framesOut() + " of " + engine.stats().framesIn());
                }
            }
            """;

    @Test
    @Timeout(90)
    void microphoneToSpeakerThroughAlsaIsExact(@TempDir Path folder) throws Exception {
        assumeTrue(Files.exists(ALSA), "skipped: there is no ALSA here (" + ALSA + "); apt-get install libasound2");
        Path in = folder.resolve("in.raw");
        Path out = folder.resolve("out.raw");
        byte[] sound = sound();
        Files.write(in, sound);
        String log = run(folder, configuration(in, out));
        assumeTrue(!log.contains("no devices"), "skipped: this JDK has no ALSA: " + log);
        byte[] played = Files.readAllBytes(out);
        assertTrue(played.length >= 2 * 20_000 && played.length <= sound.length, log);
        assertArrayEquals(Arrays.copyOf(sound, played.length), played, log);
        assertTrue(log.contains("played " + played.length / 2 + " of " + played.length / 2), log);
    }

    private static byte[] sound() {
        ByteBuffer sound = ByteBuffer.allocate(2 * 16_000 * 60).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; sound.hasRemaining(); i++) {
            sound.putShort((short) (i * 7 % 20_000 - 10_000));
        }
        return sound.array();
    }

    private static String configuration(Path in, Path out) {
        return """
                <%s>
                pcm.!default { type asym playback.pcm "jout" capture.pcm "jin" }
                pcm.jout { type plug slave.pcm { type file slave.pcm null file "%s" format raw } }
                pcm.jin { type plug slave { rate 16000 channels 1 format S16_LE
                    pcm { type file slave.pcm null file "/dev/null" infile "%s" format raw } } }
                """.formatted(ALSA, out, in);
    }

    private static String run(Path folder, String configuration) throws Exception {
        ProcessBuilder builder = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Files.writeString(folder.resolve("Application.java"), APPLICATION)
                        .toString());
        builder.environment()
                .put(
                        "ALSA_CONFIG_PATH",
                        Files.writeString(folder.resolve("asound.conf"), configuration)
                                .toString());
        Process process = builder.redirectErrorStream(true).start();
        String log = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(process.waitFor(60, TimeUnit.SECONDS));
        return log;
    }
}
