package io.mambaaudio.engine.device;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mambaaudio.engine.Devices.Device;
import io.mambaaudio.engine.EngineException;
import io.mambaaudio.engine.StreamFormat;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

final class LinesTest {
    private static final StreamFormat MONO = new StreamFormat(16_000, 1);
    private static final long SOON_NANOS = 60_000_000;

    private static final List<Device> DEVICES = List.of(
            new Device(0, "Built-in [default]", ""),
            new Device(1, "USB Microphone", ""),
            new Device(2, "USB Microphone #2", ""),
            new Device(3, "7.1 Surround", ""));

    private static int index(String text) {
        return Lines.index(Lines.Direction.INPUT, DEVICES, text);
    }

    @Test
    void aDeviceIsChosenByNumberNameOrPartOfAName() {
        assertEquals(2, index("2"));
        assertEquals(1, index("usb microphone"));
        assertEquals(2, index("#2"));
        assertEquals(3, index("7"));
        assertEquals(0, index("BUILT"));
    }

    @Test
    void aWrongDeviceGetsTheListOfThoseThatAreThere() {
        assertEquals(
                "there is no recording device \"headset\"; choose by name or number: 0=Built-in [default], 1=USB Microphone,"
                        + " 2=USB Microphone #2, 3=7.1 Surround",
                assertThrows(EngineException.class, () -> index("headset")).getMessage());
        assertEquals(
                "there is more than one recording device \"usb\"; choose by name or number: 1=USB Microphone,"
                        + " 2=USB Microphone #2",
                assertThrows(EngineException.class, () -> index("usb")).getMessage());
    }

    @Test
    void thePreferredFormatIsTriedFirstThenTheUsualOnes() {
        assertEquals(
                List.of("22050/2", "22050/1", "16000/1", "16000/2", "44100/1", "44100/2", "48000/1", "48000/2"),
                MicrophoneInput.candidates(new StreamFormat(22_050, 2)).stream()
                        .map(f -> f.sampleRateHz() + "/" + f.channels())
                        .toList());
    }

    @Test
    void aMicrophoneGivesWhatItHasAndAfterAStopTheRest() {
        FakeLines lines = new FakeLines();
        MicrophoneInput microphone = new MicrophoneInput("fake", lines.target(), MONO, SOON_NANOS);
        assertFalse(lines.active.get());
        microphone.start();
        assertTrue(lines.active.get());
        float[][] block = new float[1][160];
        lines.available.set(6);
        assertEquals(3, microphone.read(block, 160));
        assertArrayEquals(new float[] {0, 1 / 32768f, 2 / 32768f}, Arrays.copyOf(block[0], 3));
        assertEquals(0, microphone.read(block, 160));
        lines.available.set(500);
        microphone.stop();
        assertEquals(160, microphone.read(block, 160));
        assertFalse(lines.active.get());
        assertEquals(90, microphone.read(block, 160));
        assertEquals(252 / 32768f, block[0][89]);
        assertEquals(-1, microphone.read(block, 160));
    }

    @Test
    void aMicrophoneThatGivesNothingForLongIsGone() {
        FakeLines lines = new FakeLines();
        MicrophoneInput microphone = new MicrophoneInput("fake", lines.target(), MONO, SOON_NANOS);
        microphone.start();
        String message = String.valueOf(assertThrows(EngineException.class, () -> {
                    while (microphone.read(new float[1][160], 160) == 0) {}
                })
                .getMessage());
        assertTrue(
                message.matches("recording device \"fake\" gives no sound since \\d+ ms; is it unplugged\\?"), message);
    }

    @Test
    void aFullBufferIsCountedAsAnOverflowOnce() {
        FakeLines lines = new FakeLines();
        MicrophoneInput microphone = new MicrophoneInput("fake", lines.target(), MONO, SOON_NANOS);
        microphone.start();
        float[][] block = new float[1][160];
        lines.available.set(FakeLines.BUFFER_BYTES);
        microphone.read(block, 160);
        microphone.read(block, 160);
        assertEquals(1, microphone.overflows());
        lines.available.set(FakeLines.BUFFER_BYTES);
        microphone.read(block, 160);
        assertEquals(2, microphone.overflows());
    }

    @Test
    void aSpeakerStartsWhenHalfFullAndCountsWhenItRanDry() {
        FakeLines lines = new FakeLines();
        lines.available.set(FakeLines.BUFFER_BYTES);
        SpeakerOutput speaker = new SpeakerOutput(lines.mixer(), SOON_NANOS);
        speaker.open(MONO);
        float[][] block = new float[1][400];
        speaker.write(block, 400);
        assertFalse(lines.active.get());
        speaker.write(block, 400);
        assertTrue(lines.active.get());
        assertEquals(0, speaker.underruns());
        lines.available.set(FakeLines.BUFFER_BYTES); // all of it was played
        speaker.write(block, 400);
        assertEquals(1, speaker.underruns());
        assertEquals(2_400, lines.moved.get());
        speaker.close();
        assertFalse(lines.open.get());
    }

    @Test
    void monoGoesToBothSidesOfAStereoSpeaker() {
        FakeLines lines = new FakeLines();
        lines.onlyChannels = 2;
        lines.available.set(FakeLines.BUFFER_BYTES);
        SpeakerOutput speaker = new SpeakerOutput(lines.mixer(), SOON_NANOS);
        speaker.open(MONO);
        speaker.write(new float[][] {{0.5f, -1}}, 2);
        assertArrayEquals(new byte[] {0, 0x40, 0, 0x40, 0, (byte) 0x80, 0, (byte) 0x80}, lines.lastWritten);
    }

    @Test
    void aSpeakerThatTakesNothingForLongIsGone() {
        FakeLines lines = new FakeLines();
        SpeakerOutput speaker = new SpeakerOutput(lines.mixer(), SOON_NANOS);
        speaker.open(MONO);
        String message = String.valueOf(assertThrows(EngineException.class, () -> speaker.write(new float[1][400], 400))
                .getMessage());
        assertTrue(
                message.matches("playing device \"fake speaker\" takes no sound since \\d+ ms; is it unplugged\\?"),
                message);
    }

    @Test
    void aSpeakerThatIsInUseSaysSo() {
        SpeakerOutput speaker = new SpeakerOutput(new FakeLines().mixer(), SOON_NANOS);
        assertEquals(
                "playing device \"fake speaker\" can't be opened in 16 bits at sampleRateHz=11025: in use; close other programs"
                        + " that use it, or choose another device",
                assertThrows(EngineException.class, () -> speaker.open(new StreamFormat(11_025, 1)))
                        .getMessage());
    }
}
