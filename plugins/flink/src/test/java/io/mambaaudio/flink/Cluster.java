package io.mambaaudio.flink;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.api.common.serialization.Encoder;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.HeartbeatManagerOptions;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.configuration.StateBackendOptions;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.connector.file.sink.FileSink;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.runtime.execution.ExecutionState;
import org.apache.flink.runtime.jobgraph.JobGraph;
import org.apache.flink.runtime.jobgraph.SavepointRestoreSettings;
import org.apache.flink.runtime.jobmaster.JobResult;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.minicluster.MiniClusterConfiguration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.filesystem.bucketassigners.BasePathBucketAssigner;
import org.apache.flink.streaming.api.functions.sink.filesystem.rollingpolicies.OnCheckpointRollingPolicy;

/** A cluster in this JVM whose task managers can be killed. */
final class Cluster implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final MiniCluster cluster;
    private final Configuration configuration;

    Cluster(Path folder, int taskManagers, int slots) throws Exception {
        this(folder, taskManagers, slots, Duration.ofMillis(300));
    }

    Cluster(Path folder, int taskManagers, int slots, Duration betweenCheckpoints) throws Exception {
        configuration = new Configuration()
                .set(CheckpointingOptions.CHECKPOINTING_INTERVAL, betweenCheckpoints)
                .set(
                        CheckpointingOptions.CHECKPOINTS_DIRECTORY,
                        folder.resolve("checkpoints").toUri().toString())
                .set(
                        CheckpointingOptions.SAVEPOINT_DIRECTORY,
                        folder.resolve("savepoints").toUri().toString())
                .set(CheckpointingOptions.CHECKPOINT_STORAGE, "filesystem")
                .set(StateBackendOptions.STATE_BACKEND, "hashmap")
                .set(RestartStrategyOptions.RESTART_STRATEGY, "fixed-delay")
                .set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_ATTEMPTS, 5)
                .set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_DELAY, Duration.ofMillis(200))
                .set(HeartbeatManagerOptions.HEARTBEAT_INTERVAL, Duration.ofMillis(500))
                .set(HeartbeatManagerOptions.HEARTBEAT_TIMEOUT, Duration.ofSeconds(20))
                .set(TaskManagerOptions.NETWORK_MEMORY_MAX, MemorySize.ofMebiBytes(16))
                .set(TaskManagerOptions.MANAGED_MEMORY_SIZE, MemorySize.ofMebiBytes(16))
                .set(PipelineOptions.GENERIC_TYPES, false);
        cluster = new MiniCluster(new MiniClusterConfiguration.Builder()
                .setConfiguration(configuration)
                .withRandomPorts()
                .setNumTaskManagers(taskManagers)
                .setNumSlotsPerTaskManager(slots)
                .build());
        cluster.start();
    }

    /** Starts a job. */
    JobID start(int parallelism, Consumer<StreamExecutionEnvironment> job) throws Exception {
        return start(parallelism, job, SavepointRestoreSettings.none());
    }

    JobID start(int parallelism, Consumer<StreamExecutionEnvironment> job, String savepoint) throws Exception {
        return start(parallelism, job, SavepointRestoreSettings.forPath(savepoint));
    }

    private JobID start(int parallelism, Consumer<StreamExecutionEnvironment> job, SavepointRestoreSettings from)
            throws Exception {
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment(configuration);
        env.setParallelism(parallelism);
        env.setMaxParallelism(32);
        job.accept(env);
        JobGraph graph = env.getStreamGraph().getJobGraph();
        graph.setSavepointRestoreSettings(from);
        return cluster.submitJob(graph).get().getJobID();
    }

    /** Waits for the end of a job, and throws what it failed with. */
    JobResult await(JobID job) throws Exception {
        JobResult result = cluster.requestJobResult(job).get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        result.toJobExecutionResult(Cluster.class.getClassLoader());
        return result;
    }

    void run(int parallelism, Consumer<StreamExecutionEnvironment> job) throws Exception {
        await(start(parallelism, job));
    }

    /** Flink declines a checkpoint before every task runs. */
    private void waitUntilAllTasksRun(JobID job) throws InterruptedException {
        waitUntil("all tasks run", () -> {
            for (var task : cluster.getExecutionGraph(job).join().getAllExecutionVertices()) {
                ExecutionState state = task.getExecutionState();
                if (state != ExecutionState.RUNNING && state != ExecutionState.FINISHED) {
                    return false;
                }
            }
            return true;
        });
    }

    void checkpoint(JobID job) throws Exception {
        waitUntilAllTasksRun(job);
        cluster.triggerCheckpoint(job).get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }

    /** Ends the job with a savepoint, whose place is returned. */
    String stop(JobID job) throws Exception {
        waitUntilAllTasksRun(job);
        return cluster.stopWithSavepoint(job, null, false, SavepointFormatType.CANONICAL)
                .get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }

    void cancel(JobID job) throws Exception {
        cluster.cancelJob(job).get();
    }

    /** As pulling the plug: what the task manager had not written is gone. Another one starts. */
    void killTaskManager(int index) throws Exception {
        cluster.terminateTaskManager(index).get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        cluster.startTaskManager();
    }

    JobStatus status(JobID job) throws Exception {
        return cluster.getJobStatus(job).get();
    }

    static void waitUntil(String what, BooleanSupplier condition) throws InterruptedException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > end) {
                throw new AssertionError("not after " + PATIENCE.toSeconds() + " s: " + what);
            }
            Thread.sleep(10);
        }
    }

    /** How large the newest checkpoint was and how long it took, from start to end. */
    CheckpointSize newestCheckpoint(JobID job) throws Exception {
        var stats = cluster.getExecutionGraph(job).get().getCheckpointStatsSnapshot();
        var newest = stats.getHistory().getLatestCompletedCheckpoint();
        long sync = 0;
        for (var task : newest.getAllTaskStateStats()) {
            for (var part : task.getSubtaskStats()) {
                sync = Math.max(sync, part == null ? 0 : part.getSyncCheckpointDuration());
            }
        }
        return new CheckpointSize(newest.getStateSize(), newest.getEndToEndDuration(), sync);
    }

    /** Bytes; milliseconds from trigger to end; milliseconds for which the slowest subtask stood still. */
    record CheckpointSize(long bytes, long millis, long syncMillis) {}

    /** All elements as they are, each once. */
    static <T> FileSink<T> sink(Path folder) {
        return FileSink.forRowFormat(new org.apache.flink.core.fs.Path(folder.toUri()), new Lines<T>())
                .withBucketAssigner(new BasePathBucketAssigner<>())
                .withRollingPolicy(OnCheckpointRollingPolicy.build())
                .build();
    }

    private static final class Lines<T> implements Encoder<T> {
        private static final long serialVersionUID = 1L;

        @Override
        public void encode(T row, OutputStream out) throws IOException {
            out.write((row + "\n").getBytes(StandardCharsets.UTF_8));
        }
    }

    /** The lines of all files that are complete. */
    static List<String> lines(Path folder) throws IOException {
        List<String> lines = new ArrayList<>();
        if (Files.isDirectory(folder)) {
            try (Stream<Path> files = Files.list(folder)) {
                for (Path file : files.sorted().toList()) {
                    if (!file.getFileName().toString().startsWith(".")) {
                        lines.addAll(Files.readAllLines(file));
                    }
                }
            }
        }
        return lines;
    }

    @Override
    public void close() {
        cluster.closeAsync().orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS).join();
    }
}
