package io.mambaaudio.speech;

import io.mambaaudio.speech.TranscriptEvent.Final;
import io.mambaaudio.speech.TranscriptEvent.Partial;
import io.mambaaudio.speech.TranscriptEvent.Word;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The words of one utterance, and whether they may be told yet. */
final class Utterance implements CtcDecoder.WordSink, SavedState.Part {
    private final GateRules gate;
    private final StepClock clock;
    private final Confidence calibration;
    private final List<Word> words = new ArrayList<>();
    private final StringBuilder committed = new StringBuilder();
    private final double quietAfterSteps;
    private String told = "";
    private int toldCommitted;
    private boolean open;
    private float bestConfidence; // as the decoder says
    private double latestSeconds;
    private double limitSeconds = Double.MAX_VALUE;
    private double stepsSinceLoud = Double.MAX_VALUE;

    Utterance(GateRules gate, StepClock clock, Confidence calibration) {
        this.gate = gate;
        this.calibration = calibration;
        this.clock = clock;
        this.quietAfterSteps = 1 / clock.stepSeconds();
    }

    /** Takes a finished word. Times never go back. */
    @Override
    public void accept(String text, long firstFrame, long lastFrame, float confidence) {
        double start =
                Math.clamp(clock.wordStartSeconds(firstFrame), latestSeconds, Math.max(latestSeconds, limitSeconds));
        double end = Math.clamp(clock.wordEndSeconds(lastFrame), start, Math.max(start, limitSeconds));
        latestSeconds = end;
        bestConfidence = Math.max(bestConfidence, confidence);
        add(new Word(text, start, end, calibration.ofWord(confidence)));
    }

    private void add(Word word) {
        words.add(word);
        if (!committed.isEmpty()) {
            committed.append(' ');
        }
        committed.append(word.text());
    }

    /** From now on no time is later than this: the sound has ended. */
    void limit(double seconds) {
        limitSeconds = seconds;
    }

    /** Takes the level of a step. While there is text, the time since it was loud stands still. */
    void hear(double levelDb, boolean text) {
        if (levelDb >= gate.openLevelDb()) {
            stepsSinceLoud = 0;
        } else if (!text) {
            stepsSinceLoud++;
        }
    }

    /** Opens the utterance if a word is certain enough and the sound was loud enough. */
    boolean tryOpen(float tentativeConfidence) {
        open |= Math.max(bestConfidence, tentativeConfidence) >= gate.openConfidence()
                && stepsSinceLoud <= quietAfterSteps;
        return open;
    }

    boolean isOpen() {
        return open;
    }

    boolean isEmpty() {
        return words.isEmpty();
    }

    boolean toldText() {
        return toldCommitted > 0 || !told.isEmpty();
    }

    /** The text so far, or null if it was told already. */
    @Nullable
    Partial partial(String tentative, double atSeconds) {
        if (toldCommitted == committed.length() && told.equals(tentative)) {
            return null;
        }
        told = tentative;
        toldCommitted = committed.length();
        return new Partial(committed.toString(), tentative, Math.min(atSeconds, limitSeconds));
    }

    /** All words, which are forgotten here. There must be some. */
    Final close(double atSeconds) {
        Final last = new Final(
                committed.toString(),
                words,
                words.getFirst().startSeconds(),
                words.getLast().endSeconds(),
                Math.min(atSeconds, limitSeconds));
        forgetWords();
        return last;
    }

    /** The next utterance begins: with a closed gate, unless the speech goes on. */
    void next(boolean goesOn) {
        forgetWords();
        open &= goesOn;
    }

    private void forgetWords() {
        words.clear();
        committed.setLength(0);
        told = "";
        toldCommitted = 0;
        bestConfidence = 0;
    }

    void reset() {
        next(false);
        latestSeconds = 0;
        limitSeconds = Double.MAX_VALUE;
        stepsSinceLoud = Double.MAX_VALUE;
    }

    @Override
    public void save(DataOutputStream out) throws IOException {
        out.writeInt(words.size());
        for (Word word : words) {
            out.writeUTF(word.text());
            out.writeDouble(word.startSeconds());
            out.writeDouble(word.endSeconds());
            out.writeFloat(word.confidence());
        }
        out.writeUTF(told);
        out.writeInt(toldCommitted);
        out.writeBoolean(open);
        out.writeFloat(bestConfidence);
        out.writeDouble(latestSeconds);
        out.writeDouble(limitSeconds);
        out.writeDouble(stepsSinceLoud);
    }

    @Override
    public void load(DataInputStream in) throws IOException {
        reset();
        for (int n = in.readInt(); n > 0; n--) {
            add(new Word(in.readUTF(), in.readDouble(), in.readDouble(), in.readFloat()));
        }
        told = in.readUTF();
        toldCommitted = in.readInt();
        open = in.readBoolean();
        bestConfidence = in.readFloat();
        latestSeconds = in.readDouble();
        limitSeconds = in.readDouble();
        stepsSinceLoud = in.readDouble();
    }
}
