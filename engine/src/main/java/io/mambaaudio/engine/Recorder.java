package io.mambaaudio.engine;

import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Writes the sound at its place in the chain to a WAV file of 32-bit floats and passes it on unchanged.
 *
 * <p>A thread of its own does the writing, {@value #RING_SECONDS} s behind at most. Where the disk is slower than that, as it may be
 * for a file that is processed at full speed, {@link #process} waits for it, up to {@value #PATIENCE_MILLIS} ms without progress;
 * frames that then have no room are dropped and counted. The thread ends with {@link #finish} or {@link #close}.
 */
public final class Recorder implements Processor {
    private static final int RING_SECONDS = 2;
    private static final int PATIENCE_MILLIS = 1000;
    private static final int BLOCK_FRAMES = 4096;
    private static final long PARK_NANOS = 1_000_000;

    private volatile @Nullable Path file;
    private final AtomicLong written = new AtomicLong();
    private final AtomicLong dropped = new AtomicLong();
    private volatile @Nullable Writer writer; // between prepare and finish or close

    /** For the service loader; say where to write with {@link #file}. */
    public Recorder() {}

    /**
     * Makes one for a file.
     *
     * @param file made or overwritten by {@link #prepare}
     * @return a recorder
     */
    public static Recorder to(Path file) {
        Recorder recorder = new Recorder();
        recorder.file(file);
        return recorder;
    }

    /**
     * Says where to write, before {@link #prepare}.
     *
     * @param to made or overwritten
     */
    public void file(Path to) {
        file = to;
    }

    @Override
    public String id() {
        return "record";
    }

    /** @throws EngineException when there is no file to write to, or it can't be written */
    @Override
    public StreamFormat prepare(StreamFormat format, int maxFrames) {
        close();
        Path to = file;
        if (to == null) {
            throw new EngineException("the recorder has no file; call file(path) first");
        }
        Writer made = new Writer(AudioOutputs.wav(to), format, written);
        made.start();
        writer = made;
        written.set(0);
        dropped.set(0);
        return format;
    }

    @Override
    public void process(float[][] in, float[][] out, int frames) {
        for (int c = 0; c < out.length; c++) {
            System.arraycopy(in[c], 0, out[c], 0, frames);
        }
        Writer to = writer;
        int taken = to == null ? 0 : to.take(in, frames);
        dropped.lazySet(dropped.getPlain() + frames - taken);
    }

    /**
     * Waits until all is in the file and finishes it.
     *
     * @throws EngineException when the disk was full, say; the file has what came before
     */
    @Override
    public void finish() {
        Writer to = writer;
        writer = null;
        if (to != null) {
            to.finish();
        }
    }

    /** Nothing to forget: the file has what was heard. */
    @Override
    public void reset() {}

    /**
     * Frames in the file.
     *
     * @return a count since {@link #prepare}
     */
    public long framesWritten() {
        return written.get();
    }

    /**
     * Frames that came when there was no file or the disk was too slow or full.
     *
     * @return a count since {@link #prepare}
     */
    public long droppedFrames() {
        return dropped.get();
    }

    /** Finishes the file, whatever it has. */
    @Override
    public void close() {
        try {
            finish();
        } catch (EngineException e) {
            System.getLogger(Recorder.class.getName()).log(System.Logger.Level.WARNING, e.getMessage());
        }
    }

    /** The writing thread and its ring. */
    private static final class Writer implements Runnable {
        private final AudioOutput output;
        private final OneToOneFloatRing ring;
        private final float[][] block;
        private final AtomicLong written;
        private final Thread thread;
        private volatile boolean ending;
        private volatile @Nullable EngineException failure;

        Writer(AudioOutput output, StreamFormat format, AtomicLong written) {
            this.output = output;
            this.ring = new OneToOneFloatRing(format.channels(), RING_SECONDS * format.sampleRateHz());
            this.block = new float[format.channels()][BLOCK_FRAMES];
            this.written = written;
            output.open(format);
            this.thread = new Thread(this, "mamba-record " + output.name());
        }

        void start() {
            thread.start();
        }

        /** Returns the frames that found room. */
        int take(float[][] in, int frames) {
            int taken = ring.write(in, 0, frames);
            long progress = taken < frames ? System.nanoTime() : 0;
            while (taken < frames && failure == null && System.nanoTime() - progress < PATIENCE_MILLIS * 1_000_000L) {
                LockSupport.parkNanos(PARK_NANOS);
                int count = ring.write(in, taken, frames - taken);
                taken += count;
                progress = count > 0 ? System.nanoTime() : progress;
            }
            return taken;
        }

        @Override
        public void run() {
            try (output) {
                boolean more = true;
                while (more) {
                    boolean last = ending; // asked before the ring: what was written before the end is seen
                    int frames = ring.read(block, BLOCK_FRAMES);
                    if (frames > 0) {
                        output.write(block, frames);
                        written.lazySet(written.getPlain() + frames);
                    } else {
                        LockSupport.parkNanos(PARK_NANOS);
                    }
                    more = frames > 0 || !last;
                }
            } catch (EngineException e) {
                failure = e;
            }
        }

        void finish() {
            ending = true;
            boolean interrupted = false;
            while (thread.isAlive()) {
                try {
                    thread.join();
                } catch (InterruptedException e) {
                    interrupted = true; // the file comes first
                }
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
            EngineException e = failure;
            if (e != null) {
                throw e;
            }
        }
    }
}
