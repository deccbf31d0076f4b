package io.mambaaudio.tarsosdsp;

/** A place holder until the bridge lands. */
public final class MelFrameProcessor {
    private MelFrameProcessor() {}
}
