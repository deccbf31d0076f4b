package com.example.embedding;

import io.mambaaudio.engine.*;
import io.mambaaudio.models.Mamba;
import io.mambaaudio.pretrained.Pretrained;
import io.mambaaudio.speech.*;
import java.nio.file.Path;
import java.util.List;
import javax.sound.sampled.*;

/** Writes down what a line of Java Sound records, until it is closed. */
final class TenLines {
    static void transcribe(TargetDataLine line, Path cacheFolder) throws LineUnavailableException {
        AudioFormat format = new AudioFormat(16_000, 16, 1, true, false);
        line.open(format);
        line.start();
        Transcriber transcriber = Transcriber.builder(Mamba.open(Pretrained.SPEECH.file(cacheFolder)))
                .listener(event -> {
                    if (event instanceof TranscriptEvent.Final said) System.out.println(said.text());
                })
                .build();
        AudioInput input = AudioInputs.raw("line", new AudioInputStream(line), SampleEncoding.S16LE, new StreamFormat(16_000, 1));
        AudioEngine.run(input, List.of(transcriber), AudioOutputs.discard());
    }

    public static void main(String[] args) throws LineUnavailableException {
        transcribe(AudioSystem.getTargetDataLine(new AudioFormat(16_000, 16, 1, true, false)), Path.of(args[0]));
    }
}
