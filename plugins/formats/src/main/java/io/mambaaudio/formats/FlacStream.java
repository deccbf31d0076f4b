package io.mambaaudio.formats;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;

/** FLAC frames as interleaved little-endian integers, the bits at the upper end of their bytes. */
final class FlacStream extends PcmStream {
    private final InputStream file;
    private final FlacInfo info;
    private final FlacFrames frames;
    private long decoded;

    FlacStream(InputStream file, FlacInfo info) {
        this.file = file;
        this.info = info;
        this.frames = new FlacFrames(file, info);
    }

    @Override
    boolean decode() throws IOException {
        boolean done = info.totalSamples() > 0 && decoded >= info.totalSamples();
        int count = done ? -1 : next();
        if (count < 0) {
            if (decoded < info.totalSamples() || (info.totalSamples() == 0 && frames.damaged() > 0)) {
                throw new EOFException("of frames="
                        + (info.totalSamples() == 0 ? "unknown" : info.totalSamples()) + ", " + decoded
                        + " are there and undamaged");
            }
            return false;
        }
        interleave(count);
        decoded += count;
        return true;
    }

    /** The next frame's length; −1 at the end of the file, be it between two frames or within one. */
    private int next() throws IOException {
        try {
            return frames.next();
        } catch (EOFException e) {
            return -1;
        }
    }

    private void interleave(int count) {
        int sampleBytes = info.sampleBytes();
        int frameBytes = info.channels() * sampleBytes;
        byte[] room = room(count * frameBytes);
        int shift = 8 * sampleBytes - info.bits();
        for (int c = 0; c < info.channels(); c++) {
            int[] samples = frames.samples()[c];
            for (int i = 0, at = c * sampleBytes; i < count; i++, at += frameBytes) {
                int value = samples[i] << shift;
                for (int b = 0; b < sampleBytes; b++) {
                    room[at + b] = (byte) (value >> (8 * b));
                }
            }
        }
        give(0, count * frameBytes);
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
