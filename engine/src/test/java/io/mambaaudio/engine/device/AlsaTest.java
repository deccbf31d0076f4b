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
                /** The first frames of the microphone, which ALSA's null device gives as fast as they are read. */
                record First(AudioInput input, int frames, int[] given) implements AudioInput {
                    public String name() { return input.name(); }
                    public StreamFormat format() { return input.format(); }
                    public void start() { input.start(); }
                    public boolean live() { return input.live(); }
                    public void stop() { input.stop(); }
                    public void close() { input.close(); }
                    public int read(float[][] block, int max) {
                        int count = given[0] == frames ? -1 : input.read(block, Math.min(max, frames - given[0]));
                        given[0] += Math.max(0, count);
                        return count;
                    }
                }

                public static void main(String[] arguments) {
                    if (Devices.inputs().isEmpty()) {
                        System.out.println("no devices");
                        return;
                    }
                    AudioInput microphone = AudioInputs.microphone(Optional.empty(), new StreamFormat(16_000, 1));
                    EngineStats stats = AudioEngine.run(
                            new First(microphone, 20_000, new int[1]),
                            List.of(new Meter()),
                            AudioOutputs.speaker(Optional.empty()));
                    System.out.println(stats);
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
        assertArrayEquals(Arrays.copyOf(sound, 2 * 20_000), played, log);
        assertTrue(log.startsWith("20000 frames in, 20000 out, 0 dropped, "), log);
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
