package io.mambaaudio.demo;

import io.mambaaudio.engine.AudioEngine;
import io.mambaaudio.engine.AudioInputs;
import io.mambaaudio.engine.AudioOutputs;
import io.mambaaudio.speech.Transcriber;
import io.mambaaudio.speech.TranscriptEvent;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * From sound to text in real time: paced sound in blocks of 10 ms through the engine, as a microphone would give it. A step that
 * changes the text needs sound up to some moment; what is measured is the time from that moment on the clock of the input until the
 * listener has the text. The model's own look-ahead, which no computer shortens, is shown beside it.
 */
final class LatencyBench {
    static final double LIMIT_MILLIS = 60;

    private LatencyBench() {}

    /** Events, and when they came. */
    private record Heard(TranscriptEvent event, long nanoTime) {}

    /** Runs for the length of the sound and prints the delays; false if they are above the limit. */
    static boolean run(Terminal terminal, SpeechOptions.Recogniser recogniser, Sound sound)
            throws InterruptedException {
        ConcurrentLinkedQueue<Heard> events = new ConcurrentLinkedQueue<>();
        Transcriber transcriber =
                recogniser.transcriber(event -> events.add(new Heard(event, System.nanoTime())), true);
        long startNanos;
        String stats;
        try (AudioEngine engine =
                AudioEngine.open(AudioInputs.paced(sound.input()), List.of(transcriber), AudioOutputs.discard())) {
            startNanos = System.nanoTime();
            engine.start();
            engine.await();
            engine.failure().ifPresent(e -> {
                throw e;
            });
            stats = engine.stats().toString();
        }
        double[] millis = events.stream()
                .filter(heard -> heard.event() instanceof TranscriptEvent.Partial)
                .mapToDouble(heard -> (heard.nanoTime() - startNanos) / 1e6
                        - 1000 * heard.event().atSeconds())
                .sorted()
                .toArray();
        if (millis.length == 0) {
            throw new UserError(
                    "no text came out of this sound, so there is no delay to measure; give a FILE with speech");
        }
        print(terminal, transcriber.lookaheadMillis(), millis, stats);
        return at(millis, 0.99) <= LIMIT_MILLIS;
    }

    private static void print(Terminal terminal, double lookaheadMillis, double[] millis, String stats) {
        terminal.out()
                .print(String.format(
                        Locale.ROOT,
                        """
                        model's look-ahead     %6.1f ms
                        delay beyond it, p50   %6.1f ms
                                         p99   %6.1f ms  (limit %.0f)
                                         max   %6.1f ms
                        partial texts          %6d
                        engine                 %s
                        """,
                        lookaheadMillis,
                        at(millis, 0.5),
                        at(millis, 0.99),
                        LIMIT_MILLIS,
                        Arrays.stream(millis).max().orElse(Double.NaN),
                        millis.length,
                        stats));
    }

    /** The value that a share of the sorted values does not exceed. */
    private static double at(double[] sorted, double share) {
        return sorted[(int) Math.ceil(share * sorted.length) - 1];
    }
}
