package io.mambaaudio.flink.job;

import io.mambaaudio.flink.AudioBlock;
import io.mambaaudio.flink.KafkaTranscripts;
import io.mambaaudio.flink.RejectedBlock;
import io.mambaaudio.flink.TranscriptFunction;
import io.mambaaudio.flink.TranscriptRow;
import io.mambaaudio.flink.TranscriptSettings;
import io.mambaaudio.flink.Transcripts;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.runtime.client.JobExecutionException;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.util.ParameterTool;
import org.jspecify.annotations.Nullable;

/**
 * Transcribes an archive of recordings, or the live streams of a broker. Started with {@code java} it runs on a cluster inside this
 * JVM, started with {@code flink run} on the cluster there.
 */
public final class TranscribeJob {
    private static final String USAGE = """
            Usage: archive --in PATH[,PATH…] --out DIR     recordings to JSON Lines: a line an utterance, each once
                   live --brokers HOST:PORT --sound TOPIC --text TOPIC     from and to a Kafka-compatible broker
              --model PATH        a speech model (default: the shipped one)
              --parallelism N     subtasks (default: the processors of this machine)
              --checkpoints DIR   where checkpoints go (default: DIR/.checkpoints for archive; needed for live)
              --every SECONDS     between checkpoints (default: 10)
              --hotwords FILE, --lm FILE, --beam N     as of mamba-audio transcribe
            """;

    private static final Set<String> OPTIONS = Set.of(
            "in",
            "out",
            "brokers",
            "sound",
            "text",
            "model",
            "parallelism",
            "checkpoints",
            "every",
            "hotwords",
            "lm",
            "beam");

    private static final int ARCHIVE_BLOCK_MILLIS = 1000;
    private static final int RESTARTS = 10; // in a row

    private final ParameterTool options;

    private TranscribeJob(ParameterTool options) {
        this.options = options;
    }

    /** What a user got wrong, in one line. */
    private static final class UsageException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        UsageException(String message) {
            super(message);
        }
    }

    /**
     * Runs a job to its end.
     *
     * @param args see the usage, which is printed where there are none
     * @throws Exception if the job fails
     */
    public static void main(String[] args) throws Exception {
        if (args.length == 0 || Set.of("-h", "--help", "help").contains(args[0])) {
            System.out.print(USAGE);
            return;
        }
        try {
            String kind = args[0];
            new TranscribeJob(ParameterTool.fromArgs(Arrays.copyOfRange(args, 1, args.length))).run(kind);
        } catch (UsageException | IllegalArgumentException e) {
            fail(e, 2);
        } catch (JobExecutionException e) {
            fail(rootOf(e), 1);
        }
    }

    private static Throwable rootOf(Throwable e) {
        Throwable cause = e.getCause();
        return cause == null ? e : rootOf(cause);
    }

    private static void fail(Throwable e, int status) {
        System.err.println("transcribe: "
                + String.valueOf(e.getMessage()).lines().findFirst().orElse("failed without a reason"));
        System.exit(status);
    }

    private void run(String kind) throws Exception {
        Set<String> unknown = new TreeSet<>(options.toMap().keySet());
        unknown.removeAll(OPTIONS);
        if (!unknown.isEmpty()) {
            throw new UsageException("--" + unknown.iterator().next() + " is no option; see --help");
        }
        switch (kind) {
            case "archive" -> archive();
            case "live" -> live();
            default -> throw new UsageException(kind + " is no job; choose archive or live");
        }
    }

    private void archive() throws Exception {
        List<Path> recordings =
                Arrays.stream(required("in").split(",")).map(Path::of).toList();
        recordings.forEach(recording -> mustExist("in", recording));
        Path out = Path.of(required("out")).toAbsolutePath();
        StreamExecutionEnvironment env = environment(out.resolve(".checkpoints"));
        DataStream<AudioBlock> blocks = env.fromSource(
                Transcripts.archive(
                        recordings.stream().map(Path::toAbsolutePath).toList(), ARCHIVE_BLOCK_MILLIS),
                WatermarkStrategy.noWatermarks(),
                "recordings");
        SingleOutputStreamOperator<TranscriptRow> rows = Transcripts.transcribe(blocks, settings());
        rows.sinkTo(Transcripts.files(out)).name("text").uid("text");
        logRejected(rows);
        env.execute("mamba-audio archive");
    }

    private void live() throws Exception {
        String brokers = required("brokers");
        StreamExecutionEnvironment env = environment(null);
        DataStream<AudioBlock> blocks = env.fromSource(
                        KafkaTranscripts.blocks(brokers, required("sound"), "mamba-audio")
                                .build(),
                        Transcripts.soundTime(Duration.ofSeconds(10), Duration.ofSeconds(30)),
                        "sound")
                .uid("sound");
        SingleOutputStreamOperator<TranscriptRow> rows = Transcripts.transcribe(blocks, settings());
        rows.sinkTo(KafkaTranscripts.rows(brokers, required("text"), "mamba-audio-" + required("text")))
                .name("text")
                .uid("text");
        logRejected(rows);
        env.execute("mamba-audio live");
    }

    private static void logRejected(SingleOutputStreamOperator<TranscriptRow> rows) {
        DataStream<RejectedBlock> rejected = rows.getSideOutput(TranscriptFunction.REJECTED);
        rejected.printToErr("rejected").setParallelism(1);
    }

    private StreamExecutionEnvironment environment(@Nullable Path defaultCheckpoints) {
        String folder = options.get("checkpoints", defaultCheckpoints == null ? "" : defaultCheckpoints.toString());
        if (folder.isEmpty()) {
            throw new UsageException("--checkpoints is missing; name a folder that all machines see");
        }
        Configuration configuration = new Configuration()
                .set(CheckpointingOptions.CHECKPOINTING_INTERVAL, Duration.ofSeconds(number("every", 10)))
                .set(CheckpointingOptions.CHECKPOINT_STORAGE, "filesystem")
                .set(
                        CheckpointingOptions.CHECKPOINTS_DIRECTORY,
                        folder.contains("://")
                                ? folder
                                : Path.of(folder).toUri().toString())
                .set(RestartStrategyOptions.RESTART_STRATEGY, "exponential-delay")
                .set(RestartStrategyOptions.RESTART_STRATEGY_EXPONENTIAL_DELAY_ATTEMPTS, RESTARTS);
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment(configuration);
        env.getConfig().enableObjectReuse(); // blocks and rows never change, so that nothing need be copied
        if (options.has("parallelism")) {
            env.setParallelism(number("parallelism", 1));
        }
        return env;
    }

    private TranscriptSettings settings() {
        TranscriptSettings.Builder settings = TranscriptSettings.builder();
        if (options.has("model")) {
            settings.model(file("model"));
        }
        if (options.has("hotwords")) {
            settings.hotwords(file("hotwords"));
        }
        if (options.has("lm")) {
            settings.languageModel(file("lm"));
        }
        if (options.has("beam")) {
            settings.beam(number("beam", 1));
        }
        return settings.build();
    }

    /** Paths are checked here, where a mistake is one line, though the task managers look them up. */
    private Path file(String option) {
        Path path = Path.of(required(option)).toAbsolutePath();
        mustExist(option, path);
        return path;
    }

    private static void mustExist(String option, Path path) {
        if (!Files.exists(path)) {
            throw new UsageException("--" + option + " " + path + " is not there; give a path that exists");
        }
    }

    private int number(String option, int usual) {
        String text = options.get(option, String.valueOf(usual));
        try {
            int value = Integer.parseInt(text);
            if (value >= 1) {
                return value;
            }
        } catch (NumberFormatException e) {
            // said below
        }
        throw new UsageException(String.format(Locale.ROOT, "--%s %s is no number from 1 on", option, text));
    }

    private String required(String option) {
        String value = options.get(option);
        if (value == null) {
            throw new UsageException("--" + option + " is missing; see --help");
        }
        return value;
    }
}
