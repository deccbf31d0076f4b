package io.mambaaudio.models;

import java.util.function.IntConsumer;

/**
 * How work that falls into independent parts is spread over threads. This library creates none; whoever owns some hands them in, for example
 * the common pool: {@code (parts, body) -> IntStream.range(0, parts).parallel().forEach(body)}.
 *
 * <p>What the parts are never depends on how many threads there are, and no two parts write one place: a result is the same bits on one thread
 * and on many.
 */
@FunctionalInterface
public interface Parallel {
    /** All parts one after the other on the calling thread. */
    Parallel SERIAL = (parts, body) -> {
        for (int part = 0; part < parts; part++) {
            body.accept(part);
        }
    };

    /**
     * Runs {@code body} once for every part and returns when all are done.
     *
     * @param parts how many there are, at least 0
     * @param body takes the number of a part, from 0; called from several threads at once
     */
    void run(int parts, IntConsumer body);
}
