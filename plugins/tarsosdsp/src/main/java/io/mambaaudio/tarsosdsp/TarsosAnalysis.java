// SPDX-License-Identifier: GPL-3.0-only
package io.mambaaudio.tarsosdsp;

import be.tarsos.dsp.AudioEvent;
import be.tarsos.dsp.AudioProcessor;
import be.tarsos.dsp.io.TarsosDSPAudioFormat;
import be.tarsos.dsp.onsets.ComplexOnsetDetector;
import be.tarsos.dsp.onsets.PercussionOnsetDetector;
import be.tarsos.dsp.pitch.PitchProcessor;
import be.tarsos.dsp.pitch.PitchProcessor.PitchEstimationAlgorithm;
import io.mambaaudio.engine.Processor;
import io.mambaaudio.engine.StreamFormat;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A detector of TarsosDSP in our engine, with its findings as {@link TarsosEvent}s. It listens to a copy, all channels mixed to one: the
 * sound goes on unchanged and at once, also from behind detectors that compute inside the buffer that they are given.
 *
 * <p>The detector sees the buffers of a dispatcher with {@code setZeroPadFirstBuffer(true)}, and the last one filled with zeros. Its
 * events come on the thread that processes; it may allocate, as TarsosDSP's detectors do.
 */
public final class TarsosAnalysis implements Processor {
    private static final int BYTES_A_SAMPLE = 2;
    private static final int PITCH_BUFFER = 2048;
    private static final int PITCH_OVERLAP = 1024;
    private static final int BEAT_BUFFER = 1024;
    private static final double NOTE_THRESHOLD = 0.3;
    private static final double NOTE_GAP_SECONDS = 0.05;

    /** Makes a detector for a stream. */
    public interface Factory {
        /**
         * Makes one.
         *
         * @param sampleRateHz of the stream
         * @param found takes what it finds
         * @return a detector of the analysis's buffer size
         */
        AudioProcessor make(int sampleRateHz, Consumer<TarsosEvent> found);
    }

    private final String id;
    private final int overlap;
    private final Factory factory;
    private final Consumer<TarsosEvent> listener;
    private final AtomicLong events = new AtomicLong();
    private final float[] heard; // (bufferSize) old samples, then new ones
    private final float[] copy; // (bufferSize) for the detector
    private int filled; // new samples in heard
    private long samples; // new samples before those in heard
    private int sampleRateHz = 1;
    private @Nullable AudioProcessor detector;
    private AudioEvent event = event(1);

    /**
     * Makes an analysis with any detector.
     *
     * @param id a short lower-case word
     * @param bufferSize samples in a buffer, as the detector expects them
     * @param overlap samples at the start of a buffer that were in the one before
     * @param factory makes the detector, at every {@link #prepare} and {@link #reset}
     * @param listener gets the events
     */
    public TarsosAnalysis(String id, int bufferSize, int overlap, Factory factory, Consumer<TarsosEvent> listener) {
        TarsosProcessor.checkSizes(bufferSize, overlap);
        this.id = Objects.requireNonNull(id, "id");
        this.overlap = overlap;
        this.factory = Objects.requireNonNull(factory, "factory");
        this.listener = Objects.requireNonNull(listener, "listener");
        this.heard = new float[bufferSize];
        this.copy = new float[bufferSize];
    }

    /**
     * Finds pitches with YIN, in buffers of 2048 samples every 1024.
     *
     * @param listener gets {@link TarsosEvent.Pitch}es
     * @return id {@code pitch}
     */
    public static TarsosAnalysis pitch(Consumer<TarsosEvent> listener) {
        Factory factory = (rate, found) ->
                new PitchProcessor(PitchEstimationAlgorithm.YIN, rate, PITCH_BUFFER, (result, event) -> {
                    if (result.isPitched()) {
                        found.accept(new TarsosEvent.Pitch(
                                event.getTimeStamp(), result.getPitch(), result.getProbability()));
                    }
                });
        return new TarsosAnalysis("pitch", PITCH_BUFFER, PITCH_OVERLAP, factory, listener);
    }

    /**
     * Finds starts of notes in the complex domain.
     *
     * @param listener gets {@link TarsosEvent.Onset}s
     * @return id {@code onsets}
     */
    public static TarsosAnalysis onsets(Consumer<TarsosEvent> listener) {
        Factory factory = (rate, found) -> {
            ComplexOnsetDetector notes = new ComplexOnsetDetector(BEAT_BUFFER, NOTE_THRESHOLD, NOTE_GAP_SECONDS);
            notes.setHandler((time, salience) -> found.accept(new TarsosEvent.Onset(time, salience)));
            return notes;
        };
        return new TarsosAnalysis("onsets", BEAT_BUFFER, BEAT_BUFFER / 2, factory, listener);
    }

    /**
     * Finds beats: sudden rises over the whole spectrum. TarsosDSP's detector looks at the first half of its buffers, so they overlap
     * by half.
     *
     * @param listener gets {@link TarsosEvent.Onset}s, of salience −1
     * @return id {@code beats}
     */
    public static TarsosAnalysis beats(Consumer<TarsosEvent> listener) {
        Factory factory = (rate, found) -> new PercussionOnsetDetector(
                rate,
                BEAT_BUFFER,
                BEAT_BUFFER / 2,
                (time, salience) -> found.accept(new TarsosEvent.Onset(time, salience)));
        return new TarsosAnalysis("beats", BEAT_BUFFER, BEAT_BUFFER / 2, factory, listener);
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public StreamFormat prepare(StreamFormat format, int maxFrames) {
        sampleRateHz = format.sampleRateHz();
        event = event(sampleRateHz);
        reset();
        return format;
    }

    private static AudioEvent event(int rate) {
        return new AudioEvent(new TarsosDSPAudioFormat(rate, 8 * BYTES_A_SAMPLE, 1, true, false));
    }

    /** Makes a new detector, since TarsosDSP's can't forget: the one method but {@link #prepare} that has to allocate. */
    @Override
    public void reset() {
        detector = factory.make(sampleRateHz, this::found);
        Arrays.fill(heard, 0);
        filled = 0;
        samples = 0;
    }

    private void found(TarsosEvent found) {
        events.incrementAndGet();
        listener.accept(found);
    }

    @Override
    public void process(float[][] in, float[][] out, int frames) {
        for (int c = 0; c < out.length; c++) {
            System.arraycopy(in[c], 0, out[c], 0, frames);
        }
        for (int i = 0; i < frames; i++) {
            float sum = 0;
            for (float[] channel : in) {
                sum += channel[i];
            }
            heard[overlap + filled] = sum / in.length;
            filled++;
            if (overlap + filled == heard.length) {
                detect();
            }
        }
    }

    private void detect() {
        AudioProcessor to = detector;
        if (to == null) {
            throw new IllegalStateException("processor=" + id + " was not prepared; call prepare first");
        }
        System.arraycopy(heard, 0, copy, 0, heard.length);
        event.setFloatBuffer(copy);
        event.setOverlap(overlap);
        event.setBytesProcessed(BYTES_A_SAMPLE * samples);
        to.process(event);
        System.arraycopy(heard, heard.length - overlap, heard, 0, overlap);
        samples += filled;
        filled = 0;
    }

    /** The last buffer is filled with zeros, and the detector ended. */
    @Override
    public void finish() {
        if (filled > 0) {
            Arrays.fill(heard, overlap + filled, heard.length, 0);
            detect();
        }
        AudioProcessor to = detector;
        if (to != null) {
            to.processingFinished();
        }
    }

    @Override
    public long events() {
        return events.get();
    }

    @Override
    public void close() {}
}
