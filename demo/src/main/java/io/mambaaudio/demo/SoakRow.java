package io.mambaaudio.demo;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What a stretch of a long stream took.
 *
 * @param untilHours simulated time at its end
 * @param heapBytes used after a collection at its end
 * @param stateBytes of the stream
 * @param medianMicros of the blocks in which the model made a step
 * @param meanMicros of the same
 * @param p99Micros of the same
 * @param worstMicros of the same
 * @param words finished in it
 */
record SoakRow(
        double untilHours,
        long heapBytes,
        long stateBytes,
        double medianMicros,
        double meanMicros,
        double p99Micros,
        double worstMicros,
        long words) {
    static final String HEADER = "  hours  heap MB  state bytes  step ms: median    mean     p99   worst    words";
    static final long HEAP_LIMIT_BYTES = 1_000_000;
    static final double STEP_LIMIT = 0.05;

    String line() {
        return String.format(
                Locale.ROOT,
                "%7.2f  %7.2f  %11d  %15.3f %7.3f %7.3f %7.2f  %7d",
                untilHours,
                heapBytes / 1e6,
                stateBytes,
                medianMicros / 1e3,
                meanMicros / 1e3,
                p99Micros / 1e3,
                worstMicros / 1e3,
                words);
    }

    Map<String, Object> fields() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("until_hours", untilHours);
        fields.put("heap_bytes", heapBytes);
        fields.put("state_bytes", stateBytes);
        fields.put("step_median_us", medianMicros);
        fields.put("step_mean_us", meanMicros);
        fields.put("step_p99_us", p99Micros);
        fields.put("step_worst_us", worstMicros);
        fields.put("words", words);
        return fields;
    }

    /** The largest rise from a row to a later one; what falls after the start is no leak. */
    static long heapGrowthBytes(List<SoakRow> rows) {
        long least = Long.MAX_VALUE;
        long growth = 0;
        for (SoakRow row : rows) {
            least = Math.min(least, row.heapBytes());
            growth = Math.max(growth, row.heapBytes() - least);
        }
        return growth;
    }

    /** How much longer the last row's step takes than the first's, as a share. */
    static double stepGrowth(List<SoakRow> rows) {
        return rows.getLast().medianMicros() / rows.getFirst().medianMicros() - 1;
    }

    /** What is not flat, a line each; empty if all is well. A time that is not a number is not well. */
    static List<String> brokenLimits(List<SoakRow> rows) {
        List<String> broken = new ArrayList<>();
        if (heapGrowthBytes(rows) > HEAP_LIMIT_BYTES) {
            broken.add("heap after collection grew by " + heapGrowthBytes(rows) + " bytes, limit " + HEAP_LIMIT_BYTES);
        }
        if (rows.stream().mapToLong(SoakRow::stateBytes).distinct().count() != 1) {
            broken.add("the state changed its size");
        }
        if (!(stepGrowth(rows) <= STEP_LIMIT)) {
            broken.add(String.format(
                    Locale.ROOT,
                    "the median step grew by %.1f %%, limit %.0f %%",
                    100 * stepGrowth(rows),
                    100 * STEP_LIMIT));
        }
        return broken;
    }
}
