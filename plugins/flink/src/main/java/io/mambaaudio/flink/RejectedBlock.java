package io.mambaaudio.flink;

/**
 * A block that could not be used. Its stream has failed and says no more; all others go on.
 *
 * @param stream the stream's name
 * @param position of the block's first sample
 * @param reason one line
 */
public record RejectedBlock(String stream, long position, String reason) {}
