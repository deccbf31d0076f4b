package io.mambaaudio.demo.desktop;

import io.mambaaudio.models.Backend;
import io.mambaaudio.models.Mamba;
import io.mambaaudio.speech.Transcriber;
import java.awt.EventQueue;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import javax.swing.SwingWorker;
import org.jspecify.annotations.Nullable;

/**
 * One take at a time: opens what was asked for, follows it to its end, then goes on with what waits. Event thread only; whatever may
 * take long is done by a background worker, and a device that does not answer is left to it.
 */
final class Conductor {
    /** What is going on. */
    enum Phase {
        /** Nothing. */
        IDLE,
        /** A device, a file or a model is being opened. */
        OPENING,
        /** Sound flows. */
        RUNNING,
        /** The last words are on their way. */
        STOPPING
    }

    /** Hears what changes, on the event thread. */
    interface Listener {
        /** Another {@link #phase}. */
        void phaseChanged();

        /** A take has begun. */
        void began(Source source, Take take);

        /** A take is over: its last words can be taken from it. A complaint is one line. */
        void ended(Optional<String> complaint);
    }

    /** Until then nobody wonders; from then on the window says what it waits for. */
    private static final long PATIENCE_NANOS = 3_000_000_000L;

    /** The engine leaves a device behind after two seconds; one that holds even that is left by us. */
    private static final long STOP_LIMIT_NANOS = 8_000_000_000L;

    private final Models models = new Models();
    private final Function<Mamba, Transcriber.Builder> recogniser;
    private final Listener listener;
    private final Deque<Source> waiting = new ArrayDeque<>();
    private Path model;
    private Backend backend;
    private Phase phase = Phase.IDLE;
    private long phaseNanos = System.nanoTime();
    private @Nullable Job job;

    Conductor(Setup setup, Listener listener) {
        this.recogniser = setup.recogniser();
        this.model = setup.model();
        this.backend = setup.backend();
        this.listener = listener;
    }

    Phase phase() {
        return phase;
    }

    /** What sounds or is about to. */
    Optional<Source> source() {
        return Optional.ofNullable(job).map(j -> j.source);
    }

    /** The take that runs, stops, or has just ended. */
    Optional<Take> take() {
        return Optional.ofNullable(job).map(j -> j.take);
    }

    /** What takes from now on are transcribed with. */
    void choose(Path newModel, Backend newBackend) {
        model = newModel;
        backend = newBackend;
    }

    /** Goes over to these sources, in order, as soon as what runs has come to its end. */
    void play(List<Source> sources) {
        waiting.clear();
        waiting.addAll(sources);
        if (phase == Phase.IDLE) {
            next();
        } else {
            end();
        }
    }

    /** Comes to an end: what was said is still transcribed, what waits is forgotten. */
    void stop() {
        waiting.clear();
        end();
    }

    private void end() {
        Job current = job;
        if (current == null) {
            return;
        }
        if (phase == Phase.OPENING) {
            leave(current);
        } else if (phase == Phase.RUNNING && current.take != null) {
            current.take.stop();
            enter(Phase.STOPPING);
        }
    }

    /** What the user should know while it takes so long, one line; to be asked now and then. */
    Optional<String> impatience() {
        long since = System.nanoTime() - phaseNanos;
        Job current = job;
        if (current == null || since < PATIENCE_NANOS || phase == Phase.IDLE || phase == Phase.RUNNING) {
            return Optional.empty();
        }
        if (phase == Phase.OPENING) {
            String what = current.modelReady ? Problem.sentence(current.source.name()) : "The model";
            return Optional.of(
                    what + " is not ready after " + since / 1_000_000_000L + " s; wait, stop, or choose another");
        }
        if (since > STOP_LIMIT_NANOS) {
            leave(current);
        }
        return Optional.of(Problem.sentence(current.source.name()) + " does not stop; it is left behind after "
                + STOP_LIMIT_NANOS / 1_000_000_000L + " s");
    }

    private void leave(Job left) {
        left.abandoned = true;
        listener.ended(Optional.empty());
        job = null;
        enter(Phase.IDLE);
        next();
    }

    private void next() {
        @Nullable Source source = waiting.poll();
        if (source != null) {
            Job begun = new Job(source);
            job = begun;
            enter(Phase.OPENING);
            begun.execute();
        }
    }

    private void enter(Phase newPhase) {
        phase = newPhase;
        phaseNanos = System.nanoTime();
        listener.phaseChanged();
    }

    /** Reads and warms the model beforehand and finds out where it can compute; the answer comes on the event thread. */
    void preload(Consumer<Preloaded> answer, Consumer<String> complaint) {
        Path wanted = model;
        Backend where = backend;
        new SwingWorker<Preloaded, Void>() {
            @Override
            protected Preloaded doInBackground() {
                Mamba opened = models.open(wanted);
                models.warmUp(() -> recogniser.apply(opened).backend(where));
                return new Preloaded(opened.describe(), Models.backends(opened));
            }

            @Override
            protected void done() {
                try {
                    answer.accept(get());
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                } catch (ExecutionException e) {
                    complaint.accept(Problem.line(cause(e)));
                }
            }
        }.execute();
    }

    /** What is known of a model: in one line, and where it computes. */
    record Preloaded(String description, List<Backend> backends) {}

    private static Throwable cause(ExecutionException e) {
        return e.getCause() == null ? e : e.getCause();
    }

    /** A source on its way: one background worker from before it is opened until after its last word. */
    private final class Job extends SwingWorker<Optional<String>, Void> {
        private final Source source;
        private final Path jobModel = model;
        private final Backend jobBackend = backend;
        private volatile boolean abandoned;
        private volatile boolean modelReady;
        private @Nullable Take take; // event thread

        Job(Source source) {
            this.source = source;
        }

        @Override
        protected Optional<String> doInBackground() throws InterruptedException {
            Mamba opened = models.open(jobModel);
            Supplier<Transcriber.Builder> builder =
                    () -> recogniser.apply(opened).backend(jobBackend);
            if (source.live()) {
                models.warmUp(builder); // other sources wait until their sound is wanted
            }
            modelReady = true;
            Transcriber.Builder ready = builder.get();
            try (Take begun = Take.open(source.open().get(), ready)) {
                if (abandoned) {
                    return Optional.empty();
                }
                begun.start();
                EventQueue.invokeLater(() -> begun(begun)); // publish() may come later than done()
                if (abandoned) {
                    begun.stop();
                }
                begun.await();
                return begun.complaint();
            }
        }

        private void begun(Take begun) {
            if (!abandoned) {
                take = begun;
                listener.began(source, begun);
                enter(Phase.RUNNING);
            }
        }

        @Override
        protected void done() {
            if (abandoned) {
                return;
            }
            listener.ended(result());
            job = null;
            enter(Phase.IDLE);
            next();
        }

        private Optional<String> result() {
            try {
                return get().map(Problem::sentence);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return Optional.empty();
            } catch (ExecutionException e) {
                return Optional.of(Problem.line(cause(e)));
            }
        }
    }
}
