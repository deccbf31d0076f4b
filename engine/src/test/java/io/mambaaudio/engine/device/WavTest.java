package io.mambaaudio.engine.device;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mambaaudio.engine.ArrayOutput;
import io.mambaaudio.engine.AudioEngine;
import io.mambaaudio.engine.AudioInput;
import io.mambaaudio.engine.AudioInputs;
import io.mambaaudio.engine.AudioOutput;
import io.mambaaudio.engine.AudioOutputs;
import io.mambaaudio.engine.EngineException;
import io.mambaaudio.engine.SampleEncoding;
import io.mambaaudio.engine.StreamFormat;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

final class WavTest {
    /** Four 16-bit samples and what they are. */
    private static final byte[] PCM = {0, 0, 0, 0x40, 0, (byte) 0xC0, (byte) 0xFF, 0x7F};

    private static final float[] SOUND = {0, 0.5f, -0.5f, 32767 / 32768f};

    private static float[][] read(byte[] wav) {
        return all(AudioInputs.stream("x.wav", new ByteArrayInputStream(wav)));
    }

    private static float[][] all(AudioInput input) {
        ArrayOutput output = AudioOutputs.array();
        AudioEngine.run(input, List.of(), output);
        return output.samples();
    }

    private static String refusal(byte[] wav) {
        return String.valueOf(
                assertThrows(EngineException.class, () -> read(wav)).getMessage());
    }

    @Test
    void everyBitDepthIsReadToItsValue() {
        assertArrayEquals(new float[] {-1, 0, 127 / 128f}, mono(1, 1, 8, 0, 128, 255));
        assertArrayEquals(new float[] {-1, 0.5f}, mono(1, 2, 16, 0, 0x80, 0, 0x40));
        assertArrayEquals(new float[] {-1, 0.5f}, mono(1, 3, 24, 0, 0, 0x80, 0, 0, 0x40));
        assertArrayEquals(new float[] {-1, 0.5f}, mono(1, 4, 32, 0, 0, 0, 0x80, 0, 0, 0, 0x40));
        assertArrayEquals(new float[] {0.25f}, mono(3, 4, 32, 0, 0, 0x80, 0x3E));
        assertArrayEquals(new float[] {0.25f}, mono(3, 8, 64, 0, 0, 0, 0, 0, 0, 0xD0, 0x3F));
        // 24 bits in a container of four bytes are at its upper end.
        assertArrayEquals(new float[] {0.5f}, mono(1, 4, 24, 0, 0, 0, 0x40));
        assertArrayEquals(new float[] {0.5f}, mono(1, 3, 20, 0, 0, 0x40));
        // G.711: the extremes and the smallest codes of either law.
        assertArrayEquals(new float[] {-32124 / 32768f, 32124 / 32768f, 0, 0}, mono(7, 1, 8, 0x00, 0x80, 0xFF, 0x7F));
        assertArrayEquals(
                new float[] {8 / 32768f, -8 / 32768f, 32256 / 32768f, -32256 / 32768f},
                mono(6, 1, 8, 0xD5, 0x55, 0xAA, 0x2A));
    }

    private static float[] mono(int tag, int sampleBytes, int bits, int... body) {
        byte[] plain = WavBytes.riff()
                .fmt(tag, 1, 8_000, sampleBytes, bits)
                .data("data", body.length, toBytes(body))
                .bytes();
        byte[] extensible = WavBytes.riff()
                .extensible(tag, 1, 8_000, sampleBytes, bits)
                .data("data", body.length, toBytes(body))
                .bytes();
        assertArrayEquals(read(plain)[0], read(extensible)[0]);
        return read(plain)[0];
    }

    private static byte[] toBytes(int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return bytes;
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 0xFFFF_FFFFL, 0x7FFF_FFFFL, 0x8000_0000L, 0x7FFF_F000L, 0xFFFF_FFDBL})
    void aLengthThatCanNotBeTrueMeansToTheEnd(long size) {
        byte[] wav =
                WavBytes.riff().fmt(1, 1, 16_000, 2, 16).data("data", size, PCM).bytes();
        AudioInput input = AudioInputs.stream("x.wav", new ByteArrayInputStream(wav));
        assertEquals(OptionalLong.empty(), input.totalFrames());
        assertArrayEquals(SOUND, all(input)[0]);
        assertEquals(Optional.empty(), input.warning());
    }

    @Test
    void aLengthOfZeroInAFileThatKnowsItsLengthIsZero() {
        byte[] wav = new WavBytes("RIFF", 36 + 12)
                .fmt(1, 1, 16_000, 2, 16)
                .data("data", 0, new byte[0])
                .chunk("LIST", new byte[4])
                .bytes();
        assertEquals(0, read(wav)[0].length);
    }

    @Test
    void otherChunksBeforeAndAfterAreSkippedWithTheirPadding() {
        byte[] wav = WavBytes.riff()
                .chunk("LIST", new byte[7])
                .chunk("JUNK", new byte[28])
                .fmt(1, 1, 16_000, 2, 16)
                .chunk("fact", new byte[4])
                .chunk("odd!", new byte[1])
                .chunk("data", PCM)
                .chunk("id3 ", new byte[99])
                .bytes();
        assertArrayEquals(SOUND, read(wav)[0]);
    }

    @Test
    void rf64KnowsLengthsBeyond4GiB() {
        ByteBuffer sizes = ByteBuffer.allocate(28)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(100)
                .putLong(8);
        byte[] wav = new WavBytes("RF64", 0xFFFF_FFFFL)
                .chunk("ds64", sizes.array())
                .fmt(1, 1, 16_000, 2, 16)
                .data("data", 0xFFFF_FFFFL, PCM)
                .chunk("LIST", new byte[100])
                .bytes();
        assertArrayEquals(SOUND, read(wav)[0]);
    }

    @Test
    void aFileThatIsCutShortGivesWhatItHasAndSaysSo() {
        byte[] wav = WavBytes.riff()
                .fmt(1, 1, 16_000, 2, 16)
                .data("data", 100, PCM)
                .raw(1)
                .bytes();
        AudioInput input = AudioInputs.stream("x.wav", new ByteArrayInputStream(wav));
        assertEquals(OptionalLong.of(50), input.totalFrames());
        assertArrayEquals(SOUND, all(input)[0]);
        assertEquals(
                "x.wav is cut short: its header promises frames=50, the file has 4",
                input.warning().orElseThrow());
    }

    @Test
    void samplesThatAreNotNumbersAreSilenceAndSaidSo() {
        ByteBuffer body = ByteBuffer.allocate(20).order(ByteOrder.LITTLE_ENDIAN);
        body.putFloat(0.5f)
                .putFloat(Float.NaN)
                .putFloat(Float.NEGATIVE_INFINITY)
                .putFloat(1e30f)
                .putFloat(-2);
        byte[] wav = WavBytes.riff()
                .fmt(3, 1, 16_000, 4, 32)
                .chunk("data", body.array())
                .bytes();
        AudioInput input = AudioInputs.stream("x.wav", new ByteArrayInputStream(wav));
        assertArrayEquals(new float[] {0.5f, 0, 0, 0, -2}, all(input)[0]);
        assertEquals(
                "x.wav has samples that are not sound (not a number, or beyond 10000 x full scale): 3 so far, taken as silence;"
                        + " check the encoding",
                input.warning().orElseThrow());
    }

    @Test
    void whatCanNotBeReadIsRefusedInOneLine() {
        assertEquals(
                "x.wav is WAV with formatTag=0x11, bits=4, bytesPerSample=1; readable are PCM of 8, 16, 24, 32 bits, float of"
                        + " 32, 64 bits, mu-law and A-law: convert it",
                refusal(WavBytes.riff()
                        .fmt(0x11, 1, 8_000, 1, 4)
                        .chunk("data", PCM)
                        .bytes()));
        assertEquals(
                "x.wav can't be read: channels=0 is out of range; choose 1 to 64",
                refusal(WavBytes.riff()
                        .fmt(1, 0, 8_000, 2, 16)
                        .chunk("data", PCM)
                        .bytes()));
        assertEquals(
                "x.wav can't be read: sampleRateHz=2147483647 is out of range; choose 1 to 768000",
                refusal(WavBytes.riff().fmt(1, 1, -1, 2, 16).chunk("data", PCM).bytes()));
        assertEquals(
                "x.wav has samples before its fmt chunk; convert it again",
                refusal(WavBytes.riff().chunk("data", PCM).bytes()));
        assertEquals(
                "x.wav ends before its first sample; it was cut short, get it again",
                refusal(WavBytes.riff().fmt(1, 1, 8_000, 2, 16).bytes()));
        assertEquals(
                "x.wav has a fmt chunk of bytes=4294967295, 16 to 4096 are possible; convert it again",
                refusal(WavBytes.riff().data("fmt ", 0xFFFF_FFFFL, PCM).bytes()));
        assertEquals("x.wav is empty (0 bytes); give a sound file", refusal(new byte[0]));
        assertTrue(refusal(new byte[] {1, 2, 3})
                .startsWith("x.wav is not a sound file that can be read; readable are WAV, "));
    }

    @Test
    void missingFilesAndDirectoriesAreRefusedInOneLine(@TempDir Path folder) {
        Path missing = folder.resolve("no.wav");
        assertEquals(
                missing + " does not exist; give a sound file",
                assertThrows(EngineException.class, () -> AudioInputs.file(missing))
                        .getMessage());
        assertEquals(
                folder + " is a directory; give a sound file",
                assertThrows(EngineException.class, () -> AudioInputs.file(folder))
                        .getMessage());
    }

    @Test
    void oneSampleAndManyChannelsAreRead() {
        assertArrayEquals(
                new float[] {0.5f},
                read(WavBytes.riff()
                        .fmt(1, 1, 16_000, 2, 16)
                        .chunk("data", toBytes(0, 0x40))
                        .bytes())[0]);
        byte[] body = new byte[8 * 3 * 1_000];
        new SplittableRandom(8).nextBytes(body);
        byte[] wav = WavBytes.riff()
                .extensible(1, 8, 192_000, 3, 24)
                .chunk("data", body)
                .bytes();
        AudioInput input = AudioInputs.stream("x.wav", new ByteArrayInputStream(wav));
        assertEquals(new StreamFormat(192_000, 8), input.format());
        float[][] samples = all(input);
        assertEquals(1_000, samples[7].length);
        int at = 999 * 24 + 21;
        int last = (body[at] & 0xFF) | ((body[at + 1] & 0xFF) << 8) | (body[at + 2] << 16);
        assertEquals(last / (float) (1 << 23), samples[7][999]);
    }

    @ParameterizedTest
    @EnumSource(names = {"U8", "S16LE", "S24LE", "S32LE", "F32LE", "F64LE"})
    void aWrittenFileReadsBackToTheBitsThatItHas(SampleEncoding encoding, @TempDir Path folder) {
        Path file = folder.resolve("a.wav");
        float[][] sound = {{0, 0.5f, -0.25f, 0.75f, -1}};
        AudioEngine.run(AudioInputs.array(sound, 44_100), List.of(), AudioOutputs.wav(file, encoding));
        assertArrayEquals(sound, all(AudioInputs.file(file)));
    }

    @Test
    void otherReadersAgreeOnAWrittenFile(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("a.wav");
        AudioEngine.run(
                AudioInputs.array(new float[3][77], 44_100), List.of(), AudioOutputs.wav(file, SampleEncoding.S24LE));
        try (var stream = javax.sound.sampled.AudioSystem.getAudioInputStream(file.toFile())) {
            assertEquals(77, stream.getFrameLength());
            assertEquals(3, stream.getFormat().getChannels());
        }
        assertEquals(44 + 77 * 9 + 1, Files.size(file));
    }

    @Test
    void aFileWhoseWriterDiedIsReadableUpToThere(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("a.wav");
        AudioOutput output = AudioOutputs.wav(file, SampleEncoding.S16LE);
        output.open(new StreamFormat(1_000, 1));
        float[][] block = new float[1][700];
        Arrays.fill(block[0], 0.5f);
        output.write(block, 700);
        byte[] early = Files.readAllBytes(file);
        output.write(block, 700);
        byte[] later = Files.readAllBytes(file);
        output.close();
        assertEquals(700, read(early)[0].length);
        assertEquals(1_400, read(later)[0].length);
    }

    @Test
    void aPlaceThatCanNotBeWrittenIsRefusedInOneLine(@TempDir Path folder) {
        Path file = folder.resolve("no/such/folder.wav");
        String message = String.valueOf(assertThrows(
                        EngineException.class,
                        () -> AudioEngine.run(
                                AudioInputs.array(new float[1][9], 8_000), List.of(), AudioOutputs.wav(file)))
                .getMessage());
        assertTrue(
                message.startsWith(file + " can't be written: ") && message.endsWith("; choose another place"),
                message);
    }
}
