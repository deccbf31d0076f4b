package io.mambaaudio.server;

import io.mambaaudio.engine.StepScheduler;
import io.mambaaudio.engine.StreamFormat;
import io.mambaaudio.speech.Transcriber;
import io.mambaaudio.speech.TranscriptEvent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One stream of a client. The client's thread hands over a block and waits; the scheduler's threads hear it, slice by slice, so that a
 * long block of one stream never stands in the way of a short one of another.
 *
 * <p>Deadlines follow the sound, not its arrival: a slice is due some time after it would have been spoken. So a client that sends
 * faster than it could speak, a file for example, has all the time that others leave, and no more.
 */
final class LiveStream implements AutoCloseable {
    static final int SLICE_MILLIS = 100;
    private static final Duration LONGEST_MESSAGE = Duration.ofSeconds(10);

    private final Transcriber transcriber;
    private final StreamFormat format;
    private final Lane lane;
    private final StepScheduler.Slot<LiveStream> slot;
    private final long patienceNanos;
    private final LongAdder heardNanos;
    private final boolean plain;
    private final float[][] in; // (channels, slice)
    private final Semaphore done = new Semaphore(0);
    private boolean pending; // of the client's thread

    // Handed over from one thread to the other by slot.due and done.
    private List<TranscriptEvent> events = new ArrayList<>();
    private float[][] sound = {};
    private int at;
    private int end;
    private boolean finishing;
    private @Nullable RuntimeException failure;
    private long spokenNanos; // when what was heard so far would have been spoken, on the clock of System.nanoTime
    private long framesHeard;

    /**
     * A stream at its start.
     *
     * @param make gets the listener, gives the transcriber, which is in the lane's batch
     * @param heardNanos where the sound that is heard adds up
     * @param plain whether it is like every other stream of its format, with no wishes of its client
     */
    LiveStream(
            Function<Consumer<TranscriptEvent>, Transcriber> make,
            StreamFormat format,
            Lane lane,
            Duration patience,
            LongAdder heardNanos,
            boolean plain) {
        this.plain = plain;
        this.heardNanos = heardNanos;
        this.format = format;
        this.lane = lane;
        this.patienceNanos = patience.toNanos();
        this.spokenNanos = System.nanoTime();
        int slice = Math.max(1, format.sampleRateHz() * SLICE_MILLIS / 1000);
        in = new float[format.channels()][slice];
        transcriber = make.apply(event -> events.add(event));
        try {
            transcriber.prepare(format, slice);
        } catch (RuntimeException e) {
            transcriber.close(); // it has a place in the batch
            throw e;
        }
        slot = lane.slot(this);
    }

    StreamFormat format() {
        return format;
    }

    /**
     * Hears a block.
     *
     * @param block (channels, at least frames), not to be changed until this returns
     * @return what was said up to now and not returned before
     * @throws InterruptedException if the client's thread was told to end; what was handed over is heard all the same
     */
    List<TranscriptEvent> push(float[][] block, int frames) throws InterruptedException {
        sound = block;
        at = 0;
        end = frames;
        return submitAndWait();
    }

    /** Hears that no more comes. */
    List<TranscriptEvent> finish() throws InterruptedException {
        finishing = true;
        return submitAndWait();
    }

    private List<TranscriptEvent> submitAndWait() throws InterruptedException {
        submit();
        done.acquire();
        pending = false;
        return result();
    }

    /** The first half of {@link #push}, for who feeds several streams from one thread. */
    void submit(float[][] block, int frames) {
        sound = block;
        at = 0;
        end = frames;
        submit();
    }

    private void submit() {
        pending = true;
        if (!slot.due(nextDeadline())) {
            pending = false;
            throw new IllegalStateException("the server is stopping; try another");
        }
    }

    /**
     * Waits for what was handed over before an interruption.
     *
     * @return what was said and not returned before
     */
    List<TranscriptEvent> settle() {
        if (pending) {
            try {
                pending = !done.tryAcquire(LONGEST_MESSAGE.toMillis(), TimeUnit.MILLISECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            if (pending) {
                throw new IllegalStateException("the stream is still being heard");
            }
        }
        return result();
    }

    private List<TranscriptEvent> result() {
        RuntimeException thrown = failure;
        if (thrown != null) {
            failure = null;
            throw thrown;
        }
        List<TranscriptEvent> said = events;
        events = new ArrayList<>();
        return said;
    }

    /** Begins again: between blocks only. */
    void restart() {
        transcriber.reset();
        events.clear();
        spokenNanos = System.nanoTime();
        framesHeard = 0;
    }

    /** The state between two blocks. */
    byte[] save() {
        return transcriber.save();
    }

    /** Goes on from a saved state. */
    void restore(byte[] saved, long frames) {
        transcriber.restore(saved);
        framesHeard = frames;
    }

    boolean isPlain() {
        return plain;
    }

    /** Frames that were heard. */
    long framesHeard() {
        return framesHeard;
    }

    /** The model's steps so far; any thread may ask. */
    long steps() {
        return transcriber.stats().steps();
    }

    /** Time that they took; any thread may ask. */
    double stepSeconds() {
        return transcriber.stats().meanStepMillis() / 1000 * steps();
    }

    /** The longest one; any thread may ask. */
    double worstStepSeconds() {
        return transcriber.stats().worstStepMillis() / 1000;
    }

    /** The first half of a slice, on the lane's thread: up to the frames. Whether there are any to step through. */
    boolean hear() {
        try {
            if (at < end) {
                hear(Math.min(in[0].length, end - at));
                return true;
            }
            if (finishing) {
                finishing = false;
                lane.batch().hearEnd(transcriber);
                return true;
            }
        } catch (RuntimeException e) {
            fail(e);
        }
        return false;
    }

    private void hear(int frames) {
        for (int c = 0; c < in.length; c++) {
            System.arraycopy(sound[c], at, in[c], 0, frames);
        }
        at += frames;
        framesHeard += frames;
        lane.batch().hear(transcriber, in, frames);
        heardNanos.add(1_000_000_000L * frames / format.sampleRateHz());
    }

    /** The rest of what was handed over is not heard. On the lane's thread. */
    void fail(RuntimeException thrown) {
        failure = thrown;
        at = end;
        finishing = false;
    }

    /** The end of a slice, on the lane's thread. */
    void heard() {
        if (at < end || finishing) {
            slot.due(nextDeadline());
        } else {
            done.release();
        }
    }

    Transcriber transcriber() {
        return transcriber;
    }

    Lane lane() {
        return lane;
    }

    private long nextDeadline() {
        long now = System.nanoTime();
        if (spokenNanos - now < 0) {
            spokenNanos = now;
        }
        long deadline = spokenNanos + patienceNanos;
        spokenNanos += 1_000_000_000L * Math.min(in[0].length, end - at) / format.sampleRateHz();
        return deadline;
    }

    /** Waits for a slice that is being heard; the stream is over. */
    @Override
    public void close() {
        slot.close();
        transcriber.close();
    }
}
