package io.mambaaudio.engine;

import java.util.concurrent.locks.LockSupport;

/**
 * What a thread of the engine does when a round of its duty cycle found nothing to do. One object a thread; no allocation.
 *
 * @see EngineOptions#idle
 */
public interface IdleStrategy {
    /**
     * Called after every round.
     *
     * @param workCount what the round did; 0 is idle
     */
    void idle(int workCount);

    /**
     * Spins a little, then parks for times that double up to a limit: quick while sound flows, and next to
     * no load while there is none.
     *
     * @param maxParkNanos the longest park, which is also the delay that a block may get
     * @return a new strategy for one thread
     */
    static IdleStrategy backoff(long maxParkNanos) {
        if (maxParkNanos < 1_000 || maxParkNanos > 1_000_000_000L) {
            throw new IllegalArgumentException(
                    "maxParkNanos=" + maxParkNanos + " is out of range; choose 1000 to 1000000000");
        }
        return new IdleStrategy() {
            private static final int SPINS = 20;
            private int rounds;
            private long parkNanos = 1_000;

            @Override
            public void idle(int workCount) {
                if (workCount > 0) {
                    rounds = 0;
                    parkNanos = 1_000;
                } else if (rounds < SPINS) {
                    rounds++;
                    Thread.onSpinWait();
                } else {
                    LockSupport.parkNanos(parkNanos);
                    parkNanos = Math.min(2 * parkNanos, maxParkNanos);
                }
            }
        };
    }

    /**
     * Never gives the core away: the least delay, at the price of a core.
     *
     * @return a strategy
     */
    static IdleStrategy busySpin() {
        return workCount -> {
            if (workCount == 0) {
                Thread.onSpinWait();
            }
        };
    }
}
