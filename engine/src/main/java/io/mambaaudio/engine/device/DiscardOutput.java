package io.mambaaudio.engine.device;

import io.mambaaudio.engine.AudioOutput;
import io.mambaaudio.engine.StreamFormat;

/** Throws all away. */
public final class DiscardOutput implements AudioOutput {
    @Override
    public String name() {
        return "nowhere";
    }

    @Override
    public void open(StreamFormat format) {}

    @Override
    public void write(float[][] block, int frames) {}

    @Override
    public boolean wantsFrames() {
        return false;
    }

    @Override
    public void close() {}
}
