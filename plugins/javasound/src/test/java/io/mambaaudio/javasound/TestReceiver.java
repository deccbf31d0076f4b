package io.mambaaudio.javasound;

import io.mambaaudio.speech.TranscriptEvent;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.sound.sampled.AudioFormat;

/** Keeps what the lines of this JVM say, as an application's receiver would. */
public final class TestReceiver implements TranscriptReceiver {
    static final List<TranscriptEvent> EVENTS = new CopyOnWriteArrayList<>();
    static final List<String> CALLS = new CopyOnWriteArrayList<>();

    @Override
    public Stream opened(AudioFormat format) {
        CALLS.add("opened " + format.getSampleRate());
        return new Stream() {
            @Override
            public void accept(TranscriptEvent event) {
                EVENTS.add(event);
                if (failing) {
                    throw new IllegalStateException("on purpose");
                }
            }

            @Override
            public void close() {
                CALLS.add("closed");
            }
        };
    }

    static volatile boolean failing;

    static void clear() {
        failing = false;
        EVENTS.clear();
        CALLS.clear();
    }
}
