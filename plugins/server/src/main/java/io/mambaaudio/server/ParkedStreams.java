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

/** Streams that lost their connection, as bytes, for a while. A stream that can be resumed has a place here from its start. Any thread. */
final class ParkedStreams {
    private static final long HAND_OVER_SECONDS = 15;

    private final Duration keep;
    private final int most;
    private final SecureRandom random = new SecureRandom();
    private final Map<String, Place> places = new ConcurrentHashMap<>();

    /**
     * A stream that stands still.
     *
     * @param state what its transcriber saved
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

    ParkedStreams(Duration keep, int most) {
        this.keep = keep;
        this.most = most;
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
            place.stream.complete(stream);
            while (parked() > most) {
                dropOldest();
            }
        }
    }

    /** The stream is over. */
    void forget(String id) {
        Place place = places.remove(id);
        if (place != null) {
            place.stream.cancel(false);
        }
    }

    /** Takes a stream out; one whose connection only seems to be there is taken away from it first. */
    Optional<Parked> take(String id) throws InterruptedException {
        Place place = places.get(id);
        if (place == null) {
            return Optional.empty();
        }
        if (!place.stream.isDone()) {
            place.link.cut(Closing.TAKEN_OVER);
        }
        try {
            Parked stream = place.stream.get(HAND_OVER_SECONDS, TimeUnit.SECONDS);
            return places.remove(id, place) ? Optional.of(stream) : Optional.empty();
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
    }

    private void dropOldest() {
        long now = System.nanoTime();
        places.entrySet().stream()
                .filter(e -> e.getValue().isParked())
                .max(Comparator.comparingLong(e -> now - e.getValue().sinceNanos()))
                .ifPresent(oldest -> places.remove(oldest.getKey(), oldest.getValue()));
    }
}
