package com.example.embedding;

import io.mambaaudio.models.Mamba;
import io.mambaaudio.speech.Transcriber;
import io.mambaaudio.speech.TranscriptEvent.Final;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;

/** Many recordings at once: the weights are in memory once, each session adds its state (about 1.4 MB), and each runs on a virtual thread. */
final class ManySessions {
    static List<String> transcribe(Mamba model, List<float[]> recordings, int sampleRateHz)
            throws InterruptedException, ExecutionException {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Callable<String>> tasks = recordings.stream()
                    .map(recording -> (Callable<String>) () -> text(model, recording, sampleRateHz))
                    .toList();
            List<Future<String>> texts = threads.invokeAll(tasks);
            return texts.stream().map(Future::resultNow).toList();
        }
    }

    static String text(Mamba model, float[] recording, int sampleRateHz) {
        try (Transcriber session = Transcriber.builder(model).build()) {
            return session.transcribe(recording, sampleRateHz).stream().map(Final::text).collect(Collectors.joining(" "));
        }
    }
}
