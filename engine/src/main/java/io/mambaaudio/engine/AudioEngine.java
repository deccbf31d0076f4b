package io.mambaaudio.engine;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Takes sound from an input through a chain of processors to an output, with a thread each for capture, work and playback and
 * a {@link OneToOneFloatRing} between two of them.
 *
 * <p>Life: {@link #open} prepares all and starts nothing; {@link #start}; the end of the input or {@link #stop} from any
 * thread; {@link #await}; {@link #close}. However the stream ends, also by a failing device, what was captured is processed,
 * every processor's {@link Processor#finish} is called in chain order, and the output is drained.
 *
 * <p>The processors get blocks of one length (the last may be shorter), so the result does not depend on how fast the input
 * is. A live input drops frames when the worker is later than the ring is long; any other input waits. The engine owns what
 * it was given and closes it.
 *
 * <p>The worker thread keeps the JVM alive, as sound may still be on its way; capture and playback threads are daemons, as a
 * driver may hold them for ever.
 */
public final class AudioEngine implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(AudioEngine.class.getName());

    private final AudioInput input;
    private final Chain chain;
    private final AudioOutput output;
    private final EngineOptions options;
    private final EngineStats stats;
    private final EngineControl control;
    private final EngineThreads threads;
    private final AtomicBoolean started = new AtomicBoolean();
    private final AtomicBoolean closed = new AtomicBoolean();

    private AudioEngine(AudioInput input, Chain chain, AudioOutput output, EngineOptions options) {
        this.input = input;
        this.chain = chain;
        this.output = output;
        this.options = options;
        chain.prepare(input.format(), options.blockFrames(input.format().sampleRateHz()));
        output.open(chain.outputFormat());
        this.stats = new EngineStats(input, chain, output);
        this.control = new EngineControl(input, options.stopGrace().toNanos());
        this.threads = new EngineThreads(input, chain, output, options, control, stats);
    }

    /**
     * Prepares the chain, opens the output, and makes the threads, with {@link EngineOptions#defaults}. Nothing runs yet.
     *
     * @param input where sound comes from; not started yet
     * @param chain the processors in order; empty passes the sound through
     * @param output where sound goes
     * @return an engine to start
     * @throws EngineException when a processor or the output can't be prepared; then all that was given is closed
     */
    public static AudioEngine open(AudioInput input, List<? extends Processor> chain, AudioOutput output) {
        return open(input, chain, output, EngineOptions.defaults());
    }

    /**
     * As {@link #open(AudioInput, List, AudioOutput)}.
     *
     * @param input where sound comes from; not started yet
     * @param chain the processors in order; empty passes the sound through
     * @param output where sound goes
     * @param options block length, rings, idling
     * @return an engine to start
     * @throws EngineException when a processor or the output can't be prepared; then all that was given is closed
     */
    public static AudioEngine open(
            AudioInput input, List<? extends Processor> chain, AudioOutput output, EngineOptions options) {
        Chain slots = new Chain(chain);
        try {
            AudioEngine engine = new AudioEngine(input, slots, output, options);
            LOG.log(System.Logger.Level.DEBUG, engine::describe);
            return engine;
        } catch (RuntimeException | Error e) {
            closeAll(input, slots, output);
            throw e;
        }
    }

    /**
     * Runs a stream from its first frame to its last on this thread's time: opens, starts, waits, closes.
     *
     * <p>An interrupt stops the stream cleanly and is kept.
     *
     * @param input where sound comes from
     * @param chain the processors in order
     * @param output where sound goes
     * @return what was done
     * @throws EngineException the failure that ended the stream, if one did
     */
    public static EngineStats run(AudioInput input, List<? extends Processor> chain, AudioOutput output) {
        AudioEngine engine = open(input, chain, output);
        try (engine) {
            engine.start();
            engine.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // close() has stopped the stream cleanly
        }
        engine.failure().ifPresent(e -> {
            throw e;
        });
        return engine.stats();
    }

    /**
     * Starts the threads and lets the input flow.
     *
     * @throws EngineException when the input can't start; the engine is closed then
     * @throws IllegalStateException when it was started or closed before
     */
    public void start() {
        if (closed.get() || !started.compareAndSet(false, true)) {
            throw new IllegalStateException("the engine was started or closed before; open a new one");
        }
        try {
            input.start();
        } catch (RuntimeException | Error e) {
            closed.set(true);
            closeAll(input, chain, output);
            throw e;
        }
        threads.start();
    }

    /**
     * Asks for a clean end and returns at once: what was captured is still processed and every processor finished. From any
     * thread, also from a processor's listener, any number of times. Before {@link #start} it has the effect that the stream
     * ends as soon as it starts.
     */
    public void stop() {
        control.requestStop();
    }

    /**
     * Waits until the stream has ended, all events are out and the output is drained.
     *
     * @throws InterruptedException when this thread is interrupted; the stream goes on
     * @throws IllegalStateException when the engine was not started, or a thread of the engine asks
     */
    public void await() throws InterruptedException {
        checkMayWait();
        threads.join();
    }

    /**
     * As {@link #await()}, for a limited time.
     *
     * @param limit how long to wait
     * @return true when the stream has ended
     * @throws InterruptedException when this thread is interrupted; the stream goes on
     * @throws IllegalStateException when the engine was not started, or a thread of the engine asks
     */
    public boolean await(Duration limit) throws InterruptedException {
        checkMayWait();
        return threads.join(limit);
    }

    /**
     * What has been done so far.
     *
     * @return a live view, valid also after {@link #close}
     */
    public EngineStats stats() {
        return stats;
    }

    /**
     * What ended the stream, where it was neither the end of the input nor a {@link #stop}.
     *
     * @return the first failure; later ones are its suppressed exceptions
     */
    public Optional<EngineException> failure() {
        return control.failure();
    }

    /**
     * What the listener should know about the input though it did not end the stream.
     *
     * @return one line
     */
    public Optional<String> warning() {
        return input.warning();
    }

    /**
     * What comes out of the chain.
     *
     * @return rate and channels
     */
    public StreamFormat outputFormat() {
        return chain.outputFormat();
    }

    /**
     * The processors, each with its bypass and its clock.
     *
     * @return the chain; the engine runs it, so only its {@link Chain#slots} and its latency are for others
     */
    public Chain chain() {
        return chain;
    }

    /** Stops cleanly, waits for the end, and closes input, processors and output. Idempotent; from a listener it only stops. */
    @Override
    public void close() {
        stop();
        if (threads.include(Thread.currentThread())) {
            return;
        }
        if (started.get()) {
            joinUninterrupted();
        }
        if (closed.compareAndSet(false, true)) {
            if (started.get()) {
                closeProcessors(chain); // the threads closed input and output
            } else {
                closeAll(input, chain, output);
            }
        }
    }

    private void joinUninterrupted() {
        boolean interrupted = false;
        while (true) {
            try {
                threads.join();
                break;
            } catch (InterruptedException e) {
                interrupted = true; // the words spoken so far come first
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void checkMayWait() {
        if (!started.get()) {
            throw new IllegalStateException("the engine is not started; call start() first");
        }
        if (threads.include(Thread.currentThread())) {
            throw new IllegalStateException("a thread of the engine can't wait for its end; call stop() instead");
        }
    }

    private String describe() {
        StringBuilder line = new StringBuilder(input.name()).append(" (").append(input.format());
        chain.slots().forEach(s -> line.append(" -> ").append(s.processor().id()));
        return line.append(") -> ")
                .append(output.name())
                .append(", ")
                .append(options)
                .toString();
    }

    private static void closeAll(AudioInput input, Chain chain, AudioOutput output) {
        closeQuietly(input);
        closeProcessors(chain);
        closeQuietly(output);
    }

    /** One by one: one that fails does not keep the others open. */
    private static void closeProcessors(Chain chain) {
        chain.slots().forEach(slot -> closeQuietly(slot.processor()));
    }

    private static void closeQuietly(AutoCloseable closeable) {
        try {
            closeable.close();
        } catch (Exception e) {
            LOG.log(System.Logger.Level.DEBUG, "close failed", e);
        }
    }
}
