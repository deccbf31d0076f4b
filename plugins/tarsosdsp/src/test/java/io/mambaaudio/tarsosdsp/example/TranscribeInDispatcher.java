// SPDX-License-Identifier: GPL-3.0-only
package io.mambaaudio.tarsosdsp.example;

import be.tarsos.dsp.AudioDispatcher;
import be.tarsos.dsp.io.jvm.AudioDispatcherFactory;
import io.mambaaudio.models.Mamba;
import io.mambaaudio.speech.Transcriber;
import io.mambaaudio.speech.TranscriptEvent;
import io.mambaaudio.tarsosdsp.EngineProcessor;
import java.io.File;
import java.nio.file.Path;
import java.util.function.Consumer;

/** A program of TarsosDSP's world that also writes down what is said: our transcriber in its dispatcher. Arguments: model, WAV file. */
public final class TranscribeInDispatcher {
    private static final int BUFFER = 1024;

    private TranscribeInDispatcher() {}

    static void run(Path model, File wav, Consumer<TranscriptEvent> listener) throws Exception {
        AudioDispatcher dispatcher = AudioDispatcherFactory.fromFile(wav, BUFFER, 0);
        dispatcher.setZeroPadLastBuffer(false);
        try (Transcriber transcriber =
                Transcriber.builder(Mamba.open(model)).listener(listener).build()) {
            dispatcher.addAudioProcessor(new EngineProcessor(transcriber, dispatcher.getFormat(), BUFFER));
            dispatcher.run();
        }
    }

    public static void main(String[] args) throws Exception {
        run(Path.of(args[0]), new File(args[1]), event -> {
            if (event instanceof TranscriptEvent.Final said) {
                System.out.println(said.text());
            }
        });
    }
}
