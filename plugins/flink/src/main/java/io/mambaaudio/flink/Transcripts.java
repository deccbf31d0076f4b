package io.mambaaudio.flink;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.connector.file.sink.FileSink;
import org.apache.flink.connector.file.src.FileSource;
import org.apache.flink.connector.file.src.enumerate.NonSplittingRecursiveEnumerator;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.functions.sink.filesystem.bucketassigners.BasePathBucketAssigner;
import org.apache.flink.streaming.api.functions.sink.filesystem.rollingpolicies.OnCheckpointRollingPolicy;

/** The pieces of a transcription job: from where the sound comes, what is heard, where the text goes. */
public final class Transcripts {
    private Transcripts() {}

    /**
     * Transcribes streams of sound, each by a transcriber of its own, wherever in the cluster.
     *
     * @param blocks the streams mixed; the blocks of one stream in order
     * @param settings how to recognise
     * @return the rows, those of one stream in order; what could not be used is its side output {@link TranscriptFunction#REJECTED}
     */
    public static SingleOutputStreamOperator<TranscriptRow> transcribe(
            DataStream<AudioBlock> blocks, TranscriptSettings settings) {
        return blocks.keyBy(AudioBlock::stream)
                .transform(
                        "transcribe",
                        TypeInformation.of(TranscriptRow.class),
                        new TranscriptOperator(new TranscriptFunction(settings)))
                .uid("transcribe");
    }

    /**
     * Event time of live streams: the position of their sound. A stream counts as idle only when all others have gone on.
     *
     * @param lateness by how much the sound of one stream may come later than that of another
     * @param quiet after so long without a block, a source is not waited for
     * @return timestamps and watermarks
     */
    public static WatermarkStrategy<AudioBlock> soundTime(Duration lateness, Duration quiet) {
        return WatermarkStrategy.<AudioBlock>forBoundedOutOfOrderness(lateness)
                .withTimestampAssigner((block, _) -> block.endMillis())
                .withIdleness(quiet);
    }

    /**
     * An archive of recordings: bounded, a file is a stream, named by its path.
     *
     * @param paths files and folders; of a folder all files but hidden ones
     * @param blockMillis length of a block; 1,000 is a good one
     * @return a source, for {@code WatermarkStrategy.noWatermarks()}: each recording has its own time, and its own end
     */
    public static FileSource<AudioBlock> archive(List<Path> paths, int blockMillis) {
        org.apache.flink.core.fs.Path[] places = paths.stream()
                .map(path -> new org.apache.flink.core.fs.Path(path.toUri()))
                .toArray(org.apache.flink.core.fs.Path[]::new);
        return FileSource.forBulkFileFormat(new RecordingFormat(blockMillis), places)
                .setFileEnumerator(NonSplittingRecursiveEnumerator::new)
                .build();
    }

    /**
     * Files of finished utterances, JSON Lines, in which every row is once: a file gets its name when the checkpoint that holds its
     * rows is complete. Rows of a stream are in order within a file; the names of the files have an order only until a job restarts, so
     * sort rows of several files by their start.
     *
     * @param folder where the files go
     * @return a sink
     */
    public static FileSink<TranscriptRow> files(Path folder) {
        return FileSink.forRowFormat(new org.apache.flink.core.fs.Path(folder.toUri()), new TranscriptEncoder())
                .withBucketAssigner(new BasePathBucketAssigner<>())
                .withRollingPolicy(OnCheckpointRollingPolicy.build())
                .build();
    }
}
