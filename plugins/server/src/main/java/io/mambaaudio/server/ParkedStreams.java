package io.mambaaudio.server;

import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Streams that lost their connection, as bytes, for a while: in memory, and if there is a folder for them, there too and for longer. A
 * stream that can be resumed has a place here from its start. Any thread.
 */
final class ParkedStreams implements AutoCloseable {
    private static final long HAND_OVER_SECONDS = 15;

    private final Duration keep;
    private final int most;
    private final Optional<StateFolder> folder;
    private final SecureRandom random = new SecureRandom();
    private final Map<String, Place> places = new ConcurrentHashMap<>();

    /**
     * A stream that stands still.
     *
     * @param state what its transcriber saved, all of an array
     * @param config what its client asked for
     * @param samples that it has heard
     * @param results told so far, over the whole stream
     * @param lastResults the newest of them
     * @param partial text of the utterance that is not finished
     * @param sinceNanos on the clock of {@link System#nanoTime}
     */
    record Parked(
            ByteBuffer state,
            VoskConfig config,
            long samples,
            long results,
            List<String> lastResults,
            String partial,
            long sinceNanos) {}

    private record Place(Link link, CompletableFuture<Parked> stream) {
        boolean isParked() {
            return stream.isDone() && !stream.isCancelled();
        }

        long sinceNanos() {
            return stream.join().sinceNanos();
        }
    }

    /**
     * Without streams, but for those in the folder.
     *
     * @param keep how long a stream waits in memory
     * @param most streams in memory
     */
    ParkedStreams(Duration keep, int most, Optional<StateFolder> folder) {
        this.keep = keep;
        this.most = most;
        this.folder = folder;
    }

    /** A name that nobody can guess, for a stream over this connection. */
    String register(Link link) {
        byte[] id = new byte[16];
        random.nextBytes(id);
        String name = HexFormat.of().formatHex(id);
        register(name, link);
        return name;
    }

    /** The same stream over another connection. */
    void register(String id, Link link) {
        places.put(id, new Place(link, new CompletableFuture<>()));
    }

    /** The stream's connection is gone. The oldest are let go when there are too many. */
    void park(String id, Parked stream) {
        Place place = places.get(id);
        if (place != null) {
            folder.ifPresent(f -> f.save(id, stream)); // before anybody can take it
            place.stream.complete(stream);
            while (parked() > most) {
                dropOldest();
            }
        }
    }

    /** The stream is over. */
    void forget(String id) {
        folder.ifPresent(f -> f.remove(id));
        Place place = places.remove(id);
        if (place != null) {
            place.stream.cancel(false);
        }
    }

    /** Takes a stream out; one whose connection only seems to be there is taken away from it first. */
    Optional<Parked> take(String id) throws InterruptedException {
        Place place = places.get(id);
        if (place == null) {
            return folder.flatMap(f -> f.take(id));
        }
        if (!place.stream.isDone()) {
            place.link.cut(Closing.TAKEN_OVER);
        }
        try {
            Parked stream = place.stream.get(HAND_OVER_SECONDS, TimeUnit.SECONDS);
            if (!places.remove(id, place)) {
                return Optional.empty();
            }
            folder.ifPresent(f -> f.remove(id));
            return Optional.of(stream);
        } catch (ExecutionException | TimeoutException | CancellationException e) {
            return Optional.empty();
        }
    }

    int parked() {
        return (int) places.values().stream().filter(Place::isParked).count();
    }

    /** Once a second, by one thread: lets those go that waited long enough. */
    void tick() {
        long now = System.nanoTime();
        places.values().removeIf(p -> p.isParked() && now - p.sinceNanos() > keep.toNanos());
        folder.ifPresent(StateFolder::tick);
    }

    /** Streams in the folder. */
    int saved() {
        return folder.map(StateFolder::count).orElse(0);
    }

    @Override
    public void close() {
        folder.ifPresent(StateFolder::close);
    }

    private void dropOldest() {
        long now = System.nanoTime();
        places.entrySet().stream()
                .filter(e -> e.getValue().isParked())
                .max(Comparator.comparingLong(e -> now - e.getValue().sinceNanos()))
                .ifPresent(oldest -> places.remove(oldest.getKey(), oldest.getValue()));
    }
}
