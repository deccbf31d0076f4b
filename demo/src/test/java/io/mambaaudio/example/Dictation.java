package io.mambaaudio.example;

import io.mambaaudio.engine.*;
import io.mambaaudio.speech.*;
import java.nio.file.Path;
import java.util.List;

public final class Dictation {
    public static void main(String[] args) {
        Transcriber transcriber = Transcriber.shipped(Path.of(args[0])) // a folder for a copy of the weights
                .listener(event -> {
                    if (event instanceof TranscriptEvent.Final said) System.out.println(said.text());
                })
                .build();
        AudioEngine.run(AudioInputs.file(Path.of(args[1])), List.of(transcriber), AudioOutputs.discard());
    }
}
