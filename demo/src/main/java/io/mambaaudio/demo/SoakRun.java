package io.mambaaudio.demo;

import io.mambaaudio.engine.StreamFormat;
import io.mambaaudio.speech.Transcriber;
import io.mambaaudio.speech.TranscriptEvent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/** One transcriber that hears a loop of sound for simulated hours, in blocks of 10 ms, on this thread. */
final class SoakRun {
    private static final int BLOCKS_A_SECOND = 100;
    private static final double WARM_UP_SECONDS = 120;
    private static final int MAX_MICROS = 100_000;

    private final SpeechOptions.Recogniser recogniser;
    private final Sound loop;
    private final int blockFrames;
    private final AtomicLong words = new AtomicLong();
    private final float[][] in;
    private final float[][] out;
    private final int[] stepMicros = new int[MAX_MICROS + 1]; // how many steps took so many microseconds
    private long at; // frame of the loop
    private long steps;
    private long sumNanos;
    private long worstNanos;

    SoakRun(SpeechOptions.Recogniser recogniser, Sound loop) {
        this.recogniser = recogniser;
        this.loop = loop;
        this.blockFrames = loop.sampleRateHz() / BLOCKS_A_SECOND;
        this.in = new float[loop.samples().length][blockFrames];
        this.out = new float[loop.samples().length][blockFrames];
    }

    /** Runs so many rows of so many hours; each is shown as soon as it is there. */
    List<SoakRow> rows(int count, double rowHours, Consumer<SoakRow> show) {
        List<SoakRow> rows = new ArrayList<>();
        try (Transcriber transcriber = recogniser.transcriber(this::count, true)) {
            transcriber.prepare(new StreamFormat(loop.sampleRateHz(), in.length), blockFrames);
            hear(transcriber, WARM_UP_SECONDS);
            for (int i = 1; i <= count; i++) {
                clear();
                hear(transcriber, rowHours * 3600);
                SoakRow row = row(i * rowHours, transcriber.stateBytes());
                rows.add(row);
                show.accept(row);
            }
        }
        return rows;
    }

    private void count(TranscriptEvent event) {
        if (event instanceof TranscriptEvent.Final utterance) {
            words.addAndGet(utterance.words().size());
        }
    }

    private void hear(Transcriber transcriber, double seconds) {
        long blocks = Math.round(seconds * BLOCKS_A_SECOND);
        long stepsBefore = transcriber.stats().steps();
        for (long i = 0; i < blocks; i++) {
            nextBlock();
            long start = System.nanoTime();
            transcriber.process(in, out, blockFrames);
            long nanos = System.nanoTime() - start;
            long stepsNow = transcriber.stats().steps();
            if (stepsNow != stepsBefore) {
                record(nanos);
            }
            stepsBefore = stepsNow;
        }
    }

    private void nextBlock() {
        for (int c = 0; c < in.length; c++) {
            for (int i = 0; i < blockFrames; i++) {
                in[c][i] = loop.samples()[c][(int) ((at + i) % loop.frames())];
            }
        }
        at += blockFrames;
    }

    private void record(long nanos) {
        stepMicros[(int) Math.min(MAX_MICROS, nanos / 1000)]++;
        steps++;
        sumNanos += nanos;
        worstNanos = Math.max(worstNanos, nanos);
    }

    private void clear() {
        Arrays.fill(stepMicros, 0);
        steps = 0;
        sumNanos = 0;
        worstNanos = 0;
        words.set(0);
    }

    private SoakRow row(double untilHours, long stateBytes) {
        return new SoakRow(
                untilHours,
                heapAfterCollection(),
                stateBytes,
                micros(0.5),
                sumNanos / 1e3 / steps,
                micros(0.99),
                worstNanos / 1e3,
                words.get());
    }

    private double micros(double share) {
        long below = 0;
        for (int i = 0; i <= MAX_MICROS; i++) {
            below += stepMicros[i];
            if (below >= share * steps && below > 0) {
                return i;
            }
        }
        return Double.NaN;
    }

    /** Twice, as the first collection lets go of what only a reference queue holds. */
    private static long heapAfterCollection() {
        System.gc();
        System.gc();
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }
}
