package io.mambaaudio.speech;

import io.mambaaudio.models.Backend;
import io.mambaaudio.models.Mamba;
import io.mambaaudio.models.SessionBatch;
import io.mambaaudio.models.Snapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;

/**
 * Room for many transcribers whose models step together, so that the weights are read once for all that are due. A transcriber is
 * in a batch if {@link Transcriber.Builder#batch} says so. What it tells does not depend on who else is in the batch, or in a call: on
 * the CPU the bits are those of a transcriber by itself.
 *
 * <p>In each round {@link #hear} takes a block of each stream that has one, and {@link #step} does the rest for all of them. One thread
 * at a time calls these two, and {@link Transcriber#process} and {@link Transcriber#finish} of its transcribers. Meanwhile other threads may build,
 * save, restore, reset and close transcribers that are in no call: they wait for a step of the model at most.
 */
public final class TranscriberBatch implements AutoCloseable {
    private final Mamba model;
    private final SessionBatch sessions;
    private final boolean shared; // one stream by itself takes no lock
    private final ReentrantLock lock = new ReentrantLock();
    private final List<FrameStepper> steppers = new ArrayList<>(); // during a step

    // Of a call of the model; they grow with the most streams that were ever in one.
    private FrameStepper[] in = {};
    private int[] slots = {};
    private float[] frames = {}; // (streams, nMels)
    private float[] logits = {}; // (streams, vocabSize)
    private boolean[] stepped = {};

    private TranscriberBatch(Mamba model, SessionBatch sessions, boolean shared) {
        this.model = model;
        this.sessions = sessions;
        this.shared = shared;
    }

    /**
     * Opens a batch without streams.
     *
     * @param like its model and backend are the batch's
     * @param capacity transcribers that have room, at least 1
     * @return the batch
     * @throws SpeechException if the model is not one for speech
     * @throws io.mambaaudio.models.ModelException if the backend cannot be had, or has no room for so many; the message says what to do
     */
    public static TranscriberBatch open(Transcriber.Builder like, int capacity) {
        MelMetadata.of(like.model()); // says in one line if it is not for speech, before anything large is made
        return new TranscriberBatch(like.model(), SessionBatch.open(like.model(), like.backend(), capacity), true);
    }

    /** Room for one, which takes no lock. */
    static TranscriberBatch lone(Mamba model, Backend backend) {
        MelMetadata.of(model);
        return new TranscriberBatch(model, SessionBatch.open(model, backend, 1), false);
    }

    /**
     * Another batch over the same weights on the same device, for another thread.
     *
     * @param capacity transcribers that have room in it, at least 1
     * @return the other batch, to be closed by itself
     * @throws io.mambaaudio.models.ModelException if the device has no room for so many
     */
    public TranscriberBatch sibling(int capacity) {
        return new TranscriberBatch(model, sessions.sibling(capacity), true);
    }

    /**
     * Takes a block of one stream, up to its mel frames, which wait for {@link #step}.
     *
     * @param of a transcriber of this batch, prepared
     * @param block (channels, at least count)
     * @param count frames of sound
     */
    public void hear(Transcriber of, float[][] block, int count) {
        of.recognition().hear(block, count);
    }

    /**
     * Takes the end of one stream: the next {@link #step} brings out all that is held back.
     *
     * @param of a transcriber of this batch, all of whose blocks were stepped through
     */
    public void hearEnd(Transcriber of) {
        of.recognition().hearEnd();
    }

    /**
     * Steps through all that these streams have heard, and tells their listeners.
     *
     * @param of transcribers of this batch, each once
     * @param failed told of each whose listener threw, and what; the others are as if it had not been there
     * @throws io.mambaaudio.models.ModelException if the device failed; the streams of this call are not to be used any more
     */
    public void step(List<Transcriber> of, BiConsumer<Transcriber, RuntimeException> failed) {
        steppers.clear();
        for (int i = 0; i < of.size(); i++) {
            steppers.add(of.get(i).recognition().stepper());
        }
        drain(steppers);
        for (int i = 0; i < of.size(); i++) {
            RuntimeException thrown = of.get(i).recognition().stepped();
            if (thrown != null) {
                failed.accept(of.get(i), thrown);
            }
        }
    }

    /** Steps through all frames that wait. In each round every stream gets to its next step, so that they all take it in one call. */
    void drain(List<FrameStepper> of) {
        for (int most = aim(of); most > 0; most = aim(of)) {
            for (int follow = most - 1; follow >= 0; follow--) {
                call(of, follow);
            }
        }
    }

    private int aim(List<FrameStepper> of) {
        int most = 0;
        lock();
        try {
            for (int i = 0; i < of.size(); i++) {
                FrameStepper stepper = of.get(i);
                most = Math.max(most, stepper.aim(sessions.framesToStep(stepper.slot())));
            }
        } finally {
            unlock();
        }
        return most;
    }

    private void call(List<FrameStepper> of, int follow) {
        makeRoom(of.size());
        int nMels = frames.length / in.length;
        int count = 0;
        for (int i = 0; i < of.size(); i++) {
            if (of.get(i).give(follow, frames, count * nMels)) {
                in[count] = of.get(i);
                slots[count++] = of.get(i).slot();
            }
        }
        long nanos = step(count);
        int steps = 0;
        for (int i = 0; i < count; i++) {
            steps += stepped[i] ? 1 : 0;
        }
        int vocabSize = logits.length / in.length;
        for (int i = 0; i < count; i++) {
            in[i].heard(stepped[i], logits, i * vocabSize, nanos / Math.max(1, steps), nanos);
        }
    }

    private long step(int count) {
        lock();
        try {
            long before = System.nanoTime();
            sessions.step(slots, count, frames, logits, stepped);
            return System.nanoTime() - before;
        } finally {
            unlock();
        }
    }

    private void makeRoom(int count) {
        if (in.length < count) {
            int nMels = model.config().frontend().orElseThrow().nMels();
            in = new FrameStepper[count];
            slots = new int[count];
            frames = new float[count * nMels];
            logits = new float[count * model.config().vocabSize()];
            stepped = new boolean[count];
        }
    }

    private void lock() {
        if (shared) {
            lock.lock();
        }
    }

    private void unlock() {
        if (shared) {
            lock.unlock();
        }
    }

    Mamba model() {
        return model;
    }

    int join() {
        lock();
        try {
            return sessions.join();
        } finally {
            unlock();
        }
    }

    void leave(int slot) {
        lock();
        try {
            sessions.leave(slot);
        } finally {
            unlock();
        }
    }

    void reset(int slot) {
        lock();
        try {
            sessions.reset(slot);
        } finally {
            unlock();
        }
    }

    Snapshot snapshot(int slot) {
        lock();
        try {
            return sessions.snapshot(slot);
        } finally {
            unlock();
        }
    }

    void restore(int slot, Snapshot snapshot) {
        lock();
        try {
            sessions.restore(slot, snapshot);
        } finally {
            unlock();
        }
    }

    /**
     * Transcribers that have room.
     *
     * @return as many as were asked for at open
     */
    public int capacity() {
        return sessions.capacity();
    }

    /**
     * Where the models compute.
     *
     * @return the resolved backend, never AUTO
     */
    public Backend backend() {
        return sessions.backend();
    }

    /**
     * The size of one stream's state in the model.
     *
     * @return bytes
     */
    public long stateBytes() {
        return sessions.stateBytes();
    }

    /**
     * The model and where it computes.
     *
     * @return one line
     */
    public String describe() {
        return sessions.describe();
    }

    /** Ends all transcribers of this batch. */
    @Override
    public void close() {
        lock();
        try {
            sessions.close();
        } finally {
            unlock();
        }
    }
}
