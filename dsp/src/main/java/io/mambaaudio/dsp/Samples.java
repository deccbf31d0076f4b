package io.mambaaudio.dsp;

/** How samples enter this package. */
final class Samples {
    private Samples() {}

    /** Copies; what is not a number or infinite becomes silence, so that one bad sample cannot spread through a filter. */
    static void copyFinite(float[] from, int fromOffset, float[] to, int toOffset, int count) {
        for (int i = 0; i < count; i++) {
            float sample = from[fromOffset + i];
            to[toOffset + i] = Math.abs(sample) <= Float.MAX_VALUE ? sample : 0;
        }
    }
}
