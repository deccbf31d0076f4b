package io.mambaaudio.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class AudioEngineTest {
    private static final int RATE = 16_000;

    @Test
    void anArrayComesOutAsItWentIn() {
        float[][] sound = Sounds.noise(1, 2, 10_007);
        ArrayOutput output = AudioOutputs.array();
        EngineStats stats = AudioEngine.run(AudioInputs.array(sound, RATE), List.of(), output);
        assertArrayEquals(sound, output.samples());
        assertEquals(10_007, stats.framesIn());
        assertEquals(10_007, stats.framesOut());
        assertEquals(0, stats.droppedFrames());
        assertEquals(63, stats.blocks());
    }

    @Test
    void aFileHoldsWhatTheChainWrote(@TempDir Path folder) {
        float[][] sound = Sounds.noise(2, 3, 48_123);
        Path file = folder.resolve("a.wav");
        AudioEngine.run(AudioInputs.array(sound, 48_000), List.of(new Meter()), AudioOutputs.wav(file));
        AudioInput back = AudioInputs.file(file);
        assertEquals(new StreamFormat(48_000, 3), back.format());
        assertArrayEquals(sound, Sounds.through(back, List.of(new Gain()), EngineOptions.defaults()));
    }
}
