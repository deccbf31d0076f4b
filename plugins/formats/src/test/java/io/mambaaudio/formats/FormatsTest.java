package io.mambaaudio.formats;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mambaaudio.engine.AudioInput;
import io.mambaaudio.engine.AudioInputs;
import io.mambaaudio.engine.EngineException;
import io.mambaaudio.engine.StreamFormat;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import javax.sound.sampled.AudioInputStream;
import javax.sound.sampled.AudioSystem;
import javax.sound.sampled.UnsupportedAudioFileException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class FormatsTest {
    @ParameterizedTest
    @CsvSource({
        "mono16.flac, 16000, 1, 6400",
        "mono8.flac, 8000, 1, 1600",
        "stereo24.flac, 48000, 2, 4800",
        "stereo44.flac, 44100, 2, 13230",
        "mono16.mp3, 16000, 1, 6400",
        "stereo44.mp3, 44100, 2, 13230",
        "mono48.opus, 48000, 1, 14880",
        "stereo48.opus, 48000, 2, 14880",
        "mono16-without-info.mp3, 16000, 1, 8064",
    })
    void theLengthIsExact(String name, int rate, int channels, int frames) {
        Assets.Decoded decoded = Assets.decoded(name);
        assertEquals(new StreamFormat(rate, channels), decoded.format());
        assertEquals(frames, decoded.samples().getFirst().length);
        assertEquals(Optional.empty(), decoded.warning());
    }

    @Test
    void theLengthIsKnownBeforehandWhereTheFileSaysIt() {
        assertEquals(OptionalLong.of(6400), input("mono16.flac").totalFrames());
        assertEquals(OptionalLong.of(6400), input("mono16.mp3").totalFrames());
        assertEquals(OptionalLong.empty(), input("mono16-without-info.mp3").totalFrames());
    }

    private static AudioInput input(String name) {
        return AudioInputs.stream(name, new ByteArrayInputStream(Assets.bytes(name)));
    }

    /** A wrong delay of a few samples would make a chirp of 3 kHz a different sound. */
    @ParameterizedTest
    @CsvSource({
        "mono16, mono16.mp3, 0.02",
        "stereo44, stereo44.mp3, 0.02",
        "mono48, mono48.opus, 0.02",
        "stereo48, stereo48.opus, 0.02"
    })
    void lossyFormatsAreInStepWithTheOriginal(String original, String lossy, double tolerance) {
        List<float[]> wanted = Assets.decoded(original + ".flac").samples();
        List<float[]> got = Assets.decoded(lossy).samples();
        // The sweep's last tenth leaves the band that a low bit rate keeps.
        int frames = wanted.getFirst().length * 9 / 10;
        for (int c = 0; c < wanted.size(); c++) {
            double error = 0;
            double power = 0;
            for (int i = 0; i < frames; i++) {
                error += Math.pow(wanted.get(c)[i] - got.get(c)[i], 2);
                power += Math.pow(wanted.get(c)[i], 2);
            }
            double relative = error / power;
            System.out.printf("%s channel %d: error %.5f of the power, at most %.3f%n", lossy, c, relative, tolerance);
            assertTrue(relative <= tolerance, lossy + " differs by " + relative);
        }
    }

    /** The encoder wrote the digest of the samples into the header: nothing is more exact than that. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "mono16.flac",
                "mono8.flac",
                "mono48.flac",
                "stereo24.flac",
                "stereo44.flac",
                "stereo48.flac",
                "kinds-long.flac",
                "kinds-fixed.flac",
                "coarse24.flac"
            })
    void flacKeepsEveryBit(String name) throws Exception {
        byte[] file = Assets.bytes(name);
        byte[] wanted = Arrays.copyOfRange(file, 26, 42);
        try (AudioInputStream stream = new FlacFileReader().getAudioInputStream(new ByteArrayInputStream(file))) {
            byte[] samples = stream.readAllBytes();
            assertTrue(samples.length > 0);
            assertArrayEquals(wanted, MessageDigest.getInstance("MD5").digest(samples));
        }
    }

    @Test
    void aDamagedFrameOfFlacIsLeftOutAndSaidSo() {
        byte[] file = Assets.bytes("kinds-fixed.flac");
        int frames = Assets.decoded("x.flac", file).samples().getFirst().length;
        file[file.length - 1_500] ^= 1;
        Assets.Decoded damaged = Assets.decoded("x.flac", file);
        assertEquals(frames - 192, damaged.samples().getFirst().length);
        assertEquals(
                "x.flac is cut short: of frames=" + frames + ", " + (frames - 192) + " are there and undamaged",
                damaged.warning().orElseThrow());
    }

    @ParameterizedTest
    @CsvSource({"stereo44.flac", "stereo44.mp3", "stereo48.opus", "mono48.opus"})
    void aFileThatIsCutShortGivesWhatItHasAndSaysSo(String name) {
        byte[] whole = Assets.bytes(name);
        List<float[]> all = Assets.decoded(name).samples();
        Assets.Decoded part = Assets.decoded(name, Arrays.copyOf(whole, whole.length * 3 / 4));
        assertTrue(part.samples().getFirst().length < all.getFirst().length);
        for (int i = 0; i < part.samples().getFirst().length; i++) {
            assertEquals(all.getFirst()[i], part.samples().getFirst()[i]);
        }
        String warning = part.warning().orElseThrow();
        assertTrue(warning.startsWith(name + " is cut short: "), warning);
        assertNotEquals(0, part.samples().getFirst().length);
    }

    @Test
    void theOutputGainOfOpusIsApplied() {
        byte[] opus = Assets.bytes("mono48.opus");
        float quiet = peak(Assets.decoded("loud.opus", withOpusHeader(opus, 16, (short) (-6.0206 * 256))));
        assertEquals(0.5, quiet / peak(Assets.decoded("mono48.opus")), 0.01);
    }

    private static float peak(Assets.Decoded decoded) {
        float peak = 0;
        for (float sample : decoded.samples().getFirst()) {
            peak = Math.max(peak, Math.abs(sample));
        }
        return peak;
    }

    @Test
    void opusOfManyChannelsIsRefusedClearly() {
        byte[] opus = Assets.bytes("mono48.opus");
        byte[] surround = withOpusHeader(opus, 18, (short) 1);
        assertEquals(
                "x.opus is damaged or not a sound file that can be read: Opus has channels=1, mappingFamily=1;"
                        + " readable are mono and stereo: mix it down",
                assertThrows(EngineException.class, () -> Assets.decoded("x.opus", surround))
                        .getMessage());
    }

    /** Changes two bytes (one, at the end of the header) of OpusHead and makes the page's checksum right again. */
    private static byte[] withOpusHeader(byte[] opus, int at, short value) {
        byte[] changed = opus.clone();
        changed[28 + at] = (byte) value;
        if (at < 18) {
            changed[28 + at + 1] = (byte) (value >> 8);
        }
        Arrays.fill(changed, 22, 26, (byte) 0);
        int crc = 0;
        for (int i = 0; i < 28 + 19; i++) {
            crc ^= changed[i] << 24;
            for (int bit = 0; bit < 8; bit++) {
                crc = (crc << 1) ^ (crc < 0 ? 0x04C11DB7 : 0);
            }
        }
        ByteBuffer.wrap(changed).order(ByteOrder.LITTLE_ENDIAN).putInt(22, crc);
        return changed;
    }

    @Test
    void aChainOfOpusStreamsEndsClearlyAfterTheFirst() throws IOException {
        ByteArrayOutputStream chain = new ByteArrayOutputStream();
        chain.write(Assets.bytes("mono48.opus"));
        chain.write(Assets.bytes("stereo48.opus"));
        Assets.Decoded decoded = Assets.decoded("chain.opus", chain.toByteArray());
        assertEquals(14880, decoded.samples().getFirst().length);
        assertEquals(
                "chain.opus is cut short: another stream follows; split the file into one a stream",
                decoded.warning().orElseThrow());
    }

    @Test
    void vorbisIsRefusedClearly() {
        byte[] vorbis = Assets.bytes("mono48.opus");
        System.arraycopy("\u0001vorbis\0".getBytes(java.nio.charset.StandardCharsets.US_ASCII), 0, vorbis, 28, 8);
        assertEquals(
                "x.ogg is damaged or not a sound file that can be read: Ogg holds Vorbis and not Opus; convert it to Opus,"
                        + " FLAC or WAV",
                assertThrows(EngineException.class, () -> Assets.decoded("x.ogg", vorbis))
                        .getMessage());
    }

    @Test
    void javaSoundFindsTheReadersByItself() throws IOException, UnsupportedAudioFileException {
        for (String name : new String[] {"mono16.flac", "mono16.mp3", "mono48.opus"}) {
            try (AudioInputStream stream =
                    AudioSystem.getAudioInputStream(new ByteArrayInputStream(Assets.bytes(name)))) {
                assertTrue(stream.readNBytes(1 << 20).length >= 6400, name);
            }
        }
    }

    @Test
    void otherFilesAreLeftAsTheyWere() throws IOException {
        byte[] text = "This is not a sound, but it is longer than a frame header."
                .getBytes(java.nio.charset.StandardCharsets.US_ASCII);
        for (StreamFileReader reader :
                new StreamFileReader[] {new FlacFileReader(), new Mp3FileReader(), new OggOpusFileReader()}) {
            ByteArrayInputStream in = new ByteArrayInputStream(text);
            assertThrows(UnsupportedAudioFileException.class, () -> reader.getAudioInputStream(in));
            assertEquals(text.length, in.available());
        }
    }
}
