package io.mambaaudio.speech;

import io.mambaaudio.engine.StreamFormat;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One stream on its way from sound to events. One thread at a time. */
final class Recognition implements AutoCloseable, SavedState.Part {
    private final FrameStepper stepper;
    private final StepClock clock;
    private final Narrator narrator;
    private long framesIn;
    private int sampleRateHz = 1;
    private boolean ending; // between the halves of the end

    Recognition(
            TranscriberBatch batch,
            boolean ownsBatch,
            BeamOptions beam,
            EndpointRules rules,
            GateRules gate,
            Consumer<TranscriptEvent> listener) {
        Pieces pieces = new Pieces(batch.model()
                .vocabulary()
                .orElseThrow(() -> new SpeechException(
                        "the model has no vocabulary of word pieces; choose a speech checkpoint of this engine"))
                .pieces());
        CtcDecoder decoder = beam.width() == 1 ? new GreedyDecoder(pieces) : new BeamDecoder(pieces, beam);
        stepper = new FrameStepper(batch, ownsBatch);
        clock = stepper.clock();
        Runnable atEndpoint = rules.resetStateAtEndpoint() ? stepper::resetState : () -> {};
        narrator = new Narrator(clock, decoder, rules, gate, listener, atEndpoint);
    }

    void prepare(StreamFormat format, int warmUpSteps) {
        sampleRateHz = format.sampleRateHz();
        stepper.prepare(format);
        stepper.warmUp(warmUpSteps);
        reset();
    }

    void push(float[][] in, int frames) {
        framesIn += frames;
        stepper.push(in, frames, narrator);
    }

    /** The sound has ended: what is held back comes out. */
    void finish() {
        narrator.limit(framesIn / (double) sampleRateHz);
        stepper.finish(narrator);
        narrator.finish();
    }

    /** The first half of {@link #push}; the stepper's frames are stepped through before anything else happens. */
    void hear(float[][] in, int frames) {
        framesIn += frames;
        stepper.hear(in, frames, narrator);
    }

    /** The first half of {@link #finish}. */
    void hearEnd() {
        narrator.limit(framesIn / (double) sampleRateHz);
        stepper.hearEnd(narrator);
        ending = true;
    }

    /** The second half of both, after the steps; returns what the listener threw. */
    @Nullable
    RuntimeException stepped() {
        RuntimeException thrown = stepper.takeFailure();
        boolean ended = ending;
        ending = false;
        try {
            if (ended && thrown == null) {
                narrator.finish();
            }
            return thrown;
        } catch (RuntimeException e) {
            return e;
        }
    }

    FrameStepper stepper() {
        return stepper;
    }

    void reset() {
        ending = false;
        stepper.reset();
        narrator.reset();
        framesIn = 0;
    }

    @Override
    public void save(DataOutputStream out) throws IOException {
        stepper.save(out);
        narrator.save(out);
        out.writeLong(framesIn);
    }

    @Override
    public void load(DataInputStream in) throws IOException {
        stepper.load(in);
        narrator.load(in);
        framesIn = in.readLong();
    }

    /** From the sound to the step that sees all of it. */
    double lookaheadSeconds() {
        return clock.windowSeconds() + stepper.resamplerDelaySeconds();
    }

    long stateBytes() {
        return stepper.stateBytes();
    }

    String describe() {
        return stepper.describe();
    }

    long events() {
        return narrator.partials() + narrator.finals();
    }

    TranscriberStats stats() {
        long steps = stepper.steps();
        double mean = steps == 0 ? 0 : stepper.stepNanos() / 1e6 / steps;
        return new TranscriberStats(
                steps,
                mean,
                stepper.worstStepNanos() / 1e6,
                narrator.partials(),
                narrator.finals(),
                narrator.suppressed());
    }

    @Override
    public void close() {
        stepper.close();
    }
}
