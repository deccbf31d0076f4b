package io.mambaaudio.speech;

import io.mambaaudio.speech.TranscriptEvent.Partial;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/** From the steps of a model to events: decoder, endpointer, utterance. One thread at a time; the counts may be read by any. */
final class Narrator implements FrameStepper.StepSink, SavedState.Part {
    private final StepClock clock;
    private final CtcDecoder decoder;
    private final Endpointer endpointer;
    private final Utterance utterance;
    private final Consumer<TranscriptEvent> listener;
    private final Runnable atEndpoint;
    private final long pauseSteps;
    private long blankSteps;
    private float tentativeConfidence;
    private double heardSeconds;
    private final AtomicLong partials = new AtomicLong();
    private final AtomicLong finals = new AtomicLong();
    private final AtomicLong suppressed = new AtomicLong();

    /**
     * Makes one at the start of a stream.
     *
     * @param atEndpoint called after an utterance has ended in silence
     */
    Narrator(
            StepClock clock,
            CtcDecoder decoder,
            EndpointRules rules,
            GateRules gate,
            Consumer<TranscriptEvent> listener,
            Runnable atEndpoint) {
        this.clock = clock;
        this.decoder = decoder;
        this.listener = listener;
        this.atEndpoint = atEndpoint;
        pauseSteps = Math.round(rules.wordSilenceSeconds() / clock.stepSeconds());
        endpointer = new Endpointer(rules, clock.stepSeconds());
        utterance = new Utterance(gate, clock, Confidence.of(decoder));
    }

    @Override
    public void step(long frame, float[] logits, double levelDb) {
        heardSeconds = clock.heardSeconds(frame);
        boolean changed = decoder.accept(frame, logits, utterance);
        changed |= pause();
        if (changed) {
            tentativeConfidence = decoder.tentativeConfidence();
        }
        boolean text = !utterance.isEmpty() || tentativeConfidence > 0;
        utterance.hear(levelDb, text);
        if (text && (changed || !utterance.isOpen()) && utterance.tryOpen(tentativeConfidence)) {
            tellPartial();
        } else if (!text && utterance.toldText()) {
            tellPartial(); // what was shown has come to nothing
            utterance.next(false);
        }
        switch (endpointer.accept(decoder.blank(), text, levelDb)) {
            case ENDED -> {
                finishUtterance();
                atEndpoint.run();
            }
            case TOO_LONG -> tellFinal(true);
            case GOES_ON -> {}
        }
    }

    /** In a pause the last word is complete, long before the utterance is. */
    private boolean pause() {
        blankSteps = decoder.blank() ? blankSteps + 1 : 0;
        return blankSteps == pauseSteps && decoder.pause(utterance);
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
        if (!utterance.isEmpty()) {
            if (utterance.tryOpen(0)) {
                finals.incrementAndGet();
                listener.accept(utterance.close(heardSeconds));
            } else {
                suppressed.incrementAndGet();
            }
        } else if (utterance.toldText()) {
            tellPartial(); // what was shown has come to nothing: a hotword half said, or a word that the language model
            // refuses
        }
        utterance.next(goesOn);
    }

    /** The sound ends there: from now on time stands still. */
    void limit(double seconds) {
        utterance.limit(seconds);
    }

    /** No more steps come: what is held back comes out. */
    void finish() {
        finishUtterance();
    }

    void reset() {
        decoder.reset();
        endpointer.reset();
        utterance.reset();
        blankSteps = 0;
        tentativeConfidence = 0;
        heardSeconds = 0;
    }

    @Override
    public void save(DataOutputStream out) throws IOException {
        switch (decoder) {
            case GreedyDecoder greedy -> greedy.save(out);
            case BeamDecoder beam -> beam.save(out);
        }
        endpointer.save(out);
        utterance.save(out);
        out.writeLong(blankSteps);
        out.writeFloat(tentativeConfidence);
        out.writeDouble(heardSeconds);
    }

    @Override
    public void load(DataInputStream in) throws IOException {
        switch (decoder) {
            case GreedyDecoder greedy -> greedy.load(in);
            case BeamDecoder beam -> beam.load(in);
        }
        endpointer.load(in);
        utterance.load(in);
        blankSteps = in.readLong();
        tentativeConfidence = in.readFloat();
        heardSeconds = in.readDouble();
    }

    long partials() {
        return partials.get();
    }

    long finals() {
        return finals.get();
    }

    long suppressed() {
        return suppressed.get();
    }
}
