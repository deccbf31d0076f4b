package io.mambaaudio.engine.device;

import io.mambaaudio.engine.AudioInput;
import io.mambaaudio.engine.StreamFormat;
import java.util.Arrays;
import java.util.OptionalLong;

/** Digital silence. */
public final class SilenceInput implements AudioInput {
    private final StreamFormat format;
    private final long total;
    private long left;

    /** Silence of a length; {@link Long#MAX_VALUE} is without end. */
    public SilenceInput(StreamFormat format, long frames) {
        if (frames < 0) {
            throw new IllegalArgumentException("frames=" + frames + " is out of range; choose 0 or more");
        }
        this.format = format;
        this.total = frames;
        this.left = frames;
    }

    @Override
    public String name() {
        return "silence";
    }

    @Override
    public StreamFormat format() {
        return format;
    }

    @Override
    public int read(float[][] block, int maxFrames) {
        int frames = (int) Math.min(maxFrames, left);
        if (frames == 0) {
            return -1;
        }
        for (float[] channel : block) {
            Arrays.fill(channel, 0, frames, 0);
        }
        left -= total == Long.MAX_VALUE ? 0 : frames;
        return frames;
    }

    @Override
    public OptionalLong totalFrames() {
        return total == Long.MAX_VALUE ? OptionalLong.empty() : OptionalLong.of(total);
    }

    @Override
    public void close() {}
}
