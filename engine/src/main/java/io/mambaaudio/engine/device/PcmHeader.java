package io.mambaaudio.engine.device;

import io.mambaaudio.engine.SampleEncoding;
import io.mambaaudio.engine.StreamFormat;
import java.util.OptionalLong;

/**
 * What a file says before its first sample.
 *
 * @param encoding of a sample; fewer bits in a larger container are at the container's upper end
 * @param format rate and channels
 * @param frames the length, where the header knows it
 */
record PcmHeader(SampleEncoding encoding, StreamFormat format, OptionalLong frames) {}
