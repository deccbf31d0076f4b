package io.mambaaudio.resample;

import io.mambaaudio.engine.AudioInput;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import javax.sound.sampled.AudioFormat;

/** Mono sound at another rate as bytes: 16-bit integers or 32-bit floats. One thread at a time. */
final class ResampledStream extends InputStream {
    private static final int BLOCK = 4096;

    private final AudioInput input;
    private final Resample resample;
    private final boolean floats;
    private final float[][] block; // (channels in, BLOCK)
    private final float[][] made; // (1, most that a block gives)
    private final ByteBuffer bytes; // what was made and not read yet
    private boolean ended;

    ResampledStream(AudioInput input, int rateHz, AudioFormat target) {
        this.input = input;
        this.resample = Resample.to(rateHz, true);
        resample.prepare(input.format(), BLOCK);
        this.floats = target.getEncoding().equals(AudioFormat.Encoding.PCM_FLOAT);
        this.block = new float[input.format().channels()][BLOCK];
        this.made = new float[1][resample.maxOutputFrames()];
        this.bytes = ByteBuffer.allocate(made[0].length * target.getFrameSize())
                .order(target.isBigEndian() ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN)
                .limit(0);
    }

    @Override
    public int read() throws IOException {
        return fill() ? bytes.get() & 0xFF : -1;
    }

    @Override
    public int read(byte[] to, int at, int length) throws IOException {
        int got = 0;
        while (got < length && fill()) {
            int count = Math.min(length - got, bytes.remaining());
            bytes.get(to, at + got, count);
            got += count;
        }
        return got == 0 && length > 0 ? -1 : got;
    }

    /** False at the end. */
    private boolean fill() throws IOException {
        while (!bytes.hasRemaining() && !ended) {
            int frames;
            try {
                frames = input.read(block, BLOCK);
            } catch (RuntimeException e) {
                throw new IOException(e.getMessage(), e);
            }
            ended = frames < 0;
            encode(ended ? resample.flush(made) : resample.convert(block, made, frames));
        }
        return bytes.hasRemaining();
    }

    private void encode(int frames) {
        bytes.clear();
        for (int i = 0; i < frames; i++) {
            float sample = made[0][i];
            if (floats) {
                bytes.putFloat(sample);
            } else {
                bytes.putShort((short) Math.clamp(Math.rint(sample * 32_768.0), Short.MIN_VALUE, Short.MAX_VALUE));
            }
        }
        bytes.flip();
    }

    @Override
    public void close() {
        input.close();
    }
}
