package io.mambaaudio.engine.device;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** WAV files chunk by chunk, with any mistake that a test wants. */
final class WavBytes {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    WavBytes(String riff, long size) {
        text(riff);
        u32(size);
        text("WAVE");
    }

    static WavBytes riff() {
        return new WavBytes("RIFF", 0xFFFF_FFFFL);
    }

    /** A plain fmt chunk. */
    WavBytes fmt(int tag, int channels, int rate, int sampleBytes, int bits) {
        text("fmt ");
        u32(16);
        return fmtBody(tag, channels, rate, sampleBytes, bits);
    }

    /** A fmt chunk of WAVE_FORMAT_EXTENSIBLE. */
    WavBytes extensible(int tag, int channels, int rate, int sampleBytes, int bits) {
        text("fmt ");
        u32(40);
        fmtBody(0xFFFE, channels, rate, sampleBytes, 8 * sampleBytes);
        u16(22);
        u16(bits);
        u32(3);
        u16(tag);
        // The rest of the sub-format's GUID: 0000-0010-8000-00AA00389B71.
        return raw(0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xAA, 0, 0x38, 0x9B, 0x71);
    }

    private WavBytes fmtBody(int tag, int channels, int rate, int sampleBytes, int bits) {
        u16(tag);
        u16(channels);
        u32(rate);
        u32((long) rate * channels * sampleBytes);
        u16(channels * sampleBytes);
        u16(bits);
        return this;
    }

    /** A chunk with its true size, padded to an even one. */
    WavBytes chunk(String id, byte[] body) {
        data(id, body.length, body);
        return body.length % 2 == 1 ? raw(0) : this;
    }

    /** A chunk with any size. */
    WavBytes data(String id, long size, byte[] body) {
        text(id);
        u32(size);
        bytes.writeBytes(body);
        return this;
    }

    WavBytes raw(int... values) {
        for (int value : values) {
            bytes.write(value);
        }
        return this;
    }

    byte[] bytes() {
        return bytes.toByteArray();
    }

    private void text(String text) {
        bytes.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
    }

    private void u16(int value) {
        raw(value & 0xFF, (value >> 8) & 0xFF);
    }

    private void u32(long value) {
        bytes.writeBytes(ByteBuffer.allocate(4)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt((int) value)
                .array());
    }
}
