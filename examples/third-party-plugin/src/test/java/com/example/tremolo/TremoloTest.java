package com.example.tremolo;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mambaaudio.engine.ArrayOutput;
import io.mambaaudio.engine.AudioEngine;
import io.mambaaudio.engine.AudioInputs;
import io.mambaaudio.engine.AudioOutputs;
import io.mambaaudio.engine.Chain;
import io.mambaaudio.engine.Processor;
import io.mambaaudio.engine.Processors;
import io.mambaaudio.engine.StreamFormat;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The plugin as an application meets it: by its name. */
final class TremoloTest {
    private static final int RATE = 48_000;

    @Test
    void theEngineFindsItByItsNameBesideItsOwn() {
        assertEquals(List.of("gain", "meter", "record", "tremolo"), Processors.ids());
    }

    @Test
    void itRunsInAnEngineAndItsSlotTellsItsTime() {
        float[] ones = new float[RATE];
        Arrays.fill(ones, 1);
        Processor tremolo = Processors.find("tremolo");
        tremolo.presets().getLast().applyTo(tremolo);
        ArrayOutput output = AudioOutputs.array();
        AudioEngine engine = AudioEngine.open(AudioInputs.array(new float[][] {ones}, RATE), List.of(tremolo), output);
        try (engine) {
            engine.start();
            engine.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        float[] heard = output.samples()[0];
        assertEquals(RATE, heard.length);
        assertEquals(1, heard[10]);
        assertEquals(0, heard[RATE / 12 - 10], 1e-6, "the second half of a beat of 12 Hz is silent");
        assertEquals(100, engine.chain().slots().getFirst().blocks());
        assertTrue(engine.chain().slots().getFirst().worstNanos() > 0);
    }

    @Test
    void aSavedChainGoesOnWhereItWas() {
        float[][] ones = new float[1][1000];
        Arrays.fill(ones[0], 1);
        Chain first = new Chain(List.of(Processors.find("tremolo")));
        first.prepare(new StreamFormat(RATE, 1), 1000);
        float[][] out = new float[1][1000];
        first.process(ones, out, 1000);
        byte[] saved = first.save();
        first.process(ones, out, 1000);
        Chain second = new Chain(List.of(Processors.find("tremolo")));
        second.prepare(new StreamFormat(RATE, 1), 1000);
        second.restore(saved);
        float[][] again = new float[1][1000];
        second.process(ones, again, 1000);
        assertArrayEquals(out[0], again[0]);
    }
}
