package io.mambaaudio.javasound;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mambaaudio.engine.SampleEncoding;
import io.mambaaudio.engine.StreamFormat;
import io.mambaaudio.speech.TranscriptEvent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.sound.sampled.AudioFormat;
import javax.sound.sampled.AudioFormat.Encoding;
import javax.sound.sampled.AudioSystem;
import javax.sound.sampled.BooleanControl;
import javax.sound.sampled.Clip;
import javax.sound.sampled.DataLine;
import javax.sound.sampled.FloatControl;
import javax.sound.sampled.Line;
import javax.sound.sampled.LineUnavailableException;
import javax.sound.sampled.Mixer;
import javax.sound.sampled.SourceDataLine;
import javax.sound.sampled.TargetDataLine;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The line does what Java Sound's documentation says of lines. */
@Timeout(60)
final class TranscriberLineTest {
    private static final int FRAMES = 24_000;
    private static final byte[] SOUND = TinyLine.sound(FRAMES);

    @BeforeEach
    void useTheTinyModel() {
        TinyLine.useForLines();
        TestReceiver.clear();
    }

    @AfterEach
    void nothingIsLeft() throws InterruptedException {
        TinyLine.forget();
        assertEquals(List.of(), TinyLine.engineThreads());
    }

    private static List<TranscriptEvent> played(SourceDataLine line, byte[] bytes, int chunk) {
        line.start();
        for (int at = 0; at < bytes.length; at += chunk) {
            int length = Math.min(chunk, bytes.length - at);
            assertEquals(length, line.write(bytes, at, length));
        }
        line.drain();
        line.close();
        return List.copyOf(TestReceiver.EVENTS);
    }

    @ParameterizedTest
    @CsvSource({"4096,3200", "160,32000", "32000,2", "100000,48000"})
    void anyBufferAndAnyWritesGiveTheEventsOfTheEngine(int bufferBytes, int chunk) throws LineUnavailableException {
        List<TranscriptEvent> expected = TinyLine.direct(SOUND, SampleEncoding.S16LE, new StreamFormat(16_000, 1));
        assertTrue(expected.stream().anyMatch(TranscriptEvent.Final.class::isInstance), "the model must say something");
        SourceDataLine line = TinyLine.line(TinyLine.SPEECH);
        line.open(TinyLine.SPEECH, bufferBytes);
        assertEquals(bufferBytes, line.getBufferSize());
        assertEquals(expected, played(line, SOUND, chunk));
        assertEquals(List.of("opened 16000.0", "closed"), TestReceiver.CALLS);
    }

    @ParameterizedTest
    @CsvSource({
        "PCM_SIGNED,44100,16,2,true,S16BE",
        "PCM_SIGNED,48000,24,1,false,S24LE",
        "PCM_UNSIGNED,8000,8,1,false,U8",
        "PCM_FLOAT,16000,32,1,false,F32LE",
        "ULAW,8000,8,2,false,ULAW"
    })
    void everyFormatIsPlayed(String encoding, int rate, int bits, int channels, boolean bigEndian, SampleEncoding ours)
            throws LineUnavailableException {
        int frameBytes = channels * bits / 8;
        AudioFormat format = new AudioFormat(new Encoding(encoding), rate, bits, channels, frameBytes, rate, bigEndian);
        byte[] bytes = Arrays.copyOf(SOUND, SOUND.length / frameBytes * frameBytes);
        List<TranscriptEvent> expected = TinyLine.direct(bytes, ours, new StreamFormat(rate, channels));
        SourceDataLine line = TinyLine.line(format);
        assertTrue(format.matches(line.getFormat()), "the format asked for is the default");
        line.open();
        assertEquals(expected, played(line, bytes, 50 * frameBytes));
    }

    @Test
    void eventsComeInOrderAndPositionsCountWhatWasPlayed() throws LineUnavailableException {
        List<String> events = new ArrayList<>();
        SourceDataLine line = TinyLine.line(TinyLine.SPEECH);
        line.addLineListener(event -> events.add(event.getType() + " " + event.getFramePosition()));
        assertFalse(line.isOpen());
        assertEquals(0, line.available());
        line.open(TinyLine.SPEECH, 3200);
        assertTrue(line.isOpen());
        line.start();
        assertFalse(line.isRunning() || line.isActive(), "nothing to play yet");
        assertEquals(6400, line.write(SOUND, 0, 6400));
        assertTrue(line.isRunning() && line.isActive());
        line.drain();
        assertEquals(3200, line.getFramePosition());
        assertEquals(3200, line.getLongFramePosition());
        assertEquals(200_000, line.getMicrosecondPosition());
        assertFalse(line.isRunning(), "playback is complete");
        line.stop();
        assertEquals(1600, line.write(SOUND, 0, 1600), "a stopped line still takes what fits");
        assertEquals(3200, line.getLongFramePosition());
        line.start();
        line.drain();
        assertEquals(4000, line.getLongFramePosition());
        line.close();
        line.close();
        assertFalse(line.isOpen());
        assertEquals(List.of("Open 0", "Start 0", "Stop 3200", "Start 3200", "Stop 4000", "Close 4000"), events);
        line.open();
        assertEquals(0, line.getLongFramePosition(), "a line can be opened again");
        line.close();
    }

    @Test
    void aStoppedLineTakesWhatFitsAndFlushForgetsIt() throws LineUnavailableException {
        SourceDataLine line = TinyLine.line(TinyLine.SPEECH);
        line.open(TinyLine.SPEECH, 3200);
        assertEquals(3200, line.available());
        assertEquals(3200, line.write(SOUND, 0, 6400));
        assertEquals(0, line.available());
        assertEquals(0, line.write(SOUND, 0, 6400));
        line.flush();
        assertEquals(3200, line.available());
        line.start();
        line.drain();
        assertEquals(0, line.getLongFramePosition(), "what was flushed is not played");
        line.close();
        assertEquals(0, line.write(SOUND, 0, 2), "a closed line takes nothing");
        line.drain();
        line.flush();
        line.start();
        line.stop();
    }

    @ParameterizedTest
    @CsvSource({"stop", "flush", "close"})
    void aWriteThatWaitsEndsWhenTheLineIs(String how) throws Exception {
        System.setProperty(Settings.PACE, "real-time"); // so that it waits
        SourceDataLine line = TinyLine.line(TinyLine.SPEECH);
        line.open(TinyLine.SPEECH, 1600);
        line.start();
        CompletableFuture<Integer> written = CompletableFuture.supplyAsync(() -> line.write(SOUND, 0, 32_000));
        Thread.sleep(150);
        assertFalse(written.isDone());
        switch (how) {
            case "stop" -> line.stop();
            case "flush" -> line.flush();
            default -> line.close();
        }
        int count = written.get(10, TimeUnit.SECONDS);
        assertTrue(count > 0 && count < 32_000 && count % 2 == 0, "wrote " + count);
        line.close();
    }

    @Test
    void drainOnAStoppedLineWaitsUntilItRunsAndReturnsWhenItIsClosed() throws Exception {
        SourceDataLine line = TinyLine.line(TinyLine.SPEECH);
        line.open(TinyLine.SPEECH, 3200);
        line.write(SOUND, 0, 3200);
        CompletableFuture<Void> drained = CompletableFuture.runAsync(line::drain);
        Thread.sleep(100);
        assertFalse(drained.isDone());
        line.start();
        drained.get(10, TimeUnit.SECONDS);
        line.stop();
        line.write(SOUND, 0, 3200);
        CompletableFuture<Void> never = CompletableFuture.runAsync(line::drain);
        Thread.sleep(50);
        line.close();
        never.get(10, TimeUnit.SECONDS);
    }

    @Test
    void byDefaultSoundIsTakenAsALoudspeakerDoes() throws LineUnavailableException {
        System.clearProperty(Settings.PACE);
        SourceDataLine line = TinyLine.line(TinyLine.SPEECH);
        line.open(TinyLine.SPEECH);
        long start = System.nanoTime();
        line.start();
        line.write(SOUND, 0, 16_000); // half a second
        line.drain();
        Duration took = Duration.ofNanos(System.nanoTime() - start);
        line.close();
        assertTrue(took.toMillis() >= 480, "half a second was played in " + took);
    }

    @Test
    void wrongUseIsRefusedInOneLine() throws LineUnavailableException {
        SourceDataLine line = TinyLine.line(TinyLine.SPEECH);
        assertEquals(
                "sampleRate=44100.5 can't be played here; choose a whole rate from 1000 to 768000",
                refusal(() -> line.open(new AudioFormat(44_100.5f, 16, 1, true, false))));
        assertEquals(
                "channels=65 can't be played here; choose 1 to 64",
                refusal(() -> line.open(new AudioFormat(16_000, 16, 65, true, false))));
        assertTrue(refusal(() -> line.open(new AudioFormat(16_000, 12, 1, true, false)))
                .endsWith(
                        "can't be played here; choose PCM_SIGNED of 8, 16, 24 or 32 bits, PCM_UNSIGNED of 8, PCM_FLOAT of"
                                + " 32 or 64, ULAW or ALAW"));
        assertTrue(refusal(() -> line.open(new AudioFormat(AudioSystem.NOT_SPECIFIED, 16, 1, true, false)))
                .startsWith("sampleRate=-1.0"));
        System.setProperty(Settings.PACE, "fast");
        assertEquals("io.mambaaudio.javasound.pace=fast is not known; choose real-time or none", refusal(line::open));
        assertFalse(line.isOpen());
        System.setProperty(Settings.PACE, "none");
        line.open();
        assertThrows(IllegalStateException.class, line::open);
        assertEquals(
                "length=3 is not a whole number of frames; choose a multiple of frameSize=2",
                refusal(() -> line.write(SOUND, 0, 3)));
        assertThrows(ArrayIndexOutOfBoundsException.class, () -> line.write(SOUND, SOUND.length, 2));
        assertThrows(ArrayIndexOutOfBoundsException.class, () -> line.write(SOUND, -2, 2));
        line.close();
        System.setProperty(Settings.MODEL, "no-such-model.safetensors");
        LineUnavailableException e = assertThrows(LineUnavailableException.class, line::open);
        assertTrue(String.valueOf(e.getMessage()).contains("no-such-model.safetensors"), e.getMessage());
        assertFalse(line.isOpen());
    }

    private interface Code {
        void run() throws Exception;
    }

    private static String refusal(Code code) {
        return String.valueOf(
                assertThrows(IllegalArgumentException.class, code::run).getMessage());
    }

    @Test
    void controlsFollowTheirRulesAndReachTheSound() throws LineUnavailableException {
        SourceDataLine line = TinyLine.line(TinyLine.SPEECH);
        FloatControl gain = assertInstanceOf(FloatControl.class, line.getControl(FloatControl.Type.MASTER_GAIN));
        BooleanControl mute = assertInstanceOf(BooleanControl.class, line.getControl(BooleanControl.Type.MUTE));
        assertEquals(2, line.getControls().length);
        assertFalse(line.isControlSupported(FloatControl.Type.PAN));
        assertThrows(IllegalArgumentException.class, () -> line.getControl(FloatControl.Type.PAN));
        assertThrows(IllegalArgumentException.class, () -> gain.setValue(20));
        List<TranscriptEvent> loud = TinyLine.direct(SOUND, SampleEncoding.S16LE, new StreamFormat(16_000, 1));
        mute.setValue(true);
        line.open();
        List<TranscriptEvent> muted = played(line, SOUND, 3200);
        assertFalse(loud.equals(muted), "muted sound is heard as loud");
        TestReceiver.clear();
        mute.setValue(false);
        line.open();
        assertEquals(loud, played(line, SOUND, 3200));
    }

    @Test
    void theMixerAnswersForItsLines() throws LineUnavailableException {
        Mixer mixer = AudioSystem.getMixer(TinyLine.mixerInfo());
        List<String> events = new ArrayList<>();
        mixer.addLineListener(event -> events.add(event.getType().toString()));
        DataLine.Info speech = new DataLine.Info(SourceDataLine.class, TinyLine.SPEECH);
        assertTrue(mixer.isLineSupported(speech));
        assertTrue(mixer.isLineSupported(new Line.Info(SourceDataLine.class)));
        assertFalse(mixer.isLineSupported(new DataLine.Info(TargetDataLine.class, TinyLine.SPEECH)));
        assertFalse(mixer.isLineSupported(new DataLine.Info(Clip.class, TinyLine.SPEECH)));
        AudioFormat twelveBits = new AudioFormat(16_000, 12, 1, true, false);
        assertFalse(mixer.isLineSupported(new DataLine.Info(SourceDataLine.class, twelveBits)));
        assertThrows(
                IllegalArgumentException.class,
                () -> mixer.getLine(new DataLine.Info(TargetDataLine.class, TinyLine.SPEECH)));
        assertEquals(1, mixer.getMaxLines(speech));
        assertEquals(1, mixer.getSourceLineInfo().length);
        assertEquals(0, mixer.getTargetLineInfo().length);
        SourceDataLine line = assertInstanceOf(SourceDataLine.class, mixer.getLine(speech));
        Line second = mixer.getLine(speech);
        line.open();
        assertEquals(
                "Mamba Transcriber has a line open, maxLines=1; close it, or get the mixer again for another",
                assertThrows(LineUnavailableException.class, second::open).getMessage());
        assertTrue(mixer.isOpen());
        assertEquals(List.of(line), List.of(mixer.getSourceLines()));
        mixer.close();
        assertFalse(line.isOpen() || mixer.isOpen());
        assertEquals(List.of("Open", "Close"), events);
        second.open();
        second.close();
        assertNotNull(mixer.getMixerInfo());
    }

    @Test
    void aReceiverThatFailsDoesNotStopTheSound() throws LineUnavailableException {
        List<TranscriptEvent> expected = TinyLine.direct(SOUND, SampleEncoding.S16LE, new StreamFormat(16_000, 1));
        TestReceiver.failing = true;
        SourceDataLine line = TinyLine.line(TinyLine.SPEECH);
        line.open();
        assertEquals(expected, played(line, SOUND, 3200));
    }

    @Test
    void theTextGoesToAFileInTheFormOfItsEnding(@TempDir Path folder) throws LineUnavailableException, IOException {
        for (String ending : List.of("txt", "json", "srt")) {
            Path file = folder.resolve("said." + ending);
            System.setProperty(Settings.TEXT, file.toString());
            SourceDataLine line = TinyLine.line(TinyLine.SPEECH);
            line.open();
            List<TranscriptEvent> events = played(line, SOUND, 3200);
            TestReceiver.clear();
            String text = events.stream()
                    .filter(TranscriptEvent.Final.class::isInstance)
                    .map(event -> ((TranscriptEvent.Final) event).text())
                    .findFirst()
                    .orElseThrow();
            String written = Files.readString(file);
            assertTrue(written.contains(text), written);
            assertEquals(ending.equals("srt"), written.contains(" --> "));
            assertEquals(ending.equals("json"), written.startsWith("{"));
        }
        System.setProperty(Settings.TEXT, folder.toString());
        SourceDataLine line = TinyLine.line(TinyLine.SPEECH);
        assertTrue(String.valueOf(
                        assertThrows(LineUnavailableException.class, line::open).getMessage())
                .endsWith("choose another file"));
    }
}
