package io.mambaaudio.server;

import io.mambaaudio.engine.StepScheduler;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Counts what the server does and writes it down in the text format of Prometheus. Any thread. */
final class Metrics {
    private static final String PREFIX = "mamba_audio_";
    private static final int BATCH_SIZES = 11; // up to 1,024

    private final Map<String, LongAdder> refused = new ConcurrentSkipListMap<>();
    private final Map<String, LongAdder> closed = new ConcurrentSkipListMap<>();
    private final Map<String, LongAdder> streams = new ConcurrentSkipListMap<>();
    private final LongAdder blocks = new LongAdder();
    private final LongAdder droppedBlocks = new LongAdder();
    private final LongAdder soundMillis = new LongAdder();
    private final LongAdder resumed = new LongAdder();
    private final LongAdder[] batches = // by the logarithm of their size, rounded up
            Stream.generate(LongAdder::new).limit(BATCH_SIZES).toArray(LongAdder[]::new);
    private final LongAdder batched = new LongAdder();

    /** What the rest of the server knows at this moment. */
    record Moment(
            int openStreams,
            int openUploads,
            int maxStreams,
            int parked,
            int saved,
            int connections,
            long steps,
            double stepSeconds,
            double worstStepSeconds,
            double secondsPerSecond,
            double load,
            int maxBatch,
            StepScheduler.Stats scheduler) {}

    void streamOpened(String protocol) {
        add(streams, protocol);
    }

    void streamRefused(Refused.Why why) {
        add(refused, why.name().toLowerCase(java.util.Locale.ROOT));
    }

    void streamResumed() {
        resumed.increment();
    }

    void clientClosed(Closing why) {
        add(closed, why.label());
    }

    /** A block of a client was heard. */
    void heard(int frames, int sampleRateHz) {
        blocks.increment();
        soundMillis.add(1000L * frames / sampleRateHz);
    }

    /** So many streams are about to be stepped together. */
    void batch(int streams) {
        int log = Integer.SIZE - Integer.numberOfLeadingZeros(streams - 1);
        batches[Math.min(log, BATCH_SIZES - 1)].increment();
        batched.add(streams);
    }

    /** A block came in and was not heard, because its client was closed. */
    void dropped() {
        droppedBlocks.increment();
    }

    private static void add(Map<String, LongAdder> counters, String label) {
        counters.computeIfAbsent(label, key -> new LongAdder()).increment();
    }

    /** The exposition format, version 0.0.4. */
    String text(Moment now) {
        Page page = new Page();
        page.value("streams", "gauge", "Live streams that are open", now.openStreams);
        page.value("uploads", "gauge", "Files that are being transcribed", now.openUploads);
        page.value("streams_limit", "gauge", "Live streams that can be open at once", now.maxStreams);
        page.value("streams_parked", "gauge", "Streams that lost their connection and can be resumed", now.parked);
        page.value("streams_saved", "gauge", "Those of whom there is a file", now.saved);
        page.value("connections", "gauge", "Network connections that are open", now.connections);
        page.values("streams_opened_total", "Streams that were admitted", "protocol", streams);
        page.values("streams_refused_total", "Streams that were not admitted", "reason", refused);
        page.value("streams_resumed_total", "counter", "Streams that went on after a lost connection", resumed.sum());
        page.values("clients_closed_total", "Clients whose connection ended, by reason", "reason", closed);
        page.value("blocks_total", "counter", "Blocks of sound that were heard", blocks.sum());
        page.value(
                "dropped_blocks_total",
                "counter",
                "Blocks that came in and were not heard, their client being closed",
                droppedBlocks.sum());
        page.value("sound_seconds_total", "counter", "Sound that was heard", soundMillis.sum() / 1000.0);
        page.value("steps_total", "counter", "Steps of the model", now.steps);
        page.value("step_seconds_total", "counter", "Time in steps of the model", now.stepSeconds);
        page.value("step_seconds_worst", "gauge", "The longest step of an open stream", now.worstStepSeconds);
        StepScheduler.Stats s = now.scheduler;
        page.value("queue", "gauge", "Slices of sound that wait for a thread", s.waiting());
        page.value("slices_total", "counter", "Slices of sound that were heard", s.runs());
        page.value("deadline_misses_total", "counter", "Slices that were heard after their deadline", s.misses());
        page.histogram("batch_streams", "Streams that were stepped together", batches, batched.sum());
        page.value("batch_streams_limit", "gauge", "The most streams that are stepped together", now.maxBatch);
        page.value("load", "gauge", "Share of the computing threads' time used in the last 5 s", now.load);
        page.value(
                "hears_seconds_per_second",
                "gauge",
                "Sound that can be heard in a second, as measured: at the start, or in the last 5 s if the load is over 0.4",
                now.secondsPerSecond);
        page.value("busy_seconds_total", "counter", "Time that the computing threads worked", s.busyNanos() / 1e9);
        page.value("slice_seconds_median", "gauge", "From due to heard, the median", s.medianNanos() / 1e9);
        page.value("slice_seconds_p99", "gauge", "From due to heard, the 99th percentile", s.p99Nanos() / 1e9);
        Runtime runtime = Runtime.getRuntime();
        page.value("heap_used_bytes", "gauge", "Heap in use", runtime.totalMemory() - runtime.freeMemory());
        page.value("heap_max_bytes", "gauge", "Heap that can be had", runtime.maxMemory());
        return page.toString();
    }

    /** Lines of the format. */
    private static final class Page {
        private final StringBuilder out = new StringBuilder();

        void value(String name, String type, String help, long value) {
            header(name, type, help);
            line(name, null, Long.toString(value));
        }

        void value(String name, String type, String help, double value) {
            header(name, type, help);
            line(name, null, Double.toString(value));
        }

        void values(String name, String help, String label, Map<String, LongAdder> values) {
            header(name, "counter", help);
            new TreeMap<>(values)
                    .forEach((key, value) -> line(name, label + "=\"" + key + "\"", Long.toString(value.sum())));
        }

        /** Counts by size, each size twice the one before. */
        void histogram(String name, String help, LongAdder[] counts, long sum) {
            header(name, "histogram", help);
            long total = 0;
            for (int i = 0; i < counts.length; i++) {
                total += counts[i].sum();
                String limit = i < counts.length - 1 ? Integer.toString(1 << i) : "+Inf";
                line(name + "_bucket", "le=\"" + limit + "\"", Long.toString(total));
            }
            line(name + "_sum", null, Long.toString(sum));
            line(name + "_count", null, Long.toString(total));
        }

        private void header(String name, String type, String help) {
            out.append("# HELP ")
                    .append(PREFIX)
                    .append(name)
                    .append(' ')
                    .append(help)
                    .append('\n');
            out.append("# TYPE ")
                    .append(PREFIX)
                    .append(name)
                    .append(' ')
                    .append(type)
                    .append('\n');
        }

        private void line(String name, @Nullable String label, String value) {
            out.append(PREFIX).append(name);
            if (label != null) {
                out.append('{').append(label).append('}');
            }
            out.append(' ').append(value).append('\n');
        }

        @Override
        public String toString() {
            return out.toString();
        }
    }
}
