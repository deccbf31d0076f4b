package io.mambaaudio.speech;

import io.mambaaudio.engine.StreamFormat;
import io.mambaaudio.models.Backend;
import io.mambaaudio.models.Mamba;
import io.mambaaudio.speech.TranscriptEvent.Partial;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/** One stream on its way from sound to events: stepper, decoder, endpointer, utterance. One thread at a time. */
final class Recognition implements AutoCloseable {
    private final FrameStepper stepper;
    private final StepClock clock;
    private final CtcDecoder decoder;
    private final Endpointer endpointer;
    private final Utterance utterance;
    private final EndpointRules rules;
    private final Consumer<TranscriptEvent> listener;
    private float tentativeConfidence;
    private double heardSeconds;
    private long framesIn;
    private int sampleRateHz = 1;
    private final AtomicLong partials = new AtomicLong();
    private final AtomicLong finals = new AtomicLong();
    private final AtomicLong suppressed = new AtomicLong();

    Recognition(
            Mamba model,
            Backend backend,
            BeamOptions beam,
            EndpointRules rules,
            GateRules gate,
            Consumer<TranscriptEvent> listener) {
        this.rules = rules;
        this.listener = listener;
        Pieces pieces = new Pieces(model.vocabulary()
                .orElseThrow(() -> new SpeechException(
                        "the model has no vocabulary of word pieces; choose a speech checkpoint of this engine"))
                .pieces());
        decoder = beam.width() == 1 ? new GreedyDecoder(pieces) : new BeamDecoder(pieces, beam);
        stepper = new FrameStepper(model, backend, this::step);
        clock = stepper.clock();
        endpointer = new Endpointer(rules, clock.stepSeconds());
        utterance = new Utterance(gate, clock);
    }

    void prepare(StreamFormat format, int warmUpSteps) {
        sampleRateHz = format.sampleRateHz();
        stepper.prepare(format);
        stepper.warmUp(warmUpSteps);
        reset();
    }

    void push(float[][] in, int frames) {
        framesIn += frames;
        stepper.push(in, frames);
    }

    private void step(long frame, float[] logits, double levelDb) {
        heardSeconds = clock.heardSeconds(frame);
        boolean changed = decoder.accept(frame, logits, utterance);
        utterance.hear(levelDb);
        if (changed) {
            tentativeConfidence = decoder.tentativeConfidence();
        }
        boolean text = !utterance.isEmpty() || tentativeConfidence > 0;
        if (text && (changed || !utterance.isOpen()) && utterance.tryOpen(tentativeConfidence)) {
            tellPartial();
        }
        switch (endpointer.accept(decoder.blank(), text, levelDb)) {
            case ENDED -> end();
            case TOO_LONG -> tellFinal(true);
            case GOES_ON -> {}
        }
    }

    private void end() {
        finishUtterance();
        if (rules.resetStateAtEndpoint()) {
            stepper.resetState();
        }
    }

    private void finishUtterance() {
        decoder.finish(utterance);
        tentativeConfidence = 0;
        tellFinal(false);
    }

    private void tellPartial() {
        Partial partial = utterance.partial(decoder.tentative(), heardSeconds);
        if (partial != null) {
            partials.incrementAndGet();
            listener.accept(partial);
        }
    }

    private void tellFinal(boolean goesOn) {
        if (!utterance.isEmpty() && utterance.tryOpen(0)) {
            finals.incrementAndGet();
            listener.accept(utterance.close(heardSeconds));
        } else if (!utterance.isEmpty()) {
            suppressed.incrementAndGet();
        }
        utterance.next(goesOn);
    }

    /** The sound has ended: what is held back comes out. Time stands still at the end of the sound. */
    void finish() {
        utterance.limit(framesIn / (double) sampleRateHz);
        stepper.finish();
        finishUtterance();
    }

    void reset() {
        stepper.reset();
        decoder.reset();
        endpointer.reset();
        utterance.reset();
        tentativeConfidence = 0;
        heardSeconds = 0;
        framesIn = 0;
    }

    /** From the sound to the step that sees all of it. */
    double lookaheadSeconds() {
        return clock.windowSeconds() + stepper.resamplerDelaySeconds();
    }

    String describe() {
        return stepper.describe();
    }

    long events() {
        return partials.get() + finals.get();
    }

    TranscriberStats stats() {
        long steps = stepper.steps();
        double mean = steps == 0 ? 0 : stepper.stepNanos() / 1e6 / steps;
        return new TranscriberStats(
                steps, mean, stepper.worstStepNanos() / 1e6, partials.get(), finals.get(), suppressed.get());
    }

    @Override
    public void close() {
        stepper.close();
    }
}
