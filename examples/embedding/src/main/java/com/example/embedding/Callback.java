package com.example.embedding;

import io.mambaaudio.engine.StreamFormat;
import io.mambaaudio.models.Mamba;
import io.mambaaudio.speech.Transcriber;
import io.mambaaudio.speech.TranscriptEvent;
import java.util.function.Consumer;

/** For an application that has its own audio thread: it pushes blocks of floats, and is called back on the same thread. No other starts. */
final class Callback implements AutoCloseable {
    private static final int BLOCK = 480;

    private final Transcriber transcriber;
    private final float[][] in = new float[1][BLOCK];
    private final float[][] out = new float[1][BLOCK];

    Callback(Mamba model, int sampleRateHz, Consumer<TranscriptEvent> listener) {
        transcriber = Transcriber.builder(model).listener(listener).build();
        transcriber.prepare(new StreamFormat(sampleRateHz, 1), BLOCK);
    }

    void push(float[] mono) {
        for (int at = 0; at < mono.length; at += BLOCK) {
            int count = Math.min(BLOCK, mono.length - at);
            System.arraycopy(mono, at, in[0], 0, count);
            transcriber.process(in, out, count);
        }
    }

    /** Lets the last words out. */
    @Override
    public void close() {
        transcriber.finish();
        transcriber.close();
    }
}
