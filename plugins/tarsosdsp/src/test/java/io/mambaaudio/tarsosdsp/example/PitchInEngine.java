// SPDX-License-Identifier: GPL-3.0-only
package io.mambaaudio.tarsosdsp.example;

import io.mambaaudio.engine.AudioEngine;
import io.mambaaudio.engine.AudioInputs;
import io.mambaaudio.engine.AudioOutputs;
import io.mambaaudio.tarsosdsp.TarsosAnalysis;
import io.mambaaudio.tarsosdsp.TarsosEffects;
import io.mambaaudio.tarsosdsp.TarsosEvent;
import io.mambaaudio.tarsosdsp.TarsosTimeStretch;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/** A chain of TarsosDSP's processors in our engine: cut the rumble, find pitches, slow down. Arguments: mono sound file, WAV to write. */
public final class PitchInEngine {
    private PitchInEngine() {}

    static void run(Path in, Path out, Consumer<TarsosEvent> listener) {
        AudioEngine.run(
                AudioInputs.file(in),
                List.of(TarsosEffects.highPass(80), TarsosAnalysis.pitch(listener), TarsosTimeStretch.to(0.5)),
                AudioOutputs.wav(out));
    }

    public static void main(String[] args) {
        run(Path.of(args[0]), Path.of(args[1]), System.out::println);
    }
}
