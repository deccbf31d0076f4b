/**
 * Live transcription on Apache Flink: {@link io.mambaaudio.flink.Transcripts} turns a stream of {@link io.mambaaudio.flink.AudioBlock}s
 * of many speakers into {@link io.mambaaudio.flink.TranscriptRow}s. The key is the stream's name, the keyed state is what a
 * transcriber saves: a fixed number of bytes, whatever the length of the stream. With checkpoints the rows are the same, each once,
 * whether or not machines fail or the job is rescaled.
 *
 * <p>These classes live on the class path: Flink's jars share packages, so that no module descriptor can require them. Start the JVM
 * with {@code --add-modules jdk.incubator.vector}.
 */
@NullMarked
package io.mambaaudio.flink;

import org.jspecify.annotations.NullMarked;
