package io.mambaaudio.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
final class ChainTest {
    private static final int RATE = 48_000;
    private static final StreamFormat MONO = new StreamFormat(RATE, 1);
    private static final int LATE = 100;

    /** Turns the sound upside down, some frames late, and keeps count. */
    private static final class LateInverter implements Processor {
        private final float[] held = new float[LATE];
        private int at;

        @Override
        public String id() {
            return "late-inverter";
        }

        @Override
        public StreamFormat prepare(StreamFormat format, int maxFrames) {
            reset();
            return format;
        }

        @Override
        public void process(float[][] in, float[][] out, int frames) {
            for (int i = 0; i < frames; i++) {
                out[0][i] = -held[at];
                held[at] = in[0][i];
                at = (at + 1) % LATE;
            }
        }

        @Override
        public int latencyFrames() {
            return LATE;
        }

        @Override
        public byte[] save() {
            ByteBuffer bytes = ByteBuffer.allocate(4 * (LATE + 1)).putInt(at);
            bytes.asFloatBuffer().put(held);
            return bytes.array();
        }

        @Override
        public void restore(byte[] saved) {
            ByteBuffer bytes = ByteBuffer.wrap(saved);
            at = bytes.getInt();
            bytes.asFloatBuffer().get(held);
        }

        @Override
        public void reset() {
            Arrays.fill(held, 0);
            at = 0;
        }

        @Override
        public void close() {}
    }

    /** Every frame twice, or every second one; the last block's half frame comes with the flush. */
    private static final class Doubler implements RateChanger {
        private int max;
        private boolean tail = true;

        @Override
        public String id() {
            return "doubler";
        }

        @Override
        public StreamFormat prepare(StreamFormat format, int maxFrames) {
            max = 2 * maxFrames;
            return new StreamFormat(2 * format.sampleRateHz(), format.channels());
        }

        @Override
        public int maxOutputFrames() {
            return max;
        }

        @Override
        public int convert(float[][] in, float[][] out, int frames) {
            for (int i = 0; i < 2 * frames; i++) {
                out[0][i] = in[0][i / 2];
            }
            return 2 * frames;
        }

        @Override
        public int flush(float[][] out) {
            out[0][0] = 0.5f;
            boolean first = tail;
            tail = false;
            return first ? 1 : 0;
        }

        @Override
        public void reset() {}

        @Override
        public void close() {}
    }

    private static float[] sine(int frames) {
        float[] sine = new float[frames];
        for (int i = 0; i < frames; i++) {
            sine[i] = (float) Math.sin(2 * Math.PI * 100 * i / RATE);
        }
        return sine;
    }

    private static float[] run(Chain chain, float[] sound, int block, int switchAt) {
        chain.prepare(MONO, block);
        float[] result = new float[sound.length];
        float[][] out = new float[1][block];
        for (int at = 0; at < sound.length; at += block) {
            if (at >= switchAt) {
                chain.slots().getFirst().bypass(true);
            }
            int frames = Math.min(block, sound.length - at);
            chain.process(new float[][] {Arrays.copyOfRange(sound, at, at + frames)}, out, frames);
            System.arraycopy(out[0], 0, result, at, frames);
        }
        return result;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 64, 480, 4800})
    void aBypassKeepsTheLatencyAndDoesNotClick(int block) {
        float[] sound = sine(RATE);
        int switchAt = 9600;
        float[] result = run(new Chain(List.of(new LateInverter())), sound, block, switchAt);
        double largestStep = 0;
        double largestBend = 0;
        for (int i = 0; i < result.length; i++) {
            float input = i < LATE ? 0 : sound[i - LATE];
            if (i < switchAt) {
                assertEquals(-input, result[i], "processed at " + i);
            } else if (i >= switchAt + RATE / 100) {
                assertEquals(input, result[i], "passed by, as late, at " + i);
            }
            if (i >= switchAt - 10) {
                double slope = result[i] - result[i - 1];
                largestStep = Math.max(largestStep, Math.abs(slope));
                largestBend = Math.max(largestBend, Math.abs(slope - (result[i - 1] - result[i - 2])));
            }
        }
        double ownBend = Math.pow(2 * Math.PI * 100 / RATE, 2); // of the sine itself
        assertTrue(largestBend - ownBend <= 0.001, "the switch bends the sound by " + largestBend);
    }

    @Test
    void aChainAddsUpLatenciesAndRates() {
        Chain chain = new Chain(List.of(new LateInverter(), new Doubler(), new Gain()));
        assertEquals(new StreamFormat(2 * RATE, 1), chain.prepare(MONO, 480));
        assertEquals(2 * LATE, chain.latencyFrames());
        assertEquals(LATE / (double) RATE, chain.latencySeconds(), 1e-9);
        assertEquals(
                "processor \"doubler\" changes the number of frames and can't be bypassed; make a chain without it",
                assertThrows(
                                IllegalStateException.class,
                                () -> chain.slots().get(1).bypass(true))
                        .getMessage());
        assertThrows(IllegalStateException.class, () -> chain.process(new float[1][1], new float[1][2], 1));
    }

    @Test
    void anEngineRunsAChainThatChangesTheRateToItsLastFrame() {
        float[] sound = sine(10_000);
        ArrayOutput output = AudioOutputs.array();
        EngineStats stats = AudioEngine.run(
                AudioInputs.array(new float[][] {sound}, RATE), List.of(new Doubler(), new Gain()), output);
        float[] expected = new float[20_001];
        for (int i = 0; i < 20_000; i++) {
            expected[i] = sound[i / 2];
        }
        expected[20_000] = 0.5f;
        assertArrayEquals(expected, output.samples()[0]);
        assertEquals(20_001, stats.framesOut());
        assertEquals(0, stats.droppedOutputFrames());
    }

    @Test
    void everySlotHasAClock() {
        AudioEngine engine = AudioEngine.open(
                AudioInputs.silence(MONO, RATE), List.of(new Gain(), new Meter()), AudioOutputs.discard());
        Sounds.run(engine);
        for (Slot slot : engine.chain().slots()) {
            assertEquals(100, slot.blocks());
            assertTrue(slot.meanNanos() > 0 && slot.worstNanos() >= slot.meanNanos());
            assertTrue(slot.nanosAt(0.5) <= slot.nanosAt(1));
        }
    }

    @Test
    void aSavedChainGoesOnBitByBit() {
        float[] sound = sine(20_000);
        Chain whole = new Chain(List.of(new LateInverter(), new Gain()));
        ((Gain) whole.slots().get(1).processor()).gainDb().set(-3);
        float[] expected = run(whole, sound, 500, Integer.MAX_VALUE);

        Chain first = new Chain(List.of(new LateInverter(), new Gain()));
        ((Gain) first.slots().get(1).processor()).gainDb().set(-3);
        run(first, Arrays.copyOf(sound, 10_000), 500, Integer.MAX_VALUE);
        byte[] saved = first.save();
        Chain second = new Chain(List.of(new LateInverter(), new Gain()));
        second.prepare(MONO, 10_000);
        second.restore(saved);
        float[][] rest = new float[1][10_000];
        second.process(new float[][] {Arrays.copyOfRange(sound, 10_000, 20_000)}, rest, 10_000);
        assertArrayEquals(Arrays.copyOfRange(expected, 10_000, 20_000), rest[0]);
    }

    @Test
    void aSavedChainThatDoesNotFitIsRefusedInOneLine() {
        byte[] saved = new Chain(List.of(new Gain())).save();
        Chain other = new Chain(List.of(new Meter()));
        assertEquals(
                "processor 0 of the saved chain is \"gain\", of this one \"meter\"; restore it into a chain of the same"
                        + " processors",
                assertThrows(EngineException.class, () -> other.restore(saved)).getMessage());
        Chain same = new Chain(List.of(new Gain()));
        for (int at = 0; at < saved.length; at++) {
            byte[] damaged = saved.clone();
            damaged[at] ^= 0x40;
            assertThrows(EngineException.class, () -> same.restore(damaged), "byte " + at);
            byte[] shortened = Arrays.copyOf(saved, at);
            assertThrows(EngineException.class, () -> same.restore(shortened), "length " + at);
        }
        same.restore(saved);
    }

    @Test
    void aRecorderWritesWhatItHearsAndLeavesNoThread(@TempDir Path folder) throws IOException, InterruptedException {
        float[][] sound = {sine(5 * RATE), sine(5 * RATE)};
        Path file = folder.resolve("heard.wav");
        Recorder recorder = Recorder.to(file);
        ArrayOutput output = AudioOutputs.array();
        Gain half = new Gain();
        half.gainDb().set(-6);
        AudioEngine.run(AudioInputs.array(sound, RATE), List.of(recorder, half), output);
        assertEquals(5 * RATE, recorder.framesWritten());
        assertEquals(0, recorder.droppedFrames());
        ArrayOutput read = AudioOutputs.array();
        AudioEngine.run(AudioInputs.file(file), List.of(), read);
        assertArrayEquals(sound, read.samples());
        assertTrue(Files.size(file) > 5L * RATE * 8);
        assertEquals(List.of(), Fakes.engineThreadsWhenSettled());
    }

    @Test
    void aRecorderWithoutAFileSaysSo() {
        assertEquals(
                "processor \"record\" can't be prepared: the recorder has no file; call file(path) first",
                assertThrows(
                                EngineException.class,
                                () -> AudioEngine.open(
                                        AudioInputs.silence(MONO, 1), List.of(new Recorder()), AudioOutputs.discard()))
                        .getMessage());
    }
}
