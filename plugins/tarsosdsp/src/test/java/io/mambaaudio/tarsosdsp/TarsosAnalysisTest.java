// SPDX-License-Identifier: GPL-3.0-only
package io.mambaaudio.tarsosdsp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import be.tarsos.dsp.AudioDispatcher;
import be.tarsos.dsp.WaveformSimilarityBasedOverlapAdd;
import be.tarsos.dsp.onsets.PercussionOnsetDetector;
import be.tarsos.dsp.pitch.PitchProcessor;
import be.tarsos.dsp.pitch.PitchProcessor.PitchEstimationAlgorithm;
import io.mambaaudio.engine.ArrayOutput;
import io.mambaaudio.engine.AudioEngine;
import io.mambaaudio.engine.AudioInputs;
import io.mambaaudio.engine.AudioOutputs;
import io.mambaaudio.engine.EngineException;
import io.mambaaudio.engine.EngineStats;
import io.mambaaudio.engine.Processor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Findings and stretched sound are those of a dispatcher. */
final class TarsosAnalysisTest {
    private static final int RATE = 16_000;

    private static EngineStats run(float[] sound, Processor processor, ArrayOutput output) {
        return AudioEngine.run(AudioInputs.array(new float[][] {sound}, RATE), List.of(processor), output);
    }

    @Test
    void pitchesAreThoseOfADispatcherAndTheSoundPasses() {
        short[] sound = Dispatchers.sound(30_000, 12);
        List<TarsosEvent> expected = new ArrayList<>();
        AudioDispatcher dispatcher = Dispatchers.of(sound, RATE, 2048, 1024);
        dispatcher.setZeroPadFirstBuffer(true);
        dispatcher.addAudioProcessor(new PitchProcessor(PitchEstimationAlgorithm.YIN, RATE, 2048, (result, event) -> {
            if (result.isPitched()) {
                expected.add(new TarsosEvent.Pitch(event.getTimeStamp(), result.getPitch(), result.getProbability()));
            }
        }));
        dispatcher.run();
        List<TarsosEvent> found = new ArrayList<>();
        float[] floats = Dispatchers.asFloats(sound);
        ArrayOutput output = AudioOutputs.array();
        EngineStats stats = run(floats, TarsosAnalysis.pitch(found::add), output);
        assertTrue(expected.size() > 3, "pitches: " + expected.size());
        assertEquals(expected, found);
        assertEquals(expected.size(), stats.events());
        assertArrayEquals(floats, output.samples()[0]);
    }

    @Test
    void beatsAreFoundThoughTheirDetectorSpoilsItsBuffer() {
        short[] sound = new short[4 * RATE];
        Random random = new Random(14);
        for (int i = 0; i < sound.length; i++) {
            boolean beat = i % (RATE / 2) < 1_500 && i > 1_500; // bursts of white noise over a soft one
            sound[i] = (short) ((beat ? 6_000 : 30) * Math.clamp(random.nextGaussian(), -3, 3));
        }
        List<TarsosEvent> expected = new ArrayList<>();
        AudioDispatcher dispatcher = Dispatchers.of(sound, RATE, 1024, 0);
        dispatcher.addAudioProcessor(new PercussionOnsetDetector(
                RATE, 1024, 0, (time, salience) -> expected.add(new TarsosEvent.Onset(time, salience))));
        dispatcher.run();
        List<TarsosEvent> found = new ArrayList<>();
        float[] floats = Dispatchers.asFloats(sound);
        TarsosAnalysis asThere = new TarsosAnalysis(
                "beats",
                1024,
                0,
                (rate, sink) -> new PercussionOnsetDetector(
                        rate, 1024, 0, (time, salience) -> sink.accept(new TarsosEvent.Onset(time, salience))),
                found::add);
        run(floats, asThere, AudioOutputs.array());
        assertEquals(expected, found);
        found.clear();
        ArrayOutput output = AudioOutputs.array();
        run(floats, TarsosAnalysis.beats(found::add), output);
        assertTrue(found.size() >= 3, "of seven beats the detector finds some, whatever their place: " + found);
        for (TarsosEvent beat : found) {
            assertEquals(Math.rint(2 * beat.atSeconds()) / 2, beat.atSeconds(), 0.15);
        }
        assertArrayEquals(floats, output.samples()[0]);
    }

    @Test
    void onsetsOfNotesAreFoundNearTheirPlace() {
        float[] sound = new float[4 * RATE];
        for (int i = RATE; i < 3 * RATE; i++) {
            double hz = i < 2 * RATE ? 440 : 660;
            sound[i] = (float) (0.5 * Math.sin(2 * Math.PI * hz * i / RATE));
        }
        List<TarsosEvent> found = new ArrayList<>();
        run(sound, TarsosAnalysis.onsets(found::add), AudioOutputs.array());
        for (double at : new double[] {1, 2}) {
            assertTrue(
                    found.stream().anyMatch(event -> Math.abs(event.atSeconds() - at) < 0.1),
                    "no onset near " + at + " s: " + found);
        }
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.5, 1, 1.7})
    void stretchedSoundIsThatOfADispatcher(double tempo) {
        short[] sound = Dispatchers.sound(40_000, 13);
        WaveformSimilarityBasedOverlapAdd theirs = new WaveformSimilarityBasedOverlapAdd(
                WaveformSimilarityBasedOverlapAdd.Parameters.speechDefaults((float) tempo, RATE));
        AudioDispatcher dispatcher = Dispatchers.of(sound, RATE, theirs.getInputBufferSize(), theirs.getOverlap());
        Dispatchers.Recorder recorder = new Dispatchers.Recorder();
        dispatcher.addAudioProcessor(theirs);
        dispatcher.addAudioProcessor(recorder);
        dispatcher.run();
        ArrayOutput output = AudioOutputs.array();
        run(Dispatchers.asFloats(sound), TarsosTimeStretch.to(tempo), output);
        int whole = (int) ((40_000 - 2 * theirs.getInputBufferSize()) / tempo); // the ends are padded otherwise
        float[] heard = output.samples()[0];
        assertArrayEquals(Arrays.copyOf(recorder.samples(), whole), Arrays.copyOf(heard, whole));
        assertEquals(40_000 / tempo, heard.length, theirs.getInputBufferSize());
    }

    @Test
    void stereoIsNotStretchedApart() {
        assertEquals(
                "processor \"time-stretch\" can't be prepared: channels=2 can't be stretched together; mix down to mono before",
                assertThrows(
                                EngineException.class,
                                () -> AudioEngine.open(
                                        AudioInputs.array(new float[2][10], RATE),
                                        List.of(new TarsosTimeStretch()),
                                        AudioOutputs.discard()))
                        .getMessage());
    }
}
