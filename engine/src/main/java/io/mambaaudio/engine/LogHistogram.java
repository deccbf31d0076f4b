package io.mambaaudio.engine;

import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Durations counted in buckets that grow by a sixteenth: a fixed 8 kB, at most 6.25 % too high, no allocation. One thread
 * records, any may read.
 */
final class LogHistogram {
    private static final int SUB_BITS = 4;
    private static final int SUB = 1 << SUB_BITS;

    private final AtomicLongArray counts = new AtomicLongArray((64 - SUB_BITS + 1) * SUB);

    void record(long nanos) {
        int bucket = bucket(Math.max(0, nanos));
        counts.lazySet(bucket, counts.getPlain(bucket) + 1);
    }

    /** The least bucket limit that at least {@code fraction} of the values do not exceed; 0 without values. */
    long atFraction(double fraction) {
        if (!(fraction > 0 && fraction <= 1)) {
            throw new IllegalArgumentException(
                    "fraction=" + fraction + " is out of range; choose more than 0, at most 1");
        }
        long total = 0;
        for (int i = 0; i < counts.length(); i++) {
            total += counts.get(i);
        }
        long wanted = Math.max(1, (long) Math.ceil(fraction * total));
        long seen = 0;
        for (int i = 0; i < counts.length() && total > 0; i++) {
            seen += counts.get(i);
            if (seen >= wanted) {
                return limit(i);
            }
        }
        return 0;
    }

    /** Values below 16 have a bucket each; above, the four bits after the leading one choose. */
    private static int bucket(long nanos) {
        if (nanos < SUB) {
            return (int) nanos;
        }
        int shift = 63 - SUB_BITS - Long.numberOfLeadingZeros(nanos);
        return (shift + 1) * SUB + (int) (nanos >>> shift) - SUB;
    }

    /** The largest value of a bucket. */
    private static long limit(int bucket) {
        if (bucket < SUB) {
            return bucket;
        }
        int shift = bucket / SUB - 1;
        long mantissa = SUB + (long) (bucket % SUB);
        return ((mantissa + 1) << shift) - 1;
    }
}
