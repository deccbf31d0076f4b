// SPDX-License-Identifier: GPL-3.0-only
package io.mambaaudio.tarsosdsp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import be.tarsos.dsp.AudioDispatcher;
import io.mambaaudio.dsp.MelFrontend;
import io.mambaaudio.dsp.MelSpec;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class MelFrameProcessorTest {
    @ParameterizedTest
    @CsvSource({
        "1024,0,false",
        "1024,512,false",
        "512,400,false",
        "160,0,false",
        "1024,512,true",
        "333,332,true",
        "5000,4999,false"
    })
    void anyBufferAndOverlapGivesTheFramesOfTheFrontEnd(int bufferSize, int overlap, boolean zeroPadFirst) {
        short[] sound = Dispatchers.sound(12_345, 2);
        AudioDispatcher dispatcher = Dispatchers.of(sound, 16_000, bufferSize, overlap);
        dispatcher.setZeroPadFirstBuffer(zeroPadFirst);
        dispatcher.setZeroPadLastBuffer(false);
        List<float[]> bridged = new ArrayList<>();
        MelFrameProcessor processor =
                new MelFrameProcessor(dispatcher.getFormat(), MelSpec.speech(), frame -> bridged.add(frame.clone()));
        Dispatchers.Recorder after = new Dispatchers.Recorder();
        dispatcher.addAudioProcessor(processor);
        dispatcher.addAudioProcessor(after);
        dispatcher.run();

        List<float[]> direct = new ArrayList<>();
        float[] samples = Dispatchers.asFloats(sound);
        new MelFrontend(MelSpec.speech()).push(samples, 0, samples.length, frame -> direct.add(frame.clone()));
        assertEquals(75, direct.size());
        assertEquals(direct.size(), processor.framesOut());
        assertArrayEquals(direct.toArray(), bridged.toArray());
        assertArrayEquals(samples, after.samples(), "the sound goes on as it is");
    }

    @Test
    void anotherRateOrStereoIsRefused() {
        assertEquals(
                "dispatcher gives sampleRateHz=44100, mel spec expects sampleRateHz=16000; choose a spec of the dispatcher's"
                        + " rate or resample before",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> new MelFrameProcessor(Dispatchers.mono(44_100), MelSpec.speech(), frame -> {}))
                        .getMessage());
        assertEquals(
                "channels=2 can't be bridged; open the dispatcher on a mono stream",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> new MelFrameProcessor(
                                        new be.tarsos.dsp.io.TarsosDSPAudioFormat(16_000, 16, 2, true, false),
                                        MelSpec.speech(),
                                        frame -> {}))
                        .getMessage());
        assertEquals(
                "sampleRate=16000.5 is not whole; open the dispatcher with a whole rate in Hz",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> new MelFrameProcessor(Dispatchers.mono(16_000.5f), MelSpec.speech(), frame -> {}))
                        .getMessage());
    }
}
