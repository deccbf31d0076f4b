package io.mambaaudio.models;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.CRC32C;

/** Two independent checksums side by side: a guard against mix-ups, not against forgery. */
final class Fingerprint {
    private static final long SLICE = 1L << 30;

    private Fingerprint() {}

    static long of(List<MemorySegment> data, String description) {
        CRC32C left = new CRC32C();
        CRC32 right = new CRC32();
        byte[] text = description.getBytes(StandardCharsets.UTF_8);
        left.update(text);
        right.update(text);
        for (MemorySegment segment : data) {
            for (long at = 0; at < segment.byteSize(); at += SLICE) {
                ByteBuffer slice = segment.asSlice(at, Math.min(SLICE, segment.byteSize() - at))
                        .asByteBuffer();
                left.update(slice.duplicate());
                right.update(slice);
            }
        }
        return left.getValue() << 32 | right.getValue();
    }
}
