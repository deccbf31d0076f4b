package io.mambaaudio.speech;

import io.mambaaudio.dsp.MelSpec;
import io.mambaaudio.engine.StreamFormat;
import io.mambaaudio.models.FrameFrontend;
import io.mambaaudio.models.Mamba;
import io.mambaaudio.models.Snapshot;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * From blocks of sound to the steps of a model, in two halves: {@link #hear} makes mel frames, which wait here; a
 * {@link TranscriberBatch} takes them, steps the model and hands the steps back. {@link #push} does both for this stream alone. What
 * comes out depends on the sound alone, not on how it was cut into blocks or who else is in the batch. One thread at a time; allocates
 * in {@link #prepare} only.
 */
final class FrameStepper implements AutoCloseable, SavedState.Part {
    /** Receives the steps. */
    @FunctionalInterface
    interface StepSink {
        /**
         * Takes one step.
         *
         * @param frame the newest mel frame that it heard, counted from the start of the stream
         * @param logits (vocabSize) to be read now
         * @param levelDb loudness of the newest sound, dB relative to full scale
         */
        void step(long frame, float[] logits, double levelDb);
    }

    /** Frames that can wait: more than a slice of a tenth of a second, or the silence at the end. */
    private static final int MOST_WAITING = 64;

    private final MelSpec spec;
    private final FrameFrontend shape;
    private final FrameSource source;
    private final TranscriberBatch batch;
    private final boolean ownsBatch;
    private final int slot;
    private final List<FrameStepper> alone = List.of(this);
    private @Nullable StepSink sink;
    private final float[] logits; // (vocabSize)
    private final float[] waiting; // (MOST_WAITING, nMels) frames that the model has not taken yet
    private final long[] waitingFrames = new long[MOST_WAITING]; // their numbers
    private final double[] waitingDb = new double[MOST_WAITING]; // how loud it was at each
    private int kept;
    private int taken;
    private int aim; // frames that the model takes in this round
    private @Nullable RuntimeException failure;
    private final AtomicLong steps = new AtomicLong();
    private final AtomicLong stepNanos = new AtomicLong();
    private final AtomicLong worstNanos = new AtomicLong();

    /**
     * A stream in a batch.
     *
     * @param ownsBatch whether the batch is this stream's alone, and ends with it
     */
    FrameStepper(TranscriberBatch batch, boolean ownsBatch) {
        Mamba model = batch.model();
        this.batch = batch;
        this.ownsBatch = ownsBatch;
        spec = MelMetadata.of(model);
        shape = model.config().frontend().orElseThrow();
        source = new FrameSource(spec, shape.strideFrames(), this::keep);
        logits = new float[model.config().vocabSize()];
        waiting = new float[MOST_WAITING * spec.nMels()];
        slot = batch.join();
    }

    /** Where frames and steps lie in time. */
    StepClock clock() {
        return StepClock.of(spec, shape);
    }

    /** How much later than its sound a resampled sample appears. */
    double resamplerDelaySeconds() {
        return source.resamplerDelaySeconds();
    }

    long stateBytes() {
        return batch.stateBytes();
    }

    String describe() {
        return batch.describe();
    }

    void prepare(StreamFormat format) {
        source.prepare(format);
        reset();
    }

    /** Steps through silence, so that the code is compiled before the sound comes. The stream is to be reset afterwards. */
    void warmUp(int stepCount) {
        sink = null;
        float[] silence = new float[spec.nMels()];
        long count = stepCount == 0 ? 0 : shape.windowFrames() + (long) shape.strideFrames() * (stepCount - 1);
        for (long i = 0; i < count; i++) {
            keep(i, silence, Endpointer.SILENCE_DB);
        }
        stepAlone();
    }

    /** Takes a block and steps through it. */
    void push(float[][] in, int count, StepSink to) {
        hear(in, count, to);
        stepAlone();
    }

    /** Hears what is held back, then some silence, and steps through it. */
    void finish(StepSink to) {
        hearEnd(to);
        stepAlone();
    }

    /** The first half: takes a block; its frames wait for the batch. Should they be too many, those before are stepped through now. */
    void hear(float[][] in, int count, StepSink to) {
        sink = to;
        source.push(in, count);
    }

    /** The first half of what comes at the end. */
    void hearEnd(StepSink to) {
        sink = to;
        source.finish();
    }

    private void stepAlone() {
        batch.drain(alone);
        RuntimeException thrown = takeFailure();
        if (thrown != null) {
            throw thrown;
        }
    }

    private void keep(long frame, float[] values, double levelDb) {
        if (kept == MOST_WAITING) {
            stepAlone();
        }
        System.arraycopy(values, 0, waiting, kept * spec.nMels(), spec.nMels());
        waitingFrames[kept] = frame;
        waitingDb[kept++] = levelDb;
    }

    int slot() {
        return slot;
    }

    /** Frames that the model takes in a round: up to its next step, or all there are if they do not complete it. */
    int aim(int framesToStep) {
        aim = Math.min(kept - taken, framesToStep);
        return aim;
    }

    /** Gives its next frame for a call that so many are to follow; false if it has none for it. */
    boolean give(int follow, float[] to, int at) {
        if (aim <= follow) {
            return false;
        }
        System.arraycopy(waiting, taken++ * spec.nMels(), to, at, spec.nMels());
        return true;
    }

    /**
     * The second half: the model has heard the frame. What the listener throws is kept, and ends what waits of this stream alone.
     *
     * @param rows with the logits of a step from {@code at}
     * @param nanos this stream's share of the time
     * @param callNanos what all in the call took together
     */
    void heard(boolean stepped, float[] rows, int at, long nanos, long callNanos) {
        long frame = waitingFrames[taken - 1];
        double levelDb = waitingDb[taken - 1];
        if (taken == kept) {
            forgetWaiting();
        }
        StepSink to = sink;
        if (stepped && to != null) {
            count(nanos, callNanos);
            System.arraycopy(rows, at, logits, 0, logits.length);
            try {
                to.step(frame, logits, levelDb);
            } catch (RuntimeException e) {
                failure = e;
                forgetWaiting();
            }
        }
    }

    private void count(long nanos, long callNanos) {
        steps.lazySet(steps.getPlain() + 1);
        stepNanos.lazySet(stepNanos.getPlain() + nanos);
        worstNanos.lazySet(Math.max(worstNanos.getPlain(), callNanos));
    }

    private void forgetWaiting() {
        kept = 0;
        taken = 0;
        aim = 0;
    }

    /** What the listener threw since it was last asked for. */
    @Nullable
    RuntimeException takeFailure() {
        RuntimeException thrown = failure;
        failure = null;
        return thrown;
    }

    /** Lets the model forget; the stream goes on. */
    void resetState() {
        batch.reset(slot);
    }

    void reset() {
        batch.reset(slot);
        source.reset();
        forgetWaiting();
        failure = null;
    }

    /** The session's snapshot, and what the source holds. */
    @Override
    public void save(DataOutputStream out) throws IOException {
        out.writeLong(source.inputRateHz());
        byte[] snapshot = batch.snapshot(slot).toBytes();
        out.writeInt(snapshot.length);
        out.write(snapshot);
        source.save(out);
    }

    @Override
    public void load(DataInputStream in) throws IOException {
        SavedState.expect(in, "sampleRateHz", source.inputRateHz());
        byte[] snapshot = in.readNBytes(in.readInt());
        batch.restore(slot, Snapshot.fromBytes(snapshot));
        source.load(in);
        forgetWaiting();
    }

    long steps() {
        return steps.get();
    }

    long stepNanos() {
        return stepNanos.get();
    }

    long worstStepNanos() {
        return worstNanos.get();
    }

    @Override
    public void close() {
        if (ownsBatch) {
            batch.close();
        } else {
            batch.leave(slot);
        }
    }
}
